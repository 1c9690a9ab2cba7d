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
	const day = 24 * time.Hour
	worlds, length := 4, 21*day
	if *years > 0 {
		worlds, length = 15, time.Duration(*years*365*float64(day))
	}
	happened := map[string]int{}
	for seed := range uint64(worlds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			began := time.Now()
			w := newWorld(t, seed)
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
}
