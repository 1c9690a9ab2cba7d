package sockets

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// asClient in the environment makes the test binary a client of the API, so
// that a socket can be seen to belong to another process. The arguments stay
// free for what a client might be called with.
const asClient = "SOCKETS_TEST_CLIENT"

// asCheckChild makes it the child that a reader's check looks at.
const asCheckChild = "SOCKETS_TEST_CHILD"

func TestMain(m *testing.M) {
	// Under the race detector a process waits a second before it exits. The
	// processes that the tests start need not.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	if os.Getenv(asCheckChild) != "" {
		os.Exit(Child(os.Stdin, os.Stdout))
	}
	if os.Getenv(asClient) != "" {
		clientMain(os.Stdin, os.Stdout)
		return
	}
	goleak.VerifyTestMain(m)
}

// clientMain does what each line says, and ends with its input:
//
//	connect ADDRESS [TEXT]  connects, sends the text, answers with its own address
//	close                   closes the oldest connection
//	halve                   closes its sending half only
//	pairs ADDRESS           connects and closes, 400 times
//	flooded                 answers whether its client's queue is full: true or false
//	look PORT               looks at the port, answers with a summary
//	serve BEHAVIOUR         listens, answers with the port, and treats connections as
//	                        serverBehaviours says
func clientMain(in io.Reader, out io.Writer) {
	var conns []net.Conn
	for lines := bufio.NewScanner(in); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "connect":
			address, text, _ := strings.Cut(rest, " ")
			conn, err := net.Dial("tcp", address)
			if err != nil {
				fmt.Fprintln(out, "error", err)
				continue
			}
			conns = append(conns, conn)
			_, _ = io.WriteString(conn, text) // a test sees what has not arrived
			fmt.Fprintln(out, conn.LocalAddr())
		case "look":
			port, _ := strconv.Atoi(rest)
			table, err := New().Look(context.Background(), []int{port})
			if err != nil {
				fmt.Fprintln(out, "error", err)
				continue
			}
			fmt.Fprintf(out, "%q\n", summary(table.Ports[port]))
		case "halve":
			conns[0].(*net.TCPConn).CloseWrite()
			fmt.Fprintln(out, "halved")
		case "pairs":
			for range 400 {
				conn, err := net.Dial("tcp", rest)
				if err != nil {
					fmt.Fprintln(out, "error", err)
					break
				}
				conn.Close()
			}
			fmt.Fprintln(out, "done")
		case "serve":
			noKeepAlive := net.ListenConfig{KeepAlive: -1} // as Java; Go's keep-alive would end zombies
			l, err := noKeepAlive.Listen(context.Background(), "tcp", ":0")
			if err != nil {
				fmt.Fprintln(out, "error", err)
				continue
			}
			if behaviour := serverBehaviours[rest]; behaviour != nil {
				go serve(l, behaviour)
			}
			fmt.Fprintln(out, l.Addr().(*net.TCPAddr).Port)
		case "flooded":
			fmt.Fprintln(out, flooded.Load())
		case "close":
			conns[0].Close()
			conns = conns[1:]
			fmt.Fprintln(out, "closed")
		}
	}
}

// summary is a view without what differs from run to run.
func summary(v supervisor.PortView) string {
	for i := range v.Peers {
		v.Peers[i].Socket = 0
	}
	return fmt.Sprintf("%+v %+v %+v %q %v", v.Listener, v.Peers, v.StaleClients, v.Hidden, v.Blind)
}

// serverBehaviours are how a server treats a connection; nil: it accepts none.
var serverBehaviours = map[string]func(net.Conn){
	"never accepts": nil,
	"never closes":  func(c net.Conn) { <-make(chan struct{}); c.Close() }, // nor is it garbage collected
	"closes late":   func(c net.Conn) { io.Copy(io.Discard, c); time.Sleep(closesLate); c.Close() },
	"is healthy":    func(c net.Conn) { io.Copy(io.Discard, c); c.Close() },
	"floods":        flood,
}

// flooded tells that a client of a server that floods has left so much unread
// that no more can be sent.
var flooded atomic.Bool

func flood(c net.Conn) {
	for text := make([]byte, 64<<10); ; {
		_ = c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := c.Write(text); err != nil {
			flooded.Store(true)
		}
	}
}

// closesLate is how late it closes: later than any look, and before its socket
// counts as a zombie here.
const closesLate = 100 * time.Millisecond

func serve(l net.Listener, behaviour func(net.Conn)) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go behaviour(conn)
	}
}

// A client is a process of its own that holds connections.
type client struct {
	t   *testing.T
	cmd *exec.Cmd
	in  io.Writer
	out *bufio.Reader
}

// startClient starts one under this command line. It is gone when the test ends.
func startClient(t *testing.T, argv ...string) *client {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startAs(t, &exec.Cmd{Path: exe, Args: argv})
}

func startAs(t *testing.T, cmd *exec.Cmd) *client {
	t.Helper()
	cmd.Env = append(os.Environ(), asClient+"=1")
	in, out := testkit.StartWithPipes(t, cmd)
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	return &client{t: t, cmd: cmd, in: in, out: bufio.NewReader(out)}
}

func (c *client) pid() int { return c.cmd.Process.Pid }

func (c *client) do(format string, args ...any) string {
	c.t.Helper()
	fmt.Fprintf(c.in, format+"\n", args...)
	answer, err := c.out.ReadString('\n')
	if err != nil || strings.HasPrefix(answer, "error") {
		c.t.Fatalf(format+": %q, %v", append(args, answer, err)...)
	}
	return strings.TrimSpace(answer)
}
