package simgateway

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// dialTimeout is how long a probe waits for a connection: those scripts that
// make zombies do not wait long either.
const dialTimeout = time.Second

// probeMain plays the script that asks "is the port open?" by connecting:
//
//	probe ADDR N HOLD [logEnded]
//
// It opens N connections, sends the API's hello on each unless silent, says so,
// and closes them after HOLD. From a Gateway that is stuck, N zombies remain.
func probeMain(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		fmt.Fprintln(stderr, "simgateway probe: which address?")
		return exitUsage
	}
	n, hold, silent, err := parseProbe(args[1:])
	if err != nil {
		fmt.Fprintln(stderr, "simgateway probe:", err)
		return exitUsage
	}
	for range n {
		conn, err := net.DialTimeout("tcp", args[0], dialTimeout)
		if err != nil {
			fmt.Fprintln(stdout, "error", err)
			return 1
		}
		defer conn.Close()
		if !silent {
			if _, err := conn.Write(append([]byte("API\x00"), frame([]byte("v100..187"))...)); err != nil {
				fmt.Fprintln(stdout, "error", err)
				return 1
			}
		}
	}
	fmt.Fprintln(stdout, "ok")
	time.Sleep(hold)
	return 0
}

func parseProbe(args []string) (n int, hold time.Duration, silent bool, err error) {
	silent = len(args) == 3 && args[2] == "silent"
	if len(args) != 2 && !silent {
		return 0, 0, false, errors.New("probe how? N HOLD [silent]")
	}
	n, err = strconv.Atoi(args[0])
	if err != nil || n < 1 {
		return 0, 0, false, fmt.Errorf("%q is not a number of connections", args[0])
	}
	hold, err = time.ParseDuration(args[1])
	return n, hold, silent, err
}

// ProbeName is what a probe calls itself, so that what it leaves behind is not
// taken for the work of the program it is part of.
const ProbeName = "simulated-probe"

// probes are the probes that the Gateway has started.
type probes struct {
	mu    sync.Mutex
	ended bool
	list  map[*exec.Cmd]bool
	wg    sync.WaitGroup
}

// probe starts a probe against our own API port, in a process of its own, so
// that the connections have another owner. It returns when they are open.
func (g *gateway) probe(args []string) error {
	if _, _, _, err := parseProbe(args); err != nil {
		return err
	}
	port := g.api.port()
	if port == 0 {
		return errors.New("the API port is not open")
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	cmd := exec.Command(exe, append([]string{Command, "probe", address}, args...)...)
	cmd.Args[0] = ProbeName
	cmd.Stderr = g.stderr
	return g.probes.start(cmd)
}

// start runs cmd and waits for its first line, which is "ok" or the error.
func (c *probes) start(cmd *exec.Cmd) error {
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.mu.Lock()
	if c.ended {
		c.mu.Unlock()
		return errors.New("the simulated Gateway is ending")
	}
	if err := cmd.Start(); err != nil {
		c.mu.Unlock()
		return err
	}
	if c.list == nil {
		c.list = map[*exec.Cmd]bool{}
	}
	c.list[cmd] = true
	first := make(chan string, 1)
	c.wg.Go(func() { c.reap(cmd, pipe, first) })
	c.mu.Unlock()
	if line := <-first; line != "ok" {
		return fmt.Errorf("probe: %s", strings.TrimPrefix(line, "error "))
	}
	return nil
}

func (c *probes) reap(cmd *exec.Cmd, pipe io.Reader, first chan<- string) {
	line, _ := bufio.NewReader(pipe).ReadString('\n') // a probe that said nothing is in the answer
	first <- strings.TrimSpace(line)
	_ = cmd.Wait() // how a probe ends is of no interest
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.list, cmd)
}

// end kills the probes that are left and waits for them.
func (c *probes) end() {
	c.mu.Lock()
	c.ended = true
	for cmd := range c.list {
		_ = cmd.Process.Kill() // it may have ended already
	}
	c.mu.Unlock()
	c.wg.Wait()
}
