package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
	"gatelight/tray/fakedesktop"
)

// What the monitor costs, and how quick the light is: make bench-monitor.
// These are measurements, so they run only when asked for.
var (
	before = flag.String("before", "", "measure also this program, an older Gatelight, at the same time")
	kills  = flag.Int("kills", 0, "measure so many times how soon a killed Gateway is seen and told")
	hangs  = flag.Int("hangs", 0, "measure so many times how soon a hanging Gateway is seen")
	idle   = flag.Duration("idle", 0, "measure for this long what an idle Gatelight needs")
)

// watcher is the watch of a script that waits for the next change.
type watcher struct {
	*harness
	worlds <-chan supervisor.Status
}

func (b *harness) follow() watcher {
	b.t.Helper()
	remote, err := status.Dial(b.t.Context(), b.paths())
	if err != nil {
		b.t.Fatal(err)
	}
	return watcher{b, remote.Watch(b.t.Context())}
}

// until gives the time at which the watch brings what is wanted.
func (f watcher) until(what string, ok func(supervisor.Snapshot) bool) (time.Time, supervisor.Snapshot) {
	f.t.Helper()
	return f.within(30*time.Second, what, ok)
}

func (f watcher) within(limit time.Duration, what string, ok func(supervisor.Snapshot) bool) (time.Time, supervisor.Snapshot) {
	f.t.Helper()
	deadline := time.After(limit)
	for {
		select {
		case w := <-f.worlds:
			if g := w.Gateways[0]; ok(g) {
				return time.Now(), g
			}
		case <-deadline:
			f.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func is(states ...supervisor.State) func(supervisor.Snapshot) bool {
	return func(g supervisor.Snapshot) bool { return slices.Contains(states, g.State) }
}

func TestHowSoonAKilledGatewayIsSeenAndTold(t *testing.T) {
	if *kills == 0 {
		t.Skip("a measurement: make bench-monitor")
	}
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	f := b.follow()
	var seen, down, told []time.Duration
	for range *kills {
		if out, code := b.run("start"); code != 0 {
			t.Fatal(out)
		}
		_, g := f.until("connected", is(supervisor.Connected))
		<-time.After(time.Second + rand.N(time.Second)) // it is calm, and no look is about to come for any other reason
		killed := time.Now()
		if err := syscall.Kill(g.Listener.Process.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		changed, g := f.until("a change", func(g supervisor.Snapshot) bool { return g.State != supervisor.Connected })
		seen = append(seen, changed.Sub(killed))
		if g.State != supervisor.Down {
			changed, _ = f.until("down", is(supervisor.Down))
		}
		down = append(down, changed.Sub(killed))
		notification, err := b.desktop.AwaitNotification(t.Context(), func(x fakedesktop.Notification) bool {
			return x.At.After(killed) && strings.HasPrefix(x.Summary, "Down: ")
		})
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, notification.At.Sub(killed))
	}
	fmt.Printf("%d times, from SIGKILL to                median    worst\n", *kills)
	row("the changed state on /v1/watch", seen)
	row("down on /v1/watch", down)
	row("the notification on the bus", told)
}

func TestHowSoonAHangingGatewayIsSeen(t *testing.T) {
	if *hangs == 0 {
		t.Skip("a measurement: make bench-monitor")
	}
	b := newHarness(t, quick)
	b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	f := b.follow()
	b.run("start")
	_, g := f.until("connected", is(supervisor.Connected))
	var seen, back []time.Duration
	for range *hangs {
		stopped := time.Now()
		syscall.Kill(g.Listener.Process.PID, syscall.SIGSTOP)
		changed, _ := f.until("silent", is(supervisor.Silent))
		seen = append(seen, changed.Sub(stopped))
		continued := time.Now()
		syscall.Kill(g.Listener.Process.PID, syscall.SIGCONT)
		changed, _ = f.until("connected", is(supervisor.Connected))
		back = append(back, changed.Sub(continued))
	}
	fmt.Printf("%d times                                 median    worst\n", *hangs)
	row("from SIGSTOP to silent", seen)
	row("from SIGCONT to connected", back)
}

func row(what string, of []time.Duration) {
	slices.Sort(of)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	fmt.Printf("  %-32s %8.1f %8.1f ms\n", what, ms(of[len(of)/2]), ms(of[len(of)-1]))
}

func TestWhatAnIdleGatelightNeeds(t *testing.T) {
	if *idle == 0 {
		t.Skip("a measurement: make bench-monitor")
	}
	type measured struct {
		name string
		pids [2]int
		was  [2]cost
	}
	programs := []measured{{name: "Gatelight"}}
	if *before != "" {
		programs = append(programs, measured{name: *before})
	}
	for i := range programs {
		b := newHarness(t, quick)
		if i > 0 {
			b.exe = *before
		}
		serve := b.start("serve")
		b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
		b.run("start")
		g := b.await("connected", in("connected"))
		programs[i].pids = [2]int{serve.Process.Pid, *g.API.PID}
	}
	<-time.After(20 * time.Second) // until they are idle
	for i, p := range programs {
		programs[i].was = [2]cost{costOf(t, p.pids[0]), costOf(t, p.pids[1])}
	}
	from := time.Now()
	<-time.After(*idle)
	passed := time.Since(from)

	for _, p := range programs {
		fmt.Printf("%v idle, one Gateway connected       CPU    of a core   waits      RSS   its own   (%s)\n", *idle, p.name)
		var all cost
		for i, name := range []string{"parent", "child"} {
			c := costOf(t, p.pids[i])
			c.cpu, c.waits = c.cpu-p.was[i].cpu, c.waits-p.was[i].waits
			all.cpu, all.waits, all.rss, all.own = all.cpu+c.cpu, all.waits+c.waits, all.rss+c.rss, all.own+c.own
			c.line(name, passed)
		}
		all.line("together", passed)
	}
}

// A cost is what a process has needed so far. How often its threads have gone
// to sleep tells what it does even on a busy machine, on which CPU times swell.
type cost struct {
	cpu      time.Duration
	waits    int
	rss, own int // kB
}

func costOf(t *testing.T, pid int) cost {
	t.Helper()
	of := fmt.Sprintf("/proc/%d/status", pid)
	c := cost{cpu: cpu(t, pid), rss: number(t, of, "VmRSS:"), own: number(t, of, "RssAnon:")}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, task := range tasks {
		c.waits += number(t, task, "voluntary_ctxt_switches:")
	}
	return c
}

func (c cost) line(name string, passed time.Duration) {
	fmt.Printf("  %-28s %9v %10.3f %% %5.1f/s %6.1f MB %6.1f MB\n", name, c.cpu.Round(time.Millisecond), 100*c.cpu.Seconds()/passed.Seconds(),
		float64(c.waits)/passed.Seconds(), float64(c.rss)/1024, float64(c.own)/1024)
}

// cpu is the processor time of a process's threads, in the scheduler's own
// nanoseconds: /proc/PID/stat rounds to a hundredth of a second.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	var all time.Duration
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, task := range tasks {
		stat, err := os.ReadFile(task)
		if err != nil {
			t.Fatal(err)
		}
		var ns int64
		fmt.Sscan(string(stat), &ns)
		all += time.Duration(ns)
	}
	if all == 0 {
		t.Fatalf("cannot tell what process %d has used", pid)
	}
	return all
}

// number reads one line of a file such as /proc/PID/status.
func number(t *testing.T, file, name string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(content)) {
		var n int
		if got, _ := fmt.Sscanf(l, name+" %d", &n); got == 1 {
			return n
		}
	}
	t.Fatalf("%s does not say %s", file, name)
	return 0
}
