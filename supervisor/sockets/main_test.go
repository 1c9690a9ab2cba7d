package sockets

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// patience is how long a test waits for what should take milliseconds.
const patience = 10 * time.Second

// asClient in the environment makes the test binary a client of the API, so
// that a socket can be seen to belong to another process. The arguments stay
// free for what a client might be called with.
const asClient = "SOCKETS_TEST_CLIENT"

func TestMain(m *testing.M) {
	if os.Getenv(asClient) != "" {
		clientMain(os.Stdin, os.Stdout)
		return
	}
	goleak.VerifyTestMain(m)
}

// clientMain obeys one line at a time, and ends with its input:
//
//	connect ADDRESS [TEXT]  connects, sends the text, answers with its own address
//	close                   closes the oldest connection
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
		case "close":
			conns[0].Close()
			conns = conns[1:]
			fmt.Fprintln(out, "closed")
		}
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
	cmd := &exec.Cmd{Path: exe, Args: argv, Env: append(os.Environ(), asClient+"=1")}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
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
