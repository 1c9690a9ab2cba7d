package status

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A commandConn is a connection through a command's stdin and stdout.
type commandConn struct {
	cmd    *exec.Cmd
	name   string
	stdin  io.WriteCloser
	stdout *os.File
	stderr *lastBytes
	ended  chan struct{} // closed when the command has ended and everything it said is here
}

// A commandEnded is why a connection has ended: in the last words of its command.
type commandEnded struct{ text string }

func (e commandEnded) Error() string { return e.text }

// endsWithin is how long a command may take to end once its stdin is closed.
const endsWithin = 2 * time.Second

// startCommand starts the command. It has no terminal and no window, so that it
// cannot ask for a password: the light connects again and again, by itself.
func startCommand(command []string) (net.Conn, error) {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "SSH_ASKPASS_REQUIRE=never")
	detach(cmd)
	c := &commandConn{cmd: cmd, name: filepath.Base(command[0]), stderr: &lastBytes{}, ended: make(chan struct{})}
	cmd.Stderr = c.stderr
	cmd.WaitDelay = endsWithin // a child of the command may hold its stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, out, err := os.Pipe() // cmd's own pipe would be closed with what is not read yet
	if err != nil {
		stdin.Close()
		return nil, err
	}
	cmd.Stdout = out
	err = cmd.Start()
	out.Close()
	if err != nil {
		stdin.Close()
		stdout.Close()
		return nil, fmt.Errorf("cannot run %s: %w", c.name, err)
	}
	c.stdin, c.stdout = stdin, stdout
	go func() { // it ends with the command, which Close ends
		defer close(c.ended)
		_ = cmd.Wait() // how it ends is told by what it says
	}()
	return c, nil
}

// Close implements [net.Conn]. It closes the command's stdin, kills the command
// when that does not end it, and returns when it has ended.
func (c *commandConn) Close() error {
	_ = c.stdin.Close() // it may be closed by the command's end
	kill := time.AfterFunc(endsWithin, func() { _ = c.cmd.Process.Kill() })
	defer kill.Stop()
	<-c.ended
	return c.stdout.Close()
}

// Read implements [net.Conn]. The error at the end is a [commandEnded].
func (c *commandConn) Read(b []byte) (int, error) {
	n, err := c.stdout.Read(b)
	if n > 0 || err == nil {
		return n, nil
	}
	return 0, c.whyEnded()
}

// Write implements [net.Conn].
func (c *commandConn) Write(b []byte) (int, error) {
	n, err := c.stdin.Write(b)
	if err != nil {
		err = c.whyEnded()
	}
	return n, err
}

func (c *commandConn) whyEnded() error {
	select {
	case <-c.ended:
	case <-time.After(endsWithin): // it has closed its stdin or stdout alone
	}
	return commandEnded{cmp.Or(c.stderr.line(), c.name+" has ended")}
}

// The other methods of [net.Conn]. Who uses one has limits of time of its own.
func (c *commandConn) LocalAddr() net.Addr              { return commandAddr(c.name) }
func (c *commandConn) RemoteAddr() net.Addr             { return commandAddr(c.name) }
func (c *commandConn) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (c *commandConn) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (c *commandConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

type commandAddr string

func (commandAddr) Network() string  { return "command" }
func (a commandAddr) String() string { return string(a) }

// lastBytes keeps the end of what is written to it.
type lastBytes struct {
	mu   sync.Mutex
	text []byte
}

const keptBytes = 1 << 10

// Write implements [io.Writer].
func (l *lastBytes) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, b...)
	l.text = bytes.Clone(l.text[max(0, len(l.text)-keptBytes):])
	return len(b), nil
}

// line is the last line that says something.
func (l *lastBytes) line() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(l.text)), "\n")
	return supervisor.CleanText(strings.TrimSpace(lines[len(lines)-1]), 200)
}
