//go:build unix

package sockets

import (
	"net"
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// With real readers, the real check and a real child: the reader that sees nothing
// fails.
func TestFallbackChecksReadersWithAChild(t *testing.T) {
	l := listenOn(t, "127.0.0.1:0")
	port := portOf(l.Addr())
	lsof := realLsof(t)
	blind := changedReader{New().(reader), func(v *supervisor.PortView) { *v = supervisor.PortView{} }}
	t.Setenv(asCheckChild, "1") // which the arguments do where the program is the real one
	from := newFallback(childCheck(nil), blind, lsof)
	table, err := from.Look(t.Context(), []int{port})
	if err != nil {
		t.Fatal(err)
	}
	if v := table.Ports[port]; table.Reader != "lsof" || v.Listener == nil || v.Listener.Process.PID != os.Getpid() {
		t.Errorf("%s saw %+v", table.Reader, v)
	}
	if d := from.Warnings(); len(d) != 1 || !strings.HasPrefix(d[0], blind.Reader()+" fails its check: a port on which process ") || !strings.HasSuffix(d[0], " listens was seen closed") {
		t.Errorf("%q", d)
	}

	from = newFallback(childCheck(nil), New().(reader), lsof)
	if table, err := from.Look(t.Context(), []int{port}); err != nil || table.Reader != New().Reader() || from.Warnings() != nil {
		t.Errorf("%s, %v, %q; want the best", table.Reader, err, from.Warnings())
	}
}

// A program that is no child to look at: nothing is proven, and nothing is seen.
func TestFallbackWithoutAChildFails(t *testing.T) {
	l := listenOn(t, "127.0.0.1:0")
	from := newFallback(childCheck([]string{"-test.run=^$"}), New().(reader))
	table, err := from.Look(t.Context(), []int{l.Addr().(*net.TCPAddr).Port})
	if err == nil || !strings.HasPrefix(err.Error(), "no way to read the sockets can be trusted: ") || table.Ports != nil {
		t.Errorf("%+v, %v", table, err)
	}
}
