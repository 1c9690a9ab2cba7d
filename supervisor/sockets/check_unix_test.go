//go:build unix

package sockets

import (
	"context"
	"net/netip"
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// checked runs the check with this test binary as the child to look at.
func checked(t *testing.T, r reader) error {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(asCheckChild, "1")
	return Check(t.Context(), r, exe)
}

func TestReadersOfThisSystemPassTheirCheck(t *testing.T) {
	for _, r := range []reader{New().(reader), realLsof(t)} {
		if err := checked(t, r); err != nil {
			t.Errorf("%s: %v", r.Reader(), err)
		}
	}
}

// A changedReader sees what the kernel's reader sees, changed.
type changedReader struct {
	reader
	change func(*supervisor.PortView)
}

func (s changedReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	table, err := s.reader.Look(ctx, ports)
	for port, v := range table.Ports {
		s.change(&v)
		table.Ports[port] = v
	}
	return table, err
}

// A reader that sees nothing, or only its own process, must not pass.
func TestCheckRefusesReadersThatSeeTooLittle(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*supervisor.PortView)
		want   string
	}{
		"nothing":                    {func(v *supervisor.PortView) { *v = supervisor.PortView{} }, "was seen closed"},
		"no owner":                   {func(v *supervisor.PortView) { v.Listener.Process = supervisor.Process{} }, "was seen as process 0's"},
		"itself in everything":       {func(v *supervisor.PortView) { v.Listener.Process.PID = os.Getpid() }, "was seen as process"},
		"listeners alone":            {func(v *supervisor.PortView) { v.Peers = nil }, "an open connection"},
		"other states":               {func(v *supervisor.PortView) { v.Peers[0].TCP = supervisor.CloseWait }, "an open connection"},
		"other addresses":            {func(v *supervisor.PortView) { v.Peers[0].Addr = netip.AddrPort{} }, "an open connection"},
		"clients, but not who it is": {func(v *supervisor.PortView) { v.Peers[0].Client = supervisor.Process{} }, "the client of process"},
	} {
		if err := checked(t, changedReader{New().(reader), c.change}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("a reader that sees %s: %v, want %q", name, err, c.want)
		}
	}
}

func TestCheckWithoutAChildProvesNothing(t *testing.T) {
	for _, command := range [][]string{{"/nonexistent/gatelight"}, {"/bin/true"}, {"/bin/echo", "hello"}} {
		if err := Check(t.Context(), New(), command...); err == nil || !strings.Contains(err.Error(), "child to look at") {
			t.Errorf("%v: %v", command, err)
		}
	}
}
