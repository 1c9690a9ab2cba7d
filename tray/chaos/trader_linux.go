package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A trader is a trading program of the first Gateway, which "gatelight run" starts when
// the API can be used, and anew after a drop. It writes down its life.
const traderVariable = "CHAOS_TRADER" // the file for it

// traderMain is that program. It ends when it is asked to.
func traderMain(file string) {
	signals := make(chan os.Signal, 10)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT)
	parent := os.Getppid()
	appendTo(file, fmt.Sprintln("start", os.Getpid()))
	tick := time.NewTicker(200 * time.Millisecond)
	for {
		select {
		case s := <-signals:
			appendTo(file, fmt.Sprintln("end", os.Getpid(), s))
			return
		case <-tick.C:
			if os.Getppid() != parent {
				appendTo(file, fmt.Sprintln("end", os.Getpid(), "without gatelight run"))
				return
			}
		}
	}
}

// A runner is "gatelight run" with the trader.
type runner struct {
	*light
	output, file string
	lives        map[int]bool // of the trader, by pid: it has not said that it ends
	lines        int          // of the file that were read
	doubted      int          // the line, from 1, of a start that nothing has explained yet
	heard        time.Time    // when somebody listened on the API port last
}

// startRunner begins to wait for the first Gateway, with the trader at the end.
func (w *world) startRunner() {
	r := &runner{output: filepath.Join(w.dir, "run.out"), file: filepath.Join(w.dir, "trader"), lives: map[int]bool{}}
	r.light = w.runTrader(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runner = r
}

func (w *world) runTrader(r *runner) *light {
	exe, err := os.Executable()
	w.must(err)
	cmd := w.command("run", "--gateway", w.gateways[0].name, "--timeout", "0", "--restart-on-recovery", "--grace", "5s", "--", exe)
	cmd.Env = append(cmd.Env, traderVariable+"="+r.file)
	return w.run(cmd, r.output)
}

// checkRunner checks the trader's life so far. w.mu is held.
func (w *world) checkRunner(s sample) {
	r, t := w.runner, s.gateway[0]
	if r == nil {
		return
	}
	if t.listens() {
		r.heard = s.at
	}
	b, _ := os.ReadFile(r.file) // there is none before the first start
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for ; r.lines < len(lines) && len(b) > 0; r.lines++ {
		f := strings.Fields(lines[r.lines])
		if len(f) < 2 {
			break // it is being written
		}
		pid, _ := strconv.Atoi(f[1])
		if f[0] == "end" {
			delete(r.lives, pid)
			continue
		}
		if s.at.Sub(r.heard) > deadline && r.doubted <= r.lines {
			r.doubted = r.lines + 1 // the Gateway may have listened since the sample was taken
			break
		}
		r.lives[pid] = true
		if s.at.Sub(r.heard) > deadline {
			w.oracle.note(s.at, "run waits for the API", fmt.Sprintf("a program was started, and nobody has listened since %v", r.heard))
		}
	}
	if len(r.lives) > 1 {
		w.oracle.note(s.at, "run runs one program", fmt.Sprint("these run at once: ", r.lives))
		r.lives = map[int]bool{}
	}
	for pid := range r.lives {
		if state := stateOf(pid); state == 'X' || state == 'Z' {
			if now, _ := os.ReadFile(r.file); strings.Contains(string(now), fmt.Sprintf("end %d ", pid)) {
				continue
			}
			w.oracle.note(s.at, "run kills nothing", fmt.Sprintf("process %d has ended without a word", pid))
			delete(r.lives, pid)
		}
	}
}

// reviveRunner starts the runner again where it could not tell whether the API can be
// used: without a Gatelight nobody asks it. It must not end otherwise.
func (w *world) reviveRunner() {
	r := w.runner
	if r.alive() {
		return
	}
	out, _ := os.ReadFile(r.output)
	if !strings.Contains(string(out), "nobody asks the API here") {
		w.note("run goes on", fmt.Sprintf("gatelight run has ended (%v): %s", r.ProcessState, out))
	}
	w.must(os.Remove(r.output))
	l := w.runTrader(r)
	w.mu.Lock()
	defer w.mu.Unlock()
	r.light = l
}

// checkTrader checks that one trader runs, now that all is well, and that it ends with
// gatelight run.
func (w *world) checkTrader() {
	lives := func() int {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.runner.lives)
	}
	ok := w.await(30*time.Second, func() bool { w.reviveRunner(); return lives() == 1 })
	if !ok && w.bothAre("connected") {
		out, _ := os.ReadFile(w.runner.output)
		w.note("run goes on", fmt.Sprintf("no program runs 30 s after the API can be used: %s", out))
	}
	_ = w.runner.Process.Signal(syscall.SIGTERM) // it may have ended
	select {
	case <-w.runner.ended:
	case <-time.After(15 * time.Second):
		w.note("run ends with its program", "it has not ended 15 s after SIGTERM")
		_ = w.runner.Process.Kill()
		<-w.runner.ended
	}
	if !w.await(5*time.Second, func() bool { return lives() == 0 }) {
		w.note("run ends with its program", "the program runs on")
	}
	if out, err := os.ReadFile(w.runner.output); err == nil {
		w.checkOutput("run", string(out))
	}
}

// waitFor has a script wait until a Gateway can be used.
func (w *world) waitFor(g *gateway) {
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	cmd := w.command("wait", "--gateway", g.name, "--timeout", "20s", "--quiet")
	w.commands.Go(func() {
		defer cancel()
		out, err := runUntil(ctx, cmd)
		w.log.say("      wait %s: %s", g.name, outcome(out, err))
		w.checkOutput("wait", out)
		w.checkWait(g, cmd, err)
	})
}

// checkWait: what has ended with 0 must be true, or have been a moment ago.
func (w *world) checkWait(g *gateway, cmd *exec.Cmd, err error) {
	if err != nil {
		return // why is said, and it may be anything
	}
	now := w.look() // the newest sample may be from before the Gateway has listened
	w.mu.Lock()
	defer w.mu.Unlock()
	heard := w.oracle.heard[g.name]
	for _, t := range now.gateway {
		if t.name == g.name && t.listens() {
			heard = now.at
		}
	}
	if time.Since(heard) > deadline+maxGap {
		w.oracle.note(time.Now(), "wait tells the truth", fmt.Sprintf("%s can be used, says %v; nobody has listened since %v", g.name, cmd.Args[1:], heard))
	}
}
