package sockets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// look takes one look with the kernel's reader.
func look(t *testing.T, reader supervisor.SocketReader, ports ...int) supervisor.Table {
	t.Helper()
	table, err := reader.Look(t.Context(), ports)
	if err != nil {
		t.Fatal(err)
	}
	if table.Reader != "netlink" || table.At.IsZero() {
		t.Fatalf("%+v", table)
	}
	return table
}

// lookUntil looks until what is seen of the port holds.
func lookUntil(t *testing.T, port int, what string, holds func(supervisor.PortView) bool) supervisor.PortView {
	t.Helper()
	reader := New()
	var v supervisor.PortView
	testkit.Eventually(t, what, func() bool {
		v = look(t, reader, port).Ports[port]
		return holds(v)
	})
	return v
}

// dualStack listens on every address, IPv4 and IPv6, as Java does.
func dualStack(t *testing.T, port int) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp6", "[::]:0")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has no IPv6: ", err)
		}
		t.Skip("no IPv6 here: ", err)
	}
	l.Close()
	return listenOn(t, ":"+strconv.Itoa(port))
}

// twoPorts are free, and one begins with the digits of the other, as 4002 and
// 40020 do, so that a match of text instead of numbers would take one for the
// other. The short one belongs to whom the long one belongs to, since testkit's
// ports all have five digits.
func twoPorts(t *testing.T) (short, long int) {
	t.Helper()
	for {
		if long = testkit.Port(t); long%10 == 0 && isFree(long/10) {
			return long / 10, long
		}
	}
}

func isFree(port int) bool {
	l, err := net.Listen("tcp", ":"+strconv.Itoa(port))
	if err == nil {
		l.Close()
	}
	return err == nil
}

func accept(t *testing.T, l net.Listener) net.Conn {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestKernelSeesListeners(t *testing.T) {
	short, long := twoPorts(t)
	reader := New()
	if table := look(t, reader, short, long); table.Ports[short].Listener != nil || table.Ports[long].Listener != nil || len(table.Ports) != 2 {
		t.Errorf("nobody listens: %+v", table.Ports)
	}

	listenOn(t, "127.0.0.1:"+strconv.Itoa(long))
	table := look(t, reader, short, long)
	if table.Ports[short].Listener != nil {
		t.Errorf("port %d has the listener of port %d: %+v", short, long, table.Ports[short].Listener)
	}
	wantListener(t, table.Ports[long].Listener, "127.0.0.1:"+strconv.Itoa(long))

	dualStack(t, short)
	table = look(t, reader, short, long)
	wantListener(t, table.Ports[short].Listener, "*:"+strconv.Itoa(short))
	wantListener(t, table.Ports[long].Listener, "127.0.0.1:"+strconv.Itoa(long))
}

func wantListener(t *testing.T, got *supervisor.Listener, address string) {
	t.Helper()
	self := filepath.Base(os.Args[0])
	if got == nil || got.Address != address || got.Process.PID != os.Getpid() || got.Process.Command != self || got.Process.StartedAt.IsZero() ||
		got.Backlog != 0 || got.Relay != "" {
		t.Errorf("listener %+v, want %s of this process, %s", got, address, self)
	}
}

// A client is named by its program and its script, however it connected. Its other
// arguments may hold secrets and are nowhere in the table.
func TestKernelNamesAClient(t *testing.T) {
	for _, tt := range []struct {
		name    string
		host    string
		argv    []string
		command string
	}{
		{"over IPv4", "127.0.0.1", []string{"/usr/local/bin/trader", "--password=canary", "canary"}, "trader"},
		{"over IPv6", "[::1]", []string{"trader", "--password=canary"}, "trader"},
		{"a script", "127.0.0.1", []string{"python3", "-u", script(t, "trader.py"), "--password=canary"}, "python3 trader.py"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			short, long := twoPorts(t)
			l := dualStack(t, long)
			dualStack(t, short)
			c := startClient(t, tt.argv...)
			address := c.do("connect %s:%d hello", tt.host, long)
			accept(t, l)

			table := look(t, New(), short, long)
			if peers := table.Ports[short].Peers; len(peers) != 0 {
				t.Errorf("port %d has the client of port %d: %+v", short, long, peers)
			}
			peers := table.Ports[long].Peers
			if len(peers) != 1 {
				t.Fatalf("%d peers: %+v", len(peers), peers)
			}
			p := peers[0]
			if p.Addr.String() != address || p.TCP != supervisor.Established || p.Queued || p.Socket == 0 || p.Client.PID != c.pid() || p.Client.Command != tt.command {
				t.Errorf("%+v\nwant %s of process %d, %q", p, address, c.pid(), tt.command)
			}
			if text := fmt.Sprintf("%+v %+v", table.Ports[long].Listener, peers); strings.Contains(text, "canary") {
				t.Errorf("an argument is in the table: %s", text)
			}
		})
	}
}

// Nobody has accepted the connection, so no process holds it.
func TestKernelSeesTheAcceptQueue(t *testing.T) {
	l := dualStack(t, 0)
	port := portOf(l.Addr())
	c := startClient(t, "trader")
	address := c.do("connect 127.0.0.1:%d", port)
	v := lookUntil(t, port, "one in the queue", func(v supervisor.PortView) bool { return v.Listener != nil && v.Listener.Backlog == 1 })
	if len(v.Peers) != 1 || !v.Peers[0].Queued || v.Peers[0].Server != 0 || v.Peers[0].Addr.String() != address || v.Peers[0].Client.PID != c.pid() {
		t.Errorf("%+v, want %s queued, of process %d", v.Peers, address, c.pid())
	}

	accept(t, l)
	v = look(t, New(), port).Ports[port]
	if v.Listener.Backlog != 0 || len(v.Peers) != 1 || v.Peers[0].Queued || v.Peers[0].Server != os.Getpid() {
		t.Errorf("accepted: %+v, %+v", v.Listener, v.Peers)
	}
}

// A probe that timed out: its hello of 17 bytes was never read, and its FIN is
// counted as one more.
func TestKernelSeesAZombie(t *testing.T) {
	const hello = "API\x00\x00\x00\x00\x09v100..187"
	for _, tt := range []struct {
		name     string
		accepted bool
	}{{"accepted", true}, {"still in the queue", false}} {
		t.Run(tt.name, func(t *testing.T) {
			l := dualStack(t, 0)
			port := portOf(l.Addr())
			c := startClient(t, "probe")
			address := c.do("connect 127.0.0.1:%d %s", port, hello)
			if tt.accepted {
				accept(t, l)
			}
			c.do("close")
			v := lookUntil(t, port, "a CLOSE_WAIT", func(v supervisor.PortView) bool {
				return len(v.Peers) == 1 && v.Peers[0].TCP == supervisor.CloseWait
			})
			if p := v.Peers[0]; p.Unread != 17 || p.Addr.String() != address || p.Queued == tt.accepted || p.Client.PID != 0 {
				t.Errorf("%+v, want 17 bytes unread of %s, and no owner", p, address)
			}
			if len(v.StaleClients) != 0 {
				t.Errorf("stale clients: %+v", v.StaleClients)
			}
		})
	}
}

// The Gateway closed first: that is a trader with a dead connection, not a zombie.
func TestKernelSeesAStaleClient(t *testing.T) {
	l := dualStack(t, 0)
	port := portOf(l.Addr())
	c := startClient(t, "trader", "--password=canary")
	address := c.do("connect 127.0.0.1:%d", port)
	accept(t, l).Close()
	v := lookUntil(t, port, "a stale client", func(v supervisor.PortView) bool { return len(v.StaleClients) == 1 })
	if p := v.StaleClients[0]; p.Addr.String() != address || p.TCP != supervisor.CloseWait || p.Client.PID != c.pid() || p.Client.Command != "trader" {
		t.Errorf("%+v, want %s of process %d", p, address, c.pid())
	}
	if len(v.Peers) != 0 {
		t.Errorf("zombies: %+v", v.Peers)
	}
}

// The promise of the whole program: however often the port is looked at, nobody
// connects to it.
func TestLookingLeavesNoFootprint(t *testing.T) {
	l := dualStack(t, 0)
	port := portOf(l.Addr())
	accepted := make(chan net.Addr)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn.RemoteAddr()
			conn.Close()
		}
	}()
	reader := New()
	for range 200 {
		select {
		case from := <-accepted:
			t.Fatalf("a connection from %s", from)
		default:
		}
		if v := look(t, reader, port).Ports[port]; v.Listener == nil || len(v.Peers) != 0 || v.Listener.Backlog != 0 {
			t.Fatalf("%+v", v)
		}
	}
	// The first connection that arrives is this one.
	conn, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if from := <-accepted; from.(*net.TCPAddr).Port != portOf(conn.LocalAddr()) {
		t.Errorf("a connection from %s", from)
	}
	l.Close()
	<-done
}

// A look that ran out of time has not found out whose the sockets are. That is
// "cannot tell", not "another user's", and the next look finds it.
func TestLookOutOfTimeIsAnError(t *testing.T) {
	l := listenOn(t, "127.0.0.1:0")
	port := portOf(l.Addr())
	reader := New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if table, err := reader.Look(ctx, []int{port}); !errors.Is(err, context.Canceled) || table.Ports != nil {
		t.Errorf("%+v, %v; want %v", table, err, context.Canceled)
	}
	wantListener(t, look(t, reader, port).Ports[port].Listener, l.Addr().String())
}
