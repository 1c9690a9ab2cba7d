package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What goes wrong with the program itself.
var lightFaults = []*fault{
	{"the program is killed", 5, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.killLight()
		w.later("no program", s.hold/3, w.shine)
		return "killed"
	}},
	{"the program is killed and started twice", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.killLight()
		w.later("no program", s.hold/4, func() {
			second := w.startLight("serve")
			w.shine()
			w.later("two programs", 2*time.Second, func() { w.keepOne(second) })
		})
		return "killed"
	}},
	{"the program is started a second time", 3, func(w *world, _ *gateway, _ step, _ *rand.Rand) string {
		second := w.startLight()
		w.later("a second program", 3*time.Second, func() { w.keepOne(second) })
		return "started"
	}},
	{"the program is quit and started again", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.quit()
		w.later("no program", s.hold/3, w.shine)
		return "quit"
	}},
	{"the program stands still", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		l := w.light
		w.later("the program stands still", s.hold, func() { l.Process.Signal(syscall.SIGCONT) })
		return send(l.pid(), syscall.SIGSTOP)
	}},
	{"the monitor is killed", 4, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		w.touch()
		pid := w.monitorOf(g)
		w.willKill(pid)
		return send(pid, syscall.SIGKILL)
	}},
	{"the monitor stands still", 3, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		pid := w.monitorOf(g)
		set := func(until time.Time) {
			w.mu.Lock()
			defer w.mu.Unlock()
			g.monitorUntil = until
		}
		set(time.Now().Add(time.Hour))
		w.later("the monitor stands still", s.hold, func() {
			send(pid, syscall.SIGCONT)
			set(time.Now().Add(deadline))
		})
		return send(pid, syscall.SIGSTOP)
	}},
	{"the program lacks descriptors", 2, func(w *world, _ *gateway, s step, r *rand.Rand) string {
		pid := w.light.pid()
		w.mayBeBlind(time.Now().Add(time.Hour))
		var before unix.Rlimit
		err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before)
		if err == nil {
			few := unix.Rlimit{Cur: uint64(3 + r.IntN(40)), Max: before.Max}
			err = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil)
		}
		if err != nil {
			w.mayBeBlind(time.Time{})
			return err.Error()
		}
		w.logIsBroken()
		w.later("the program lacks descriptors", s.hold, func() {
			_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil) // it may have ended
			w.mayBeBlind(time.Now().Add(deadline))
		})
		return "limited"
	}},
}

// willKill notes that a process of the program was killed by us, with its
// connection.
func (w *world) willKill(pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.killed[pid] = true
}

// killMonitors notes that the monitors end with the program.
func (w *world) killMonitors() {
	w.touch()
	for _, p := range w.processes() {
		if p.role == "monitor" {
			w.willKill(p.pid)
		}
	}
}

// killLight ends the program as a crash does.
func (w *world) killLight() {
	w.killMonitors()
	l := w.light
	_ = l.Process.Kill() // it may have ended
	w.kills = append(w.kills, time.Now())
	<-l.ended
	w.killMonitors()
}

// quit ends the program as its user does. What does not end is a violation.
func (w *world) quit() { w.quitLight(w.light) }

func (w *world) quitLight(l *light) {
	if !l.alive() {
		return
	}
	// One that is only starting has no icon yet, and nobody would quit it.
	w.await(10*time.Second, func() bool { return !l.alive() || catches(l.pid(), syscall.SIGINT) })
	young := time.Since(l.began) < 3*time.Second || cpuTime(l.pid()) < 200*time.Millisecond // the machine may have stood still
	w.killMonitors()
	_ = l.Process.Signal(syscall.SIGCONT) // it may have ended
	_ = l.Process.Signal(syscall.SIGINT)
	select {
	case <-l.ended:
	case <-time.After(15 * time.Second):
		w.note("quitting ends it", "the program has not ended 15 s after SIGINT")
		_ = l.Process.Signal(syscall.SIGQUIT)
		<-l.ended
		return
	}
	if code := l.ProcessState.ExitCode(); code != 0 && !young && !w.mayCrash {
		w.note("quitting ends it", "the program ended with "+l.ProcessState.String())
	}
}

// catches reports that a process has a handler for a signal.
func catches(pid int, s syscall.Signal) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(b), "SigCgt:")
	mask, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	bits, err := strconv.ParseUint(mask, 16, 64)
	return err == nil && bits&(1<<(s-1)) != 0
}

// cpuTime is how long a process has computed (proc(5), stat, utime and stime in
// hundredths of a second).
func cpuTime(pid int) time.Duration {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ") // what is after the name
	fields := append(strings.Fields(rest), make([]string, 13)...)
	var sum int
	for _, ticks := range fields[11:13] {
		n, _ := strconv.Atoi(ticks)
		sum += n
	}
	return time.Duration(sum) * 10 * time.Millisecond
}

// keepOne ends the second of two programs, if it has not ended by itself, and then
// the first one, too, which may have been a view of it: such a one does not begin to
// supervise.
func (w *world) keepOne(second *light) {
	if second.alive() {
		if w.light.alive() {
			w.quitLight(w.light)
		}
		w.quitLight(second)
	}
	w.shine()
}

// monitorOf is the monitor of a Gateway, 0 for none.
func (w *world) monitorOf(g *gateway) int {
	pid := 0
	for _, p := range w.processes() {
		for i, arg := range p.args {
			if p.role == "monitor" && arg == "--port" && i+1 < len(p.args) && p.args[i+1] == strconv.Itoa(g.port) {
				pid = p.pid
			}
		}
	}
	return pid
}
