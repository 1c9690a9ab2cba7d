package sockets

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// A portWatch looks at a port as the engine does, and has the supervisor decide.
type portWatch struct {
	t      *testing.T
	reader supervisor.SocketReader
	p      supervisor.Policy
	s      supervisor.Snapshot
}

// zombieAfter is shorter than the product's, so that the tests are quick, and far
// longer than a healthy server ever takes (56 ms at most in 400 pairs).
const zombieAfter = 600 * time.Millisecond

func watchPort(t *testing.T, port int) *portWatch {
	p := supervisor.DefaultPolicy()
	p.Port, p.Monitor, p.ZombieAfter = port, false, zombieAfter
	return &portWatch{t: t, reader: New(), p: p, s: supervisor.New(p, supervisor.Now())}
}

func (w *portWatch) look() supervisor.Snapshot {
	w.t.Helper()
	table := look(w.t, w.reader, w.p.Port)
	w.s, _ = supervisor.Decide(w.s, supervisor.Looked{At: table.At, Reader: table.Reader, View: table.Ports[w.p.Port]}, supervisor.Now(), w.p)
	return w.s
}

// startServer starts a server with that behaviour in a process of its own.
func startServer(t *testing.T, behaviour string) (server *client, port int) {
	t.Helper()
	if _, known := serverBehaviours[behaviour]; !known {
		t.Fatalf("a server that %s?", behaviour)
	}
	server = startClient(t, "java")
	port, err := strconv.Atoi(server.do("serve %s", behaviour))
	if err != nil {
		t.Fatal(err)
	}
	return server, port
}

// A connection that a server does not close becomes a zombie after a while, with
// the name of the client, even when the client has ended long ago.
func TestUnclosedConnectionsBecomeZombiesWithAnOwner(t *testing.T) {
	for _, tt := range []struct {
		behaviour        string
		queued, blocking bool
		backlog          int
	}{
		{"never closes", false, true, 0}, // the probe's five bytes are never read
		{"never accepts", true, true, 1},
	} {
		t.Run(tt.behaviour, func(t *testing.T) {
			t.Parallel()
			server, port := startServer(t, tt.behaviour)
			w := watchPort(t, port)
			probe := startClient(t, "/usr/bin/python3", script(t, "probe.py"), "--password=canary")
			address := probe.do("connect 127.0.0.1:%d hello", port)
			testkit.Eventually(t, "the connection", func() bool { return len(w.look().Clients) == 1 })
			since := w.s.Clients[0].Process.StartedAt
			pid := probe.pid()
			probe.end()
			testkit.Eventually(t, "a zombie", func() bool { return w.look().State == supervisor.Zombies })

			z := w.s.Zombies[0]
			if len(w.s.Zombies) != 1 || z.Peer.String() != address || z.Queued != tt.queued || z.Unread != len("hello") {
				t.Errorf("%+v, want %s, queued %v, 5 bytes unread", w.s.Zombies, address, tt.queued)
			}
			if z.Owner.PID != pid || z.Owner.Command != "python3 probe.py" || z.Owner.StartedAt != since || z.LastSeen.IsZero() || z.LastSeen.After(z.Since) {
				t.Errorf("owned by %+v, last seen %v, want process %d, seen before %v", z.Owner, z.LastSeen, pid, z.Since)
			}
			if w.s.Blocking != tt.blocking || w.s.Listener.Backlog != tt.backlog || w.s.Listener.Process.PID != server.pid() {
				t.Errorf("blocking %v, %+v; want %v, backlog %d, process %d", w.s.Blocking, w.s.Listener, tt.blocking, tt.backlog, server.pid())
			}
			if strings.Contains(fmt.Sprintf("%+v", w.s), "canary") {
				t.Errorf("an argument has got into %+v", w.s)
			}

			late := watchPort(t, port)
			testkit.Eventually(t, "a zombie", func() bool { return late.look().State == supervisor.Zombies })
			if z := late.s.Zombies[0]; z.Owner != (supervisor.Process{}) {
				t.Errorf("a watch that began too late to see the client names %+v", z.Owner)
			}
		})
	}
}

// A connection that is closed within zombie_after is no zombie, however many there
// are and however often the port is looked at.
func TestClosedConnectionsAreNoZombies(t *testing.T) {
	for _, behaviour := range []string{"is healthy", "closes late"} {
		t.Run(behaviour, func(t *testing.T) {
			t.Parallel()
			_, port := startServer(t, behaviour)
			w := watchPort(t, port)
			prober := startClient(t, "prober")
			done := make(chan string, 1)
			go func() {
				fmt.Fprintf(prober.in, "pairs 127.0.0.1:%d\n", port)
				answer, _ := prober.out.ReadString('\n')
				done <- answer
			}()
			waits := 0
			check := func() {
				s := w.look()
				for _, p := range look(t, w.reader, port).Ports[port].Peers {
					if p.TCP == supervisor.CloseWait {
						waits++
					}
				}
				if s.State != supervisor.Listening && s.State != supervisor.Connected || len(s.Zombies) > 0 {
					t.Fatalf("%s: %+v", s.State, s.Zombies)
				}
			}
			for ended := ""; ended == ""; {
				check()
				select {
				case ended = <-done:
					if ended != "done\n" {
						t.Fatal(ended)
					}
				default:
				}
			}
			for end := time.After(zombieAfter + closesLate); ; {
				select {
				case <-end:
					t.Logf("sockets in CLOSE_WAIT seen on the way: %d", waits)
					return
				default:
					check()
				}
			}
		})
	}
}

// A client that has closed its sending half only is still there, and named.
func TestHalfClosedClientIsNamed(t *testing.T) {
	_, port := startServer(t, "never closes")
	probe := startClient(t, "probe")
	probe.do("connect 127.0.0.1:%d", port)
	probe.do("halve")
	v := lookUntil(t, port, "a CLOSE_WAIT", func(v supervisor.PortView) bool { return len(v.Peers) == 1 && v.Peers[0].TCP == supervisor.CloseWait })
	if p := v.Peers[0]; p.Client.PID != probe.pid() || !p.ClientSeen.IsZero() {
		t.Errorf("%+v, want process %d, which is there", p, probe.pid())
	}
}

// The rows that matter most are those that other programs do not report: a
// connection that was never accepted belongs to no process.
func TestOtherProgramsMissUnacceptedConnections(t *testing.T) {
	_, port := startServer(t, "never accepts")
	probe := startClient(t, "probe")
	probe.do("connect 127.0.0.1:%d hello", port)
	probe.end()
	v := lookUntil(t, port, "a CLOSE_WAIT", func(v supervisor.PortView) bool {
		return len(v.Peers) == 1 && v.Peers[0].TCP == supervisor.CloseWait && v.Peers[0].Queued
	})
	peer := v.Peers[0].Addr.String()

	out, err := exec.Command(realLsof(t).path, "-nP", fmt.Sprintf("-iTCP:%d", port)).Output()
	if err != nil || strings.Contains(string(out), peer) {
		t.Errorf("lsof: %v\n%s", err, out)
	}
	found, err := psnet.ConnectionsPid("tcp", int32(v.Listener.Process.PID))
	if err != nil || len(found) == 0 {
		t.Errorf("gopsutil finds %v, %v", found, err)
	}
	for _, c := range found {
		if c.Status == "CLOSE_WAIT" {
			t.Errorf("gopsutil has it: %+v", c)
		}
	}
}

// Two Gateways, one with a zombie: the whole Table, field by field.
func TestTableOfTwoGatewaysIsComplete(t *testing.T) {
	short, long := twoPorts(t)
	paper := listenOn(t, "127.0.0.1:"+strconv.Itoa(short)) // IPv4 alone
	live := dualStack(t, long)
	trader, recorder := startClient(t, "trader"), startClient(t, "python3", script(t, "recorder.py"))
	probe := startClient(t, "python3", script(t, "probe.py"))

	reader := New()
	addresses := map[string]string{
		"trader":   trader.do("connect 127.0.0.1:%d", short),
		"recorder": recorder.do("connect [::1]:%d", long),
		"probe":    probe.do("connect 127.0.0.1:%d hello", long),
	}
	accept(t, paper)
	accept(t, live)
	accept(t, live)
	seen := look(t, reader, short, long).At
	probe.do("close")
	var table supervisor.Table
	testkit.Eventually(t, "the zombie", func() bool {
		table = look(t, reader, short, long)
		return strings.Contains(fmt.Sprint(table.Ports[long].Peers), string(supervisor.CloseWait))
	})

	me := supervisor.Process{PID: os.Getpid(), Name: procName(t, os.Getpid()), Command: filepath.Base(os.Args[0])}
	who := func(c *client, command string) supervisor.Process {
		return supervisor.Process{PID: c.pid(), Name: procName(t, c.pid()), Command: command}
	}
	want := map[int]supervisor.PortView{
		short: {Listener: &supervisor.Listener{Address: fmt.Sprintf("127.0.0.1:%d", short), Process: me},
			Peers: []supervisor.Peer{{Addr: addr(addresses["trader"]), TCP: supervisor.Established, Server: me.PID, Client: who(trader, "trader")}}},
		long: {Listener: &supervisor.Listener{Address: fmt.Sprintf("*:%d", long), Process: me},
			Peers: []supervisor.Peer{
				{Addr: addr(addresses["probe"]), TCP: supervisor.CloseWait, Server: me.PID, Unread: 5, Client: who(probe, "python3 probe.py"), ClientSeen: seen},
				{Addr: addr(addresses["recorder"]), TCP: supervisor.Established, Server: me.PID, Client: who(recorder, "python3 recorder.py")},
			}},
	}
	sockets := map[uint64]bool{}
	for port, v := range table.Ports {
		v.Listener.Process.StartedAt = time.Time{}
		for i, p := range v.Peers {
			if p.Client.StartedAt.IsZero() || sockets[p.Socket] || p.Socket == 0 {
				t.Errorf("port %d: %+v has no start, or no socket of its own", port, p)
			}
			sockets[p.Socket] = true
			v.Peers[i].Client.StartedAt, v.Peers[i].Socket = time.Time{}, 0
		}
	}
	if diff := diffViews(want, table.Ports); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func procName(t *testing.T, pid int) string {
	t.Helper()
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(name))
}

// end ends the client's process, and with it its connections.
func (c *client) end() {
	c.t.Helper()
	c.in.(io.Closer).Close()
	if err := c.cmd.Wait(); err != nil {
		c.t.Fatal(err)
	}
}
