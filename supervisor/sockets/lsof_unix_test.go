//go:build unix

package sockets

import (
	"cmp"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// fakeLsof is a program that behaves as the script says.
func fakeLsof(t *testing.T, script string) *lsofReader {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lsof")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return newLsof(path)
}

// Each way in which lsof can fail is an error: not one gives an empty table,
// which would say that nobody listens.
func TestLsofFailuresAreErrors(t *testing.T) {
	const good = "cat <<'EOF'\n" + lsofOutput + "EOF\n"
	tests := []struct{ name, script, err string }{
		{"wrong usage", "exit 2", "failed: exit status 2"},
		{"failed, with a table", good + "exit 2", "failed: exit status 2"},
		{"killed", good + "kill -KILL $$", "failed: signal: killed"},
		{"asked to end", "kill -TERM $$", "failed: signal: terminated"},
		{"nothing found, but with a complaint", "echo 'lsof: no pwd entry for UID 501' >&2; exit 1", "failed: exit status 1 lsof: no pwd entry for UID 501"},
		{"a complaint of two lines", "echo one >&2; echo two >&2; exit 1", "failed: exit status 1 one"},
		{"failed after half of it", "printf 'p4711\\ncjava\\nf71\\nn*:4002\\n'; exit 1", "failed: exit status 1"},
		{"cut off in a line", "printf 'p4711\\ncjava\\nf71\\nn*:40'", "cannot read what"},
		{"cut off after a line", "printf 'p4711\\ncjava\\nf71\\nn*:4002\\n'", "a socket without a state"},
		{"garbage", "echo 'hello, world'", "cannot read what"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refuses(t, t.Context(), fakeLsof(t, tt.script), tt.err)
		})
	}
	t.Run("missing", func(t *testing.T) {
		refuses(t, t.Context(), newLsof("/nowhere/lsof"), "/nowhere/lsof failed: fork/exec /nowhere/lsof: no such file or directory")
	})
	t.Run("not a program", func(t *testing.T) {
		refuses(t, t.Context(), newLsof(t.TempDir()), "permission denied")
	})
	t.Run("hanging", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		refuses(t, ctx, fakeLsof(t, good+"exec sleep 60"), "did not answer in time")
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		refuses(t, ctx, fakeLsof(t, good), "did not answer in time")
	})
}

func refuses(t *testing.T, ctx context.Context, l *lsofReader, say string) {
	t.Helper()
	table, err := l.Look(ctx, []int{4002})
	if err == nil || !strings.Contains(err.Error(), say) || !strings.Contains(err.Error(), l.path) {
		t.Errorf("%v; want %q, with the path", err, say)
	}
	if table.Ports != nil || !table.At.IsZero() {
		t.Errorf("a table in spite of the error: %+v", table)
	}
	if err == nil {
		return
	}
	// What the supervisor concludes from it, even for a Gateway that was just well.
	p := supervisor.DefaultPolicy()
	p.Monitor, p.KeepRunning = false, true
	s := supervisor.New(p, noon)
	listening := supervisor.PortView{Listener: &supervisor.Listener{Address: "*:4002", Process: java}}
	s, _ = supervisor.Decide(s, supervisor.Looked{At: noon, Reader: "lsof", View: listening}, noon, p)
	s, effects := supervisor.Decide(s, supervisor.LookFailed{Reader: "lsof", Why: err.Error()}, noon.Add(time.Second), p)
	if s.State != supervisor.Unknown || !strings.Contains(s.Why, say) {
		t.Errorf("the state is %s: %s", s.State, s.Why)
	}
	for _, e := range effects {
		if _, acts := e.(supervisor.PerformAction); acts {
			t.Errorf("something is done about it: %+v", e)
		}
	}
}

func TestLsofSaysThatNobodyListens(t *testing.T) {
	table, err := fakeLsof(t, "exit 1").Look(t.Context(), []int{4001, 4002})
	if err != nil || len(table.Ports) != 2 || table.Ports[4002].Listener != nil || table.Reader != "lsof" || table.At.IsZero() {
		t.Errorf("%+v, %v", table, err)
	}
}

// lsof is asked for numbers only, in its field output, and all ports at once.
func TestLsofIsAskedForNumbersOfAllPortsAtOnce(t *testing.T) {
	l := fakeLsof(t, `printf '%s\n' "$*" >&2; exit 1`)
	_, err := l.Look(t.Context(), []int{4001, 4002})
	if want := "exit status 1 -nP -w -iTCP:4001,4002 -FpcfdnT"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

// lsof cuts a name to nine characters; it is what remains of a process that
// nothing else can be read of.
func TestLsofNamesWhatCannotBeDescribed(t *testing.T) {
	l := fakeLsof(t, `printf 'p1073741824\ncJavaAppli\nf71\nn*:4002\nTST=LISTEN\n'`)
	table, err := l.Look(t.Context(), []int{4002})
	if err != nil {
		t.Fatal(err)
	}
	want := supervisor.Process{PID: 1 << 30, Name: "JavaAppli"}
	if p := table.Ports[4002].Listener.Process; p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
}

// realLsof is this machine's, which CI always has.
func realLsof(t *testing.T) *lsofReader {
	t.Helper()
	path, err := exec.LookPath(lsofPath)
	if err != nil {
		path, err = exec.LookPath("lsof")
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal("CI has no lsof: ", err)
	default:
		t.Skip("no lsof here: ", err)
	}
	return newLsof(path)
}

func TestRealLsofSeesAListenerAndItsClient(t *testing.T) {
	l := realLsof(t)
	server := listenOn(t, "127.0.0.1:0")
	port, unused := portOf(server.Addr()), testkit.Port(t)

	look := func(ports ...int) supervisor.Table {
		t.Helper()
		table, err := l.Look(t.Context(), ports)
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	if v := look(unused).Ports[unused]; v.Listener != nil || len(v.Peers) != 0 {
		t.Errorf("nobody listens: %+v", v)
	}
	for _, ports := range [][]int{{port}, {port, unused}, {unused, port}} {
		table := look(ports...)
		if v := table.Ports[port]; v.Listener == nil || v.Listener.Process.PID != os.Getpid() ||
			v.Listener.Address != "127.0.0.1:"+strconv.Itoa(port) || v.Listener.Process.Command != filepath.Base(os.Args[0]) {
			t.Errorf("ports %v: %+v, want a listener of ours", ports, v.Listener)
		}
	}

	c := startClient(t, "trader", "--password=canary")
	peer := c.do("connect %s hello", server.Addr())
	conn, err := server.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	v := look(port).Ports[port]
	if len(v.Peers) != 1 || v.Peers[0].Addr.String() != peer || v.Peers[0].TCP != supervisor.Established ||
		v.Peers[0].Client.PID != c.pid() || v.Peers[0].Client.Command != "trader" {
		t.Errorf("%+v, want %s of process %d", v.Peers, peer, c.pid())
	}
	c.do("close")
	testkit.Eventually(t, "CLOSE_WAIT", func() bool {
		v = look(port).Ports[port]
		return len(v.Peers) == 1 && v.Peers[0].TCP == supervisor.CloseWait
	})
	if unread := v.Peers[0].Unread; unread != len("hello")+1 && cmp.Compare(unread, len("hello")) != 0 { // Linux counts the FIN
		t.Errorf("%d bytes unread", unread)
	}
}

func portOf(a net.Addr) int { return a.(*net.TCPAddr).Port }

func listenOn(t *testing.T, address string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}
