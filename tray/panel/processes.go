//go:build linux

package panel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// A process is one program of the desktop.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    string
	exited chan struct{} // closed when it has ended
}

// launch starts a program of the desktop. It ends with us, even if we are
// killed. What it says goes to a file, and extra becomes its descriptor 3.
func (s *Screen) launch(name string, extra *os.File, args ...string) (*process, error) {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return nil, fmt.Errorf("cannot bring up a desktop without %s: %w; .ci/needs panel brings it", args[0], err)
	}
	p := &process{name: name, cmd: exec.Command(program, args[1:]...), log: filepath.Join(s.dir, name+".log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = append(os.Environ(), s.Env()...), log, log
	if extra != nil {
		p.cmd.ExtraFiles = []*os.File{extra}
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		defer close(p.exited)
		runtime.LockOSThread() // Pdeathsig means the death of the thread that forked
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // it was ended, or its log says why it did
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return p, nil
}

// end ends a part and what it has started, politely at first.
func (p *process) end(polite time.Duration) {
	if p == nil {
		return
	}
	group := -p.cmd.Process.Pid
	syscall.Kill(group, syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(polite):
	}
	syscall.Kill(group, syscall.SIGKILL) // what is left of it; there may be nothing
	<-p.exited
}

func (p *process) hasExited() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// output is the end of what a part has printed.
func (p *process) output() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-2000):])
}

// timeout is how long anything on the desktop may take. A loaded machine with
// two cores needs 2 s for a panel.
const timeout = 20 * time.Second

// await returns when ok does. Everything that the screen shows changes without
// telling us, so it looks 100 times a second.
func await(what string, ok func() bool) error { return awaitFor(timeout, what, ok) }

func awaitFor(limit time.Duration, what string, ok func() bool) error {
	deadline := time.Now().Add(limit)
	for !ok() {
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v in vain for %s", limit, what)
		}
		<-time.After(10 * time.Millisecond)
	}
	return nil
}

// Await waits until ok does, on the screen.
func (s *Screen) Await(what string, ok func() bool) error { return await(what, ok) }

// awaitPart is await for what a part should do, and ends with the part.
func (p *process) await(what string, ok func() bool) error {
	err := await(what, func() bool { return p.hasExited() || ok() })
	if err == nil && p.hasExited() && !ok() {
		err = errors.New(p.name + " has ended")
	}
	if err != nil {
		return fmt.Errorf("no %s: %w: %s", what, err, p.output())
	}
	return nil
}

// leftOver are the processes that were started on this desktop, which shows in
// their environment, and still run.
func (s *Screen) leftOver() map[int]string {
	found := map[int]string{}
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, f := range files {
		env, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(env), "XDG_CONFIG_HOME="+filepath.Join(s.dir, "config")+"\x00") {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(f, "/proc/%d/environ", &pid); err != nil || pid == os.Getpid() {
			continue
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(f), "cmdline"))
		if len(line) == 0 { // a process that has ended and was not waited for yet
			continue
		}
		found[pid] = strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
	}
	return found
}

// run runs a small program on the desktop to its end.
func (s *Screen) run(args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), s.Env()...)
	cmd.WaitDelay = time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
