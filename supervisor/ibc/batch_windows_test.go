package ibc

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// These tests go through IBC's batch file and cmd.exe.

// endRun ends a batch file, and all that it has started.
func endRun(pid int) {
	for _, pid := range append(descendants(pid), pid) {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill() // it may have ended
			_ = p.Release()
		}
	}
}

func seen(pid int) func([]supervisor.Event) bool {
	return func(events []supervisor.Event) bool {
		for _, e := range events {
			if s, ok := e.(supervisor.GatewaySeen); ok && s.PID == pid && s.By == supervisor.ByGatelight {
				return true
			}
		}
		return false
	}
}

// A wineReader says what Wine 8 does not: to which process a socket belongs. On
// Windows itself, and under a newer Wine, it has nothing to add.
type wineReader struct {
	supervisor.SocketReader
	h *harness
}

func (w wineReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	table, err := w.SocketReader.Look(ctx, ports)
	for port, view := range table.Ports {
		if view.Listener == nil || view.Listener.Process.PID != 0 {
			continue
		}
		l := *view.Listener
		for _, line := range w.h.processes() { // both ports are Java's
			if strings.Contains(line, mainClasses[0]) {
				fmt.Sscan(line, &l.Process.PID)
			}
		}
		view.Listener = &l
		table.Ports[port] = view
	}
	return table, err
}

func TestABatchFileIsStartedAdoptedAndStopped(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	h.o.Sockets = wineReader{h.o.Sockets, h}
	first := h.follow()
	first.startsAndLogsIn()
	pid := first.pid()
	first.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning)
	first.quit()

	second := h.follow()
	second.waitFor(seen(pid))
	second.performs(supervisor.Stop)
	testkit.Eventually(t, "all processes have ended", func() bool { return len(h.processes()) == 0 })
	if h.portIsOpen() || New(h.o).Running() != nil {
		t.Error("it is taken for running")
	}
}

// Windows has no signal that asks: without a command server all processes of the
// run are ended, and no other.
func TestABatchFileWithoutACommandServerIsKilledWithAllThatItStarted(t *testing.T) {
	other := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	bystander := other.follow()
	bystander.startsAndLogsIn()
	h := install(t, simgateway.Options{})
	f := h.follow()
	f.startsAndLogsIn()
	if n := len(h.processes()); n < 3 {
		t.Errorf("%d processes: %q", n, h.processes()) // cmd.exe, IBC's script and Java
	}
	f.performs(supervisor.Stop)
	testkit.Eventually(t, "all processes have ended", func() bool { return len(h.processes()) == 0 })
	if !other.portIsOpen() {
		t.Error("another Gateway was ended with it")
	}
}
