package e2e

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

var loads = flag.Int("loads", 0, "measure so many times how soon a killed Gateway is seen under load")

// A load is what keeps Gatelight busy at the moment of a kill.
type load struct {
	logins     int // lines of login attempts in IBC's log, all at once
	closeWaits int // sockets that the Gateway does not close
	readers    int // of /v1/watch, which never read
}

// A kill is seen whatever else there is to do. Without -loads the load is a small
// one, and there is no limit: this machine may have other things to do.
func TestAKilledGatewayIsSeenUnderLoad(t *testing.T) {
	times, of := 1, load{logins: 5_000, closeWaits: 200, readers: 20}
	if *loads > 0 {
		times, of = *loads, load{logins: 100_000, closeWaits: 15_000, readers: 200}
	}
	b := newHarness(t, quick)
	serve := b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	var seen, down, needed []time.Duration
	for range times {
		before := cpu(t, serve.Process.Pid)
		s, d := b.killUnder(of)
		seen, down, needed = append(seen, s), append(down, d), append(needed, cpu(t, serve.Process.Pid)-before)
	}
	if *loads > 0 {
		fmt.Printf("%d times, with %d login lines, %d CLOSE_WAITs and\n%d readers that never read, from SIGKILL to   median    worst\n", times, of.logins, of.closeWaits, of.readers)
		row("the changed state on /v1/watch", seen)
		row("down on /v1/watch", down)
		fmt.Println("and of the processor, from the start of the Gateway on:")
		row("what serve has needed", needed)
	}
}

// killUnder starts the Gateway, kills it under that load, and gives the times from
// the kill to a changed state and to the state down.
func (b *harness) killUnder(of load) (seen, down time.Duration) {
	b.t.Helper()
	if out, code := b.run("start"); code != 0 {
		b.t.Fatal(out)
	}
	g := b.await("connected", in("connected"))
	b.control("stick")
	const atOnce = 1000 // which takes less than the time for a control command
	for left := of.closeWaits; left > 0; left -= atOnce {
		b.control(fmt.Sprintf("probe %d 1ms", min(left, atOnce)))
	}
	b.await("all zombies", func(g status.Gateway) bool { return len(g.Zombies) >= of.closeWaits })

	watch := b.watchStates()
	for range of.readers {
		defer b.openWatch().Close()
	}
	log, err := os.OpenFile(filepath.Join(b.dir, "state", "log", "ibc-paper.log"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	line := time.Now().Format("2006-01-02 15:04:05") + ":000 IBC: Click button: Log In\n"
	if _, err := log.WriteString(strings.Repeat(line, of.logins)); err != nil {
		b.t.Fatal(err)
	}
	killed := time.Now()
	if err := syscall.Kill(*g.Listener.PID, syscall.SIGKILL); err != nil {
		b.t.Fatal(err)
	}
	for state := range watch {
		if seen == 0 && state != string(supervisor.Zombies) {
			seen = time.Since(killed)
		}
		if state == string(supervisor.Down) {
			return seen, time.Since(killed)
		}
	}
	b.t.Fatal("the watch has ended")
	return 0, 0
}

// openWatch opens a watch from which nobody reads yet.
func (b *harness) openWatch() net.Conn {
	b.t.Helper()
	conn, err := net.Dial("unix", b.socket())
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := conn.Write([]byte("GET /v1/watch HTTP/1.1\r\nHost: gatelight\r\n\r\n")); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// watchStates gives the states of the only Gateway. It does not decode the
// documents, which would take the time that is to be measured.
func (b *harness) watchStates() <-chan string {
	conn := b.openWatch()
	b.t.Cleanup(func() { conn.Close() })
	states := make(chan string)
	go func() {
		defer close(states)
		_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
		for r := bufio.NewReaderSize(conn, 1<<20); ; {
			line, err := r.ReadBytes('\n')
			if err != nil {
				return
			}
			if _, rest, ok := bytes.Cut(line[:min(len(line), 4096)], []byte(`"state":"`)); ok {
				state, _, _ := bytes.Cut(rest, []byte(`"`))
				select {
				case states <- string(state):
				case <-b.t.Context().Done():
					return
				}
			}
		}
	}()
	return states
}
