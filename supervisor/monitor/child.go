package monitor

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/scmhub/ibapi"
)

const (
	// defaultEvery is the pace of the heartbeat: calm enough to be invisible beside a trader's own traffic (the API
	// allows 50 messages a second), quick enough that a light fed by it is never much older than this.
	defaultEvery = 5 * time.Second
	// minEvery is the floor, whatever the settings say.
	minEvery = time.Second

	defaultHost = "127.0.0.1"

	// childMemory is the soft limit of the child's Go heap and stacks. A session that subscribes to nothing needs
	// about 2 MB of it.
	childMemory = 16 << 20

	exitUsage = 64 // as in sysexits.h
)

type config struct {
	host     string
	port     int
	clientID int
	every    time.Duration
}

// Child is the hidden subcommand behind Open. It holds one API session until the Gateway ends it or stdin closes, and
// returns the exit status; the caller must hand it to os.Exit at once.
//
// It never closes the connection itself. The library's Disconnect can crash or block for ever, while the kernel closes
// the socket of a process that has ended every time.
//
// Child takes over the process: it replaces os.Stdout and os.Stderr (stdout stays in use for messages).
func Child(args []string, stdin io.Reader, stdout io.Writer) int {
	silence()
	debug.SetMemoryLimit(childMemory)
	debug.SetGCPercent(50)

	cfg, err := parseArgs(args)
	rep := newReporter(stdout, cfg.clientID)
	if err != nil {
		rep.closed(err.Error())
		return exitUsage
	}

	orphaned := make(chan struct{})
	go func() {
		// Nothing is ever said on stdin. Its end is the message: stop, or your parent has died.
		_, _ = io.Copy(io.Discard, stdin)
		close(orphaned)
	}()
	ended := make(chan string, 1)
	go func() { ended <- hold(cfg, rep) }()

	select {
	case <-orphaned:
		// No last word: whoever closed stdin knows, and a parent that reads no more must not keep us here.
		return 0
	case reason := <-ended:
		rep.closed(reason)
		return 0
	}
}

// silence keeps the library off the terminal and off our message pipe: it prints raw bytes to os.Stdout when a number
// does not parse, and logs to the stderr of the moment its package was initialised. What the Go runtime says in a
// crash goes to descriptor 2 all the same, which the parent reads.
func silence() {
	ibapi.SetLogger(zerolog.Nop())
	if null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0); err == nil {
		os.Stdout, os.Stderr = null, null
	} else {
		// Writing to a nil *os.File is an error and nothing else.
		os.Stdout, os.Stderr = nil, nil
	}
}

func parseArgs(args []string) (config, error) {
	var c config
	fs := flag.NewFlagSet("monitor-child", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.host, "host", defaultHost, "")
	fs.IntVar(&c.port, "port", 0, "")
	fs.IntVar(&c.clientID, "client-id", 0, "")
	fs.DurationVar(&c.every, "every", defaultEvery, "")
	if err := fs.Parse(args); err != nil {
		return c, fmt.Errorf("cannot read the monitor's arguments: %w", err)
	}
	if fs.NArg() > 0 {
		return c, fmt.Errorf("cannot read the monitor's arguments: unexpected %q", strings.Join(fs.Args(), " "))
	}
	return c, c.check()
}

// check fills in what was left out and refuses what cannot be meant.
func (c *config) check() error {
	if c.host == "" {
		c.host = defaultHost
	}
	if c.port < 1 || c.port > 65535 {
		return fmt.Errorf("cannot monitor port %d: it must be between 1 and 65535", c.port)
	}
	if c.clientID < 0 {
		return errors.New("cannot monitor with a negative client id")
	}
	if c.every == 0 {
		c.every = defaultEvery
	}
	c.every = max(c.every, minEvery)
	return nil
}
