// Package monitor holds the one API session that Gatelight keeps with a
// Gateway, and reports it as [supervisor.Event]s.
//
// The session lives in a child process, a second run of the same program, which
// reports to its parent in JSON lines. The library for the API can crash, block
// for ever and print to the terminal. In a process of its own it can do none of
// that to the supervisor, and the end of the process closes its socket without
// the library's help.
//
// Inside the child a gate stands between the library and the Gateway, so that the
// library cannot dial again, drop a pending handshake or send anything but the
// three messages that the session needs.
package monitor

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"gatelight/supervisor"
)

// Options describe one session.
type Options struct {
	Exe       string        // the program to run; "": this one
	Args      []string      // what makes Exe run [Child], e.g. {"monitor-child"}
	Port      int           // the API port on this machine, 1 to 65535
	ClientID  int           // 0 or more; an id that is in use ends the session (code 326)
	Heartbeat time.Duration // between requests; 0: 5 s; at least 1 s
}

const (
	// defaultHeartbeat is slow enough not to be noticed beside a trader's own
	// messages (the API allows 50 a second), and fast enough that the state
	// is never much older than this.
	defaultHeartbeat = 5 * time.Second
	minHeartbeat     = time.Second

	// killAfter is how long the child has to end by itself when its stdin has
	// been closed. It needs about a millisecond.
	killAfter = time.Second

	// reasonStopped is why a session ends that our own side has ended.
	reasonStopped = "the monitor was stopped"
)

// check fills in the defaults and refuses values that cannot be used.
func (o *Options) check() error {
	if o.Port < 1 || o.Port > 65535 {
		return fmt.Errorf("cannot monitor port %d: it must be between 1 and 65535", o.Port)
	}
	if o.ClientID < 0 {
		return fmt.Errorf("cannot monitor with client id %d: it must not be negative", o.ClientID)
	}
	o.Heartbeat = max(cmp.Or(o.Heartbeat, defaultHeartbeat), minHeartbeat)
	return nil
}

// Run holds one session until the Gateway or the child ends it, or ctx does. It
// calls emit from its own goroutine, in order, first with SessionStarted, and
// returns why the session has ended. By then the child is gone and its
// connection with it, so that the client id is free again.
//
// The end of ctx closes the child's stdin. The child has a second to end by
// itself and is killed then. While a handshake is unanswered this leaves the
// Gateway with one more zombie. So a supervisor ends ctx only to quit, or when
// that Gateway is gone.
func Run(ctx context.Context, o Options, emit func(supervisor.Event)) (why string) {
	childCtx, endChild := context.WithCancel(ctx)
	defer endChild()
	cmd, err := command(childCtx, o)
	if err != nil {
		return err.Error()
	}
	stdout, stderr, err := start(cmd)
	switch {
	case ctx.Err() != nil && err != nil:
		return reasonStopped
	case err != nil:
		return fmt.Sprintf("cannot start the API monitor %s: %v", cmd.Path, err)
	}
	crash := make(chan string, 1)
	go func() { crash <- crashLine(stderr) }()
	emit(supervisor.SessionStarted{PID: cmd.Process.Pid})

	closed := readEvents(stdout, emit)
	endChild()
	_, _ = io.Copy(io.Discard, stdout)
	crashed := <-crash
	// Only now: Wait closes the pipes, even while somebody still reads them. Its
	// error is told by the process's state.
	_ = cmd.Wait()
	switch {
	case closed != nil:
		return closed.Why
	case ctx.Err() != nil:
		return reasonStopped
	}
	return describeEnd(cmd.ProcessState, crashed)
}

// command is the child with these options, not yet started.
func command(ctx context.Context, o Options) (*exec.Cmd, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Exe == "" {
		var err error
		if o.Exe, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("cannot find the program to run as API monitor: %w", err)
		}
	}
	args := append(append([]string(nil), o.Args...),
		"--port", strconv.Itoa(o.Port),
		"--client-id", strconv.Itoa(o.ClientID),
		"--heartbeat", o.Heartbeat.String())
	cmd := exec.CommandContext(ctx, o.Exe, args...)
	cmd.Args[0] = supervisor.MonitorCommand
	cmd.Env = environment(runtime.GOOS, os.LookupEnv)
	cmd.SysProcAttr = ownProcessGroup()
	cmd.WaitDelay = killAfter
	return cmd, nil
}

// environment is an allow-list: credentials live in environments. (os/exec adds
// SYSTEMROOT on Windows, without which there are no sockets.)
func environment(goos string, lookup func(string) (string, bool)) []string {
	names := []string{"PATH", "HOME", "TMPDIR", "LANG"}
	if goos == "windows" {
		names = append(names, "TEMP", "TMP")
	}
	env := []string{} // not nil, which would mean our own environment
	for _, name := range names {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// start runs the child with a pipe in place of each of its three descriptors,
// so that it has no terminal. os/exec closes the pipes when that fails.
func start(cmd *exec.Cmd) (stdout, stderr io.Reader, err error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	cmd.Cancel = stdin.Close
	if stdout, err = cmd.StdoutPipe(); err != nil {
		return nil, nil, err
	}
	if stderr, err = cmd.StderrPipe(); err != nil {
		return nil, nil, err
	}
	return stdout, stderr, cmd.Start()
}

// describeEnd says how a child has ended that did not say why itself. crashed is
// the line from its stderr that tells of a crash, "" for none.
func describeEnd(state *os.ProcessState, crashed string) string {
	why := "the monitor process ended without a reason"
	if !state.Success() {
		why = fmt.Sprintf("the monitor process ended: %v", state)
	}
	if crashed != "" {
		why += ": " + crashed
	}
	return why
}
