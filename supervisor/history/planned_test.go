package history

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

func TestPlannedBreaksAreNoIncidents(t *testing.T) {
	for name, c := range map[string]struct{ entries, want string }{
		"the nightly restart": {
			"10:00 begin\n10:00 connected\n10:05 starting/restarting*\n10:06 connected",
			"restart at 10:05:00 for 1 min: restarting"},
		"the port closes before IBC says why": {
			"10:00 begin\n10:00 connected\n10:05:00 starting\n10:05:01 starting/restarting*\n10:06 connected",
			"restart at 10:05:00 for 1 min: restarting"},
		"a restart by request": {
			"10:00 begin\n10:00 connected\n10:05 listening*\n10:05:02 down*\n10:05:04 starting/launching*\n10:06 connected",
			"restart at 10:05:00 for 1 min: starting"},
		"a stop, and a start long after it": {
			"10:00 begin\n10:00 connected\n10:05 starting*\n10:05:02 down*\n10:15 starting/login*\n10:16 connected",
			"stop at 10:05:00 for 11 min: not running"},
		"a stop that lasts": {
			"10:00 begin\n10:00 connected\n10:05 down*\n10:20 a notice",
			"stop at 10:05:00 for 25 min: not running, it lasts"},
		"a reset of IBKR's servers": {
			"10:00 begin\n10:00 connected\n10:05 cut_off*\n10:07 connected",
			"break at 10:05:00 for 2 min: cut off from IBKR"},
		"a restart that ends in an incident": {
			"10:00 begin\n10:00 connected\n10:05 starting/restarting*\n10:06 down\n10:07 starting/login*\n10:08 connected",
			"trouble at 10:06:00 for 2 min: down\nrestart at 10:05:00 for 1 min: restarting"},
		"a restart because of an incident": {
			"10:00 begin\n10:00 connected\n10:05 zombies\n10:07 down*\n10:07:30 starting/launching*\n10:08 connected",
			"drop at 10:05:00 for 2 min: stuck sockets\nrestart at 10:07:00 for 1 min: starting"},
		"one that is not watched to its end": {
			"10:00 begin\n10:00 connected\n10:05 down*\n10:06 end\n10:20 begin\n10:20 connected",
			"stop at 10:05:00 for 1 min: not running"},
		"one that never ran":      {"10:00 begin\n10:00 down*\n10:10 starting*\n10:12 connected", ""},
		"one that ran on its own": {"10:00 begin\n10:00 starting\n10:02 connected", ""},
		"a drop": {"10:00 begin\n10:00 connected\n10:05 down\n10:06 starting\n10:07 connected",
			"drop at 10:05:00 for 2 min: down"},
	} {
		t.Run(name, func(t *testing.T) {
			var timeline Timeline
			for _, e := range parseEntries(t, monday, c.entries) {
				timeline.Add(e)
			}
			report := timeline.Reports(timeOfDay(t, monday, "10:00"), timeOfDay(t, monday, "10:30"))[0]
			got := describe(Report{Incidents: report.Incidents})
			for _, b := range report.Planned {
				got += fmt.Sprintf("%s at %s for %s: %s", b.Kind, b.From.Format("15:04:05"), supervisor.Span(b.Duration()), b.Shown.Title())
				if b.Open {
					got += ", it lasts"
				}
				got += "\n"
			}
			if diff := cmp.Diff(c.want, strings.TrimSuffix(got, "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A break before the period belongs to another page; one that goes on into it does not.
func TestOnlyBreaksOfThePeriodAreReported(t *testing.T) {
	var timeline Timeline
	for _, e := range parseEntries(t, monday, "10:00 begin\n10:00 connected\n10:05 starting*\n10:06 connected\n10:10 down*\n10:20 connected") {
		timeline.Add(e)
	}
	report := timeline.Reports(timeOfDay(t, monday, "10:15"), timeOfDay(t, monday, "10:21"))[0]
	if len(report.Planned) != 1 || report.Planned[0].Kind != BreakStop {
		t.Errorf("%+v", report.Planned)
	}
	if i := report.Intervals; len(i) != 2 || !i[0].Planned || i[1].Planned {
		t.Errorf("%+v", i)
	}
}
