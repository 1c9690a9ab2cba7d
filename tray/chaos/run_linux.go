package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// An undo ends a fault that lasts.
type undo struct {
	name string
	at   time.Time
	do   func()
}

// later registers what ends a fault.
func (w *world) later(name string, after time.Duration, do func()) {
	w.undos = append(w.undos, undo{name, time.Now().Add(after), do})
}

// sleep waits, and meanwhile ends the faults that are due.
func (w *world) sleep(d time.Duration) {
	for until := time.Now().Add(d); ; {
		w.undoUntil(time.Now())
		left := time.Until(until)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, 20*time.Millisecond))
	}
}

func (w *world) undoUntil(now time.Time) {
	for {
		i := slices.IndexFunc(w.undos, func(u undo) bool { return !u.at.After(now) })
		if i < 0 {
			return
		}
		u := w.undos[i]
		w.undos = slices.Delete(w.undos, i, i+1)
		w.log.say("      over: %s", u.name)
		u.do()
	}
}

// undoAll ends all faults.
func (w *world) undoAll() {
	w.undoUntil(time.Now().Add(time.Hour))
	for _, do := range w.atTheEnd {
		do()
	}
	w.atTheEnd = nil
}

// oneRun is one run of the chaos. It returns the broken promises.
func oneRun(o options, log *report) (found []violation, err error) {
	b := &bench{log: log}
	defer b.close()
	defer func() {
		if p := recover(); p == errGivenUp {
			err = errGivenUp
		} else if p != nil {
			panic(p)
		}
	}()
	r := newRand(o.seed)
	w := newWorld(b, o.dir, o.program, log, r)
	defer w.end()
	w.mayMount = o.mount
	if small := r.IntN(3) == 0; small && o.mount && o.soak == 0 {
		w.mountState()
		defer w.unmountState()
	}
	plan := newPlan(r, faults, o.length)

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w.cancel = cancel
	stop := make(chan struct{})
	w.shine()
	w.wg.Go(func() { w.stream.run(ctx) })
	w.wg.Go(func() { w.watchIcon(ctx) })
	if !w.await(20*time.Second, func() bool { return w.stream.shown(time.Now()) != nil }) {
		w.Fatal("the program does not supervise")
	}
	w.sleep(300 * time.Millisecond)
	if o.soak == 0 {
		w.openDesk(ctx)
		w.startRunner()
	}
	w.baseline = usageOf(w.light.pid())
	w.wg.Go(func() { w.sampler(stop) })
	w.begin(r.IntN(10) < 8)

	if o.soak > 0 {
		w.soak(o.soak, o.seed)
	} else {
		w.carryOut(plan)
	}
	w.finish(stop)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.oracle.found, nil
}

// carryOut does what is planned, and mends it all.
func (w *world) carryOut(plan []step) {
	for i, s := range plan {
		g := w.gateways[s.gateway]
		w.log.say("%4d  %s, %s: %s", i+1, g.name, s.fault.name, s.fault.do(w, g, s, newRand(s.seed)))
		if slices.ContainsFunc(endsOfTheLine, func(f *fault) bool { return f == s.fault }) {
			w.lineFails(s.hold)
		}
		w.reviveRunner()
		w.sleep(s.pause)
	}
	w.log.say("      the end of the faults")
	w.undoAll()
	w.sleep(time.Second) // what was shown of the faults is no recovery
	w.recover()
	w.checkDeskReturns()
	w.checkTrader()
}

// begin starts both Gateways, as their user does.
func (w *world) begin(wait bool) {
	for _, g := range w.gateways {
		w.user(g, "start")
	}
	if wait {
		w.await(15*time.Second, func() bool { return w.bothAre("connected") })
	}
}

func (w *world) bothAre(state string) bool {
	shown := w.stream.shown(time.Now())
	for _, g := range w.gateways {
		if string(shown[g.name].State) != state {
			return false
		}
	}
	return true
}

// usage is what a process holds.
type usage struct{ descriptors, threads int }

func usageOf(pid int) usage {
	fds, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	tasks, _ := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	return usage{len(fds), len(tasks)}
}
