package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// The bystanders: a trader's programs, which nobody may touch. They write down
// every signal that reaches them. Their environment, not their arguments, says what
// they are, so that they can look like something else.
const (
	bystanderVariable = "CHAOS_BYSTANDER" // the file for the signals
	clientVariable    = "CHAOS_CLIENT"    // the API port, for a client of it
)

// A bystander is one such process.
type bystander struct {
	*exec.Cmd
	signals string
}

// startBystander runs this program under another command line.
func (w *world) startBystander(apiPort int, argv ...string) (*bystander, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	b := &bystander{Cmd: exec.Command(exe), signals: fmt.Sprintf("%s/bystander-%d", w.dir, len(w.bystanders))}
	b.Args = argv
	b.Env = []string{bystanderVariable + "=" + b.signals}
	if apiPort != 0 {
		b.Env = append(b.Env, fmt.Sprint(clientVariable, "=", apiPort))
	}
	b.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := b.Start(); err != nil {
		return nil, err
	}
	w.bystanders = append(w.bystanders, b)
	return b, nil
}

// bystanderMain is that process. It ends when its parent has.
func bystanderMain(file string) {
	signals := make(chan os.Signal, 10)
	signal.Notify(signals) // all of them
	go func() {
		for s := range signals {
			if s != syscall.SIGURG && s != syscall.SIGCHLD { // the Go runtime's own
				appendTo(file, s.String()+"\n")
			}
		}
	}()
	if port := os.Getenv(clientVariable); port != "" {
		go apiClient(port)
	}
	parent := os.Getppid()
	for os.Getppid() == parent {
		time.Sleep(200 * time.Millisecond)
	}
}

func appendTo(file, text string) {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.WriteString(text) // nobody could be told
}

// apiClient is a well-behaved client of the API: it waits for its handshake, asks
// for the time, and comes back when the Gateway does.
func apiClient(port string) {
	for ; ; time.Sleep(300 * time.Millisecond) {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			continue
		}
		_ = useAPI(conn) // it ends when the Gateway does
		conn.Close()
	}
}

func useAPI(conn net.Conn) error {
	hello := append([]byte("API\x00"), apiFrame("v100..187")...)
	if _, err := conn.Write(hello); err != nil {
		return err
	}
	head := make([]byte, 4)
	if _, err := io.ReadFull(conn, head); err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(head))); err != nil {
		return err
	}
	if _, err := conn.Write(apiFrame("71\x002\x0042\x00\x00")); err != nil { // startAPI as client 42
		return err
	}
	go func() { // asks for the time until the connection ends
		for {
			time.Sleep(400 * time.Millisecond)
			if _, err := conn.Write(apiFrame("49\x001\x00")); err != nil {
				return
			}
		}
	}()
	_, err := io.Copy(io.Discard, conn)
	return err
}

func apiFrame(text string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(text))), text...)
}

// checkBystanders finds those that were touched.
func (w *world) checkBystanders() {
	for _, b := range w.bystanders {
		if signals, err := os.ReadFile(b.signals); err == nil {
			w.note("nothing is killed that is not ours to kill", fmt.Sprintf("a bystander (%s) got %q", strings.Join(b.Args, " "), signals))
		}
		if state := stateOf(b.Process.Pid); state != 'S' && state != 'R' && state != 'D' {
			w.note("nothing is killed that is not ours to kill", fmt.Sprintf("a bystander (%s) is in the state %c", strings.Join(b.Args, " "), state))
		}
	}
}
