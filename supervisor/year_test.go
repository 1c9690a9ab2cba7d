package supervisor

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"
)

var years = flag.Float64("years", 0, "how many years each of the simulated worlds lasts; 0: some weeks of a few of them")

// A simulated year with all that happens in it: nightly restarts, the week's
// end, both changes of the clocks, sleep, crashes, missed approvals, refused
// logins, outages of IBKR, zombies, looks that fail, and people. The rules are
// those of the referee and of yearChecks.
func TestAYearKeepsThePromises(t *testing.T) {
	computesMuch(t)
	const day = 24 * time.Hour
	// Two weeks in which the clocks change, and a few worlds that differ most.
	seeds, length, from := []uint64{0, 1, 4, 6}, 14*day, []time.Month{time.March, time.November}
	if *years > 0 {
		seeds, length, from = nil, time.Duration(*years*365*float64(day)), []time.Month{time.January, time.July}
		for seed := range uint64(15) {
			seeds = append(seeds, seed)
		}
	}
	happened := map[string]int{}
	for i, seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			began := time.Now()
			w := newWorld(t, seed, from[i%2])
			w.run(length)
			w.recent = nil // it ends well
			for kind, n := range w.kinds {
				happened[kind] += n
			}
			w.checkBounds()
			t.Logf("%d events in %v; most notices a day: %v; in memory: %d, then %d elements",
				w.steps, time.Since(began).Round(time.Millisecond), w.checks.most, slices.Max(w.checks.sizes[:7]), slices.Max(w.checks.sizes))
		})
	}
	t.Log(happened)
	for _, kind := range []string{"Gatelight restarted", "action fails", "clock step", "crash", "dialog", "driver hangs", "hang", "hidden listener",
		"logged in elsewhere", "login loop stopped", "login refused", "looks fail", "nightly restart", "outage", "restart without a login",
		"server not reached", "sleep", "started by hand", "two-factor missed: exit", "two-factor missed: relogin", "two-factor missed: stuck",
		"unattended start", "weekly login", "window closed", "zombies"} {
		if *years >= 1 && happened[kind] == 0 {
			t.Errorf("there was no %s: the worlds have become too quiet", kind)
		}
	}
}
