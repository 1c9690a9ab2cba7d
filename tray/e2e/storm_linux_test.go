package e2e

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
)

var (
	stormTime = flag.Duration("storm", 5*time.Second, "let the state change 10,000 times a minute for this long")
	// The light should not be later than a person notices: make e2e measures that
	// with 200 ms, on a machine that does nothing else. Beside other tests only a
	// light that does not keep up at all is a failure.
	maxLag  = flag.Duration("lag", 5*time.Second, "how late the light may be after the last change")
	maxTold = flag.Duration("told", 5*time.Second, "how late it may be told that a Gateway was killed, or does not respond")
)

const (
	changesAMinute = 10_000
	// clickInterval is the time between two rounds of clicks, one on each entry and none
	// waiting for another: far less than a person's.
	clickInterval = 500 * time.Millisecond
	// readingTime is how long clients have to be in the menu before a confirmation counts
	// for them.
	readingTime = 2 * time.Second
	// maxGrowth is what the memory may differ by between the beginning and the end:
	// the runtime gives back what it has collected only with time.
	maxGrowth = 4 << 10 // kB
)

// In a storm of changes the light keeps up, no click is lost, and the memory
// stays as it is.
func TestNoClickIsLostAndTheLightKeepsUpInAStormOfChanges(t *testing.T) {
	t.Parallel() // beside a Gateway that hangs, which costs next to nothing
	b := newHarness(t, quick)
	s := newFakeSupervisor(t, b, examples[0].snapshot(0))
	tray, item := b.startTray()
	b.awaitIcon(item, examples[0].picture)
	menu, err := item.Menu()
	if err != nil {
		t.Fatal(err)
	}

	over := make(chan struct{})
	clicked := make(chan []time.Duration)
	go func() { clicked <- clickThrough(t, s, item, targets(t, menu), over) }()

	n := int(changesAMinute * stormTime.Minutes())
	began := time.Now()
	var memory []int // kB
	var notices []supervisor.Notice
	changing := runningExamples()
	for i := range n {
		<-time.After(time.Until(began.Add(*stormTime * time.Duration(i) / time.Duration(n))))
		g := changing[i%len(changing)].snapshot(i)
		if i%20 == 0 {
			memory = append(memory, costOf(t, tray.Process.Pid).rss)
			seq := uint64(i/20 + 1)
			notices = append(notices, supervisor.Notice{Seq: seq, ID: seq/3 + 1, At: g.Since, Kind: supervisor.NoticeDrop, State: g.State,
				Title: fmt.Sprintf("Notice %d", seq), Urgent: seq%2 == 0})
			notices = notices[max(0, len(notices)-8):]
		}
		g.Notices = slices.Clone(notices)
		s.tell(g)
	}
	took := time.Since(began)
	close(over)
	clicks := <-clicked // before the Gateway is down, and cannot be stopped
	last := example{picture: "down", state: supervisor.Down}.snapshot(n)
	// A notice of its own: one from before may not hold in the state with which
	// it is received, and is not shown then.
	newest := supervisor.Notice{Seq: uint64(n/20 + 2), ID: uint64(n), At: last.Since, Kind: supervisor.NoticeDrop, State: supervisor.Down,
		Title: "The last notice", Urgent: true}
	last.Notices = append(slices.Clone(notices), newest)
	told := time.Now()
	s.tell(last)
	err = b.desktop.Await(t.Context(), "the last state", func() bool {
		icon, err := item.Icon()
		return err == nil && sameIcon(icon, "down")
	})
	lag := time.Since(told)
	if err != nil {
		t.Fatal(err)
	}
	b.awaitMenu(item, last.Why)
	if lag > *maxLag {
		t.Errorf("the last state was painted after %v, want %v", lag, *maxLag)
	}
	if _, err := b.desktop.AwaitNotification(t.Context(), func(x fakedesktop.Notification) bool { return x.Summary == newest.Title }); err != nil {
		t.Error(err)
	}
	t.Logf("%d changes in %v; the last one was painted after %v", n, took.Round(time.Millisecond), lag)
	report(t, "from a click to its command", clicks)
	checkMemory(t, memory)
}

// targets are the entries to click: always there while the Gateway runs, but
// their texts, and what they do, change.
func targets(t *testing.T, menu []fakedesktop.Entry) map[int32][]supervisor.Action {
	t.Helper()
	found := map[int32][]supervisor.Action{}
	find := func(entries []fakedesktop.Entry, prefix string, does ...supervisor.Action) []fakedesktop.Entry {
		i := slices.IndexFunc(entries, func(e fakedesktop.Entry) bool { return strings.HasPrefix(e.Label, prefix) })
		if i < 0 {
			t.Fatalf("no entry %q in\n%s", prefix, fakedesktop.Text(menu))
		}
		if does != nil {
			found[entries[i].ID] = does
		}
		return entries[i].Children
	}
	find(menu, "Keep running", supervisor.KeepRunningOn, supervisor.KeepRunningOff)
	find(find(menu, "Gatelight"), "Copy IBC config", supervisor.CopyConfig)
	find(find(menu, "Stop…"), "Stop it", supervisor.Stop)
	find(find(menu, "Restart…"), "Restart it", supervisor.Restart)
	return found
}

// clickThrough clicks all entries in one burst after the other until the storm is
// over, and awaits each click at the supervisor.
func clickThrough(t *testing.T, s *fakeSupervisor, item *fakedesktop.Item, on map[int32][]supervisor.Action, over <-chan struct{}) (took []time.Duration) {
	ids := make([]int32, 0, len(on))
	for id := range on {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for wait, i := readingTime, 0; ; wait, i = clickInterval, i+1 {
		select {
		case <-over:
			return took
		case <-time.After(wait):
		}
		began := time.Now()
		for _, id := range ids {
			if err := item.ClickID(id); err != nil {
				t.Error(err)
				return took
			}
		}
		missing := slices.Clone(ids)
		for range ids {
			select {
			case a := <-s.done:
				took = append(took, time.Since(began))
				n := len(missing)
				missing = slices.DeleteFunc(missing, func(id int32) bool { return slices.Contains(on[id], a) })
				if len(missing) != n-1 {
					t.Errorf("burst %d: %q was not clicked, or came twice", i, a)
				}
			case <-time.After(2 * time.Second):
				t.Errorf("burst %d: of the clicks on %v, %d were lost", i, on, len(missing))
				return took
			}
		}
	}
}

// checkMemory compares the memory at the end with that after a warm-up of a third.
func checkMemory(t *testing.T, kb []int) {
	t.Helper()
	third := len(kb) / 3
	if third < 10 {
		t.Fatalf("%d samples of the memory are too few", len(kb))
	}
	warm, end := median(kb[third:2*third]), median(kb[2*third:])
	t.Logf("memory: %.1f MB after the warm-up, %.1f MB at the end", float64(warm)/1024, float64(end)/1024)
	if end > warm+maxGrowth {
		t.Errorf("the memory has grown from %d to %d kB", warm, end)
	}
}

func median[T int | time.Duration](of []T) T {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

func report(t *testing.T, what string, of []time.Duration) {
	t.Helper()
	if len(of) == 0 {
		t.Fatalf("%s: nothing was measured", what)
	}
	t.Logf("%s, %d times: median %v, worst %v", what, len(of), median(of).Round(time.Microsecond), slices.Max(of).Round(time.Microsecond))
}
