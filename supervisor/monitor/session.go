package monitor

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Options describe one session. The zero value of every field but Port stands for a default.
type Options struct {
	Exe      string        // the program to run; this one by default
	Args     []string      // what makes Exe run Child, e.g. {"monitor-child"}
	Name     string        // what the child calls itself in a process list; Exe by default
	Host     string        // 127.0.0.1 by default
	Port     int           // the API port
	ClientID int           // must not be in use by anybody else (code 326)
	Every    time.Duration // pace of the heartbeat, 5 s by default and 1 s at least
}

// grace is what the child gets to end by itself when its stdin closes. It needs about a millisecond.
const grace = time.Second

// ReasonStopped is the closed message's reason when our own side ended the session.
const ReasonStopped = "the monitor was stopped"

// Session is one child process and, through it, at most one connection to the Gateway.
type Session struct {
	cmd            *exec.Cmd
	stdin          io.Closer
	stdout, stderr io.Reader
	clientID       int

	hangUpOnce sync.Once
	stopped    atomic.Bool // our own side wanted the end
	kill       *time.Timer
	skipped    atomic.Int64
	over       chan struct{} // closed when the child has ended and emit has seen the closed message
	wg         sync.WaitGroup
}

// Open starts the child. emit is called from one goroutine, in order, and always ends with exactly one closed message:
// then the child is gone and its connection with it, so that the client id is free again. It comes when the Gateway
// ends the session, when the child crashes and when Close is called. The end of ctx is a Close.
//
// emit must not call Close, and holds the session up while it runs.
func Open(ctx context.Context, o Options, emit func(Message)) (*Session, error) {
	cfg := config{host: o.Host, port: o.Port, clientID: o.ClientID, every: o.Every}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cmd, err := command(o, cfg)
	if err != nil {
		return nil, err
	}
	s := &Session{cmd: cmd, clientID: o.ClientID, over: make(chan struct{})}
	if err := s.start(); err != nil {
		return nil, fmt.Errorf("cannot start the API monitor %s: %w", cmd.Path, err)
	}
	crash := make(chan string, 1)
	s.wg.Go(func() { crash <- firstWords(s.stderr) })
	s.wg.Go(func() { s.follow(emit, crash) })
	s.wg.Go(func() {
		select {
		case <-ctx.Done():
			s.stop()
		case <-s.over:
		}
	})
	return s, nil
}

func command(o Options, cfg config) (*exec.Cmd, error) {
	exe := o.Exe
	if exe == "" {
		var err error
		if exe, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("cannot find the program to run as API monitor: %w", err)
		}
	}
	args := append(append([]string(nil), o.Args...),
		"--host", cfg.host,
		"--port", strconv.Itoa(cfg.port),
		"--client-id", strconv.Itoa(cfg.clientID),
		"--every", cfg.every.String())
	cmd := exec.Command(exe, args...)
	if o.Name != "" {
		cmd.Args[0] = o.Name
	}
	cmd.Env = environment(runtime.GOOS, os.LookupEnv)
	cmd.SysProcAttr = apart()
	return cmd, nil
}

// environment is an allow-list: credentials live in environments. (os/exec adds SYSTEMROOT on Windows, without which
// there are no sockets.)
func environment(goos string, lookup func(string) (string, bool)) []string {
	names := []string{"PATH", "HOME", "TMPDIR", "LANG"}
	if goos == "windows" {
		names = append(names, "TEMP", "TMP")
	}
	env := []string{} // not nil, which would mean ours
	for _, name := range names {
		if value, ok := lookup(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// start runs the child with a pipe in place of each of its three descriptors, so that it has no terminal. os/exec
// closes the pipes when that fails.
func (s *Session) start() error {
	var err error
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if s.stdout, err = s.cmd.StdoutPipe(); err != nil {
		return err
	}
	if s.stderr, err = s.cmd.StderrPipe(); err != nil {
		return err
	}
	return s.cmd.Start()
}

// PID is the child's process id.
func (s *Session) PID() int { return s.cmd.Process.Pid }

// Skipped counts the lines from the child that were no messages.
func (s *Session) Skipped() int { return int(s.skipped.Load()) }

// Close ends the session and returns when the child is gone and emit has seen the closed message. The child gets a
// second to end by itself and is killed then. Nobody else is.
//
// While a handshake is unanswered, closing leaves the Gateway with one more zombie. So a supervisor closes such a
// session only to quit, or when that Gateway is gone.
func (s *Session) Close() {
	s.stop()
	s.wg.Wait()
}

func (s *Session) stop() {
	s.stopped.Store(true)
	s.hangUp()
}

// hangUp tells the child to end, the first time.
func (s *Session) hangUp() {
	s.hangUpOnce.Do(func() {
		s.kill = time.AfterFunc(grace, func() {
			// Our child only: os.Process remembers that it was waited for, so that a reused pid is never hit.
			_ = s.cmd.Process.Kill()
		})
		s.stdin.Close()
	})
}

// follow hands the child's messages to emit until the closed one, which it keeps back until the process has ended.
func (s *Session) follow(emit func(Message), crash <-chan string) {
	last, closed := s.relay(emit)
	s.hangUp()
	_, _ = io.Copy(io.Discard, s.stdout)
	words := <-crash
	// Only now: Wait closes the pipes, whoever is still reading.
	err := s.cmd.Wait()
	s.kill.Stop()

	if !closed {
		last = Message{Kind: KindClosed, At: time.Now(), ClientID: s.clientID, ServerVersion: last.ServerVersion}
		last.Reason = s.endedHow(err, words)
	}
	emit(last)
	close(s.over)
}

// endedHow words the end of a child that did not word it itself.
func (s *Session) endedHow(err error, words string) string {
	if s.stopped.Load() {
		return ReasonStopped
	}
	reason := "the monitor process ended without a word"
	if err != nil {
		reason = fmt.Sprintf("the monitor process ended: %v", err)
	}
	if words != "" {
		reason += ": " + words
	}
	return reason
}
