package e2e

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
	kills = flag.Int("kills", 0, "measure so many times how soon a killed Gateway is seen and told")
	hangs = flag.Int("hangs", 0, "measure so many times how soon a hanging Gateway is seen")
	idle  = flag.Duration("idle", 0, "measure for this long what an idle Gatelight needs")
)

// following is the watch of a script that waits for the next change.
type following struct {
	*bench
	worlds <-chan supervisor.World
}

func (b *bench) follow() following {
	b.t.Helper()
	remote, err := status.Dial(b.t.Context(), b.socket())
	if err != nil {
		b.t.Fatal(err)
	}
	return following{b, remote.Watch(b.t.Context())}
}

// until gives the time at which the watch brings what is wanted.
func (f following) until(what string, ok func(supervisor.Snapshot) bool) (time.Time, supervisor.Snapshot) {
	f.t.Helper()
	deadline := time.After(30 * time.Second)
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
	b := newBench(t, quick)
	_, item := b.onScreen()
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
		bubble, err := b.screen.AwaitBubble(t.Context(), func(x fakedesktop.Bubble) bool {
			return x.At.After(killed) && strings.HasSuffix(x.Summary, ": down")
		})
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, bubble.At.Sub(killed))
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
	b := newBench(t, quick)
	b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	f := b.follow()
	b.run("start")
	_, g := f.until("connected", is(supervisor.Connected))
	var seen, back []time.Duration
	for range *hangs {
		stopped := time.Now()
		syscall.Kill(g.Listener.Process.PID, syscall.SIGSTOP)
		changed, _ := f.until("listening", is(supervisor.Listening))
		seen = append(seen, changed.Sub(stopped))
		continued := time.Now()
		syscall.Kill(g.Listener.Process.PID, syscall.SIGCONT)
		changed, _ = f.until("connected", is(supervisor.Connected))
		back = append(back, changed.Sub(continued))
	}
	fmt.Printf("%d times                                 median    worst\n", *hangs)
	row("from SIGSTOP to listening", seen)
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
	b := newBench(t, quick)
	serve := b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	b.run("start")
	g := b.await("connected", in("connected"))
	<-time.After(5 * time.Second) // until it is idle
	names, pids := []string{"parent", "child"}, []int{serve.Process.Pid, *g.API.PID}
	before := []time.Duration{cpu(t, pids[0]), cpu(t, pids[1])}
	from := time.Now()
	<-time.After(*idle)
	passed := time.Since(from)

	fmt.Printf("%v idle, one Gateway connected       CPU    of a core      RSS   its own\n", *idle)
	var all time.Duration
	var allRSS, allOwn int
	for i, name := range names {
		used, rss, own := cpu(t, pids[i])-before[i], kB(t, pids[i], "status", "VmRSS"), kB(t, pids[i], "status", "RssAnon")
		all, allRSS, allOwn = all+used, allRSS+rss, allOwn+own
		line(name, used, passed, rss, own)
	}
	line("together", all, passed, allRSS, allOwn)
}

func line(name string, used, of time.Duration, rss, own int) {
	fmt.Printf("  %-28s %9v %10.3f %% %6.1f MB %6.1f MB\n", name, used, 100*used.Seconds()/of.Seconds(), float64(rss)/1024, float64(own)/1024)
}

// cpu is the processor time a process has used; /proc counts in hundredths of a second.
func cpu(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// kB reads one line of a file such as /proc/PID/status.
func kB(t *testing.T, pid int, file, name string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(content)) {
		var n int
		if got, _ := fmt.Sscanf(l, name+": %d kB", &n); got == 1 {
			return n
		}
	}
	t.Fatalf("process %d has no %s", pid, name)
	return 0
}
