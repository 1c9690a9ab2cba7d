package monitor

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/rs/zerolog"
	"github.com/scmhub/ibapi"

	"gatelight/supervisor"
)

const (
	// childMemory is the soft limit of the child's Go heap and stacks. A session
	// that subscribes to nothing needs about 2 MB of it.
	childMemory = 16 << 20

	exitUsage = 64 // as in sysexits.h
)

// Child is the hidden subcommand behind [Run]. It holds one API session until
// the Gateway ends it or stdin is closed, and returns the exit status; the
// caller must pass it to os.Exit at once.
//
// It never closes the connection itself: the library's Disconnect can crash or
// block for ever.
//
// The timer, as for [supervisor.NewTimer], is for the heartbeat.
//
// Child takes over the process: it replaces os.Stdout and os.Stderr (stdout
// stays in use for events).
func Child(args []string, stdin io.Reader, stdout io.Writer, timer func() supervisor.Timer) int {
	muteLibrary()
	debug.SetMemoryLimit(childMemory)
	debug.SetGCPercent(50)

	rep := newReporter(stdout)
	o, err := parseArgs(args)
	if err != nil {
		rep.closed(err.Error())
		return exitUsage
	}

	stdinClosed := make(chan struct{})
	go func() {
		// Nothing is ever written to stdin. Its end is the message: stop, or
		// your parent has died.
		_, _ = io.Copy(io.Discard, stdin)
		close(stdinClosed)
	}()
	ended := make(chan string, 1)
	go func() { ended <- holdSession(o, rep, supervisor.NewTimer(timer)) }()

	select {
	case <-stdinClosed:
		// Nothing is reported: the parent knows that it closed stdin, and one
		// that reads no more must not keep this process alive.
	case why := <-ended:
		rep.closed(why)
	}
	return 0
}

// muteLibrary keeps the library's output off the terminal and off the pipe to
// the parent: it prints raw bytes to os.Stdout when a number does not parse, and
// logs to the stderr that was there when its package was initialised. What the
// Go runtime prints in a crash goes to descriptor 2 all the same, which the
// parent reads.
func muteLibrary() {
	ibapi.SetLogger(zerolog.Nop())
	null, _ := os.OpenFile(os.DevNull, os.O_RDWR, 0) // nil if it fails; writing to that is an error and nothing else
	os.Stdout, os.Stderr = null, null
}

// parseArgs reads the arguments that command has made.
func parseArgs(args []string) (o Options, err error) {
	fs := flag.NewFlagSet("monitor-child", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IntVar(&o.Port, "port", 0, "")
	fs.IntVar(&o.ClientID, "client-id", 0, "")
	fs.DurationVar(&o.Heartbeat, "heartbeat", defaultHeartbeat, "")
	if err := fs.Parse(args); err != nil {
		return o, fmt.Errorf("cannot read the monitor's arguments: %w", err)
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("cannot read the monitor's arguments: unexpected %q", strings.Join(fs.Args(), " "))
	}
	return o, o.check()
}
