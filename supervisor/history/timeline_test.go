package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

// parseEntries reads entries that are written as "10:00 connected": a time of
// day and a state, or "begin", "end" or "on STATE" for a mark, or anything else
// for a notice. A state with a star is expected; zombies with an exclamation
// mark are blocking.
func parseEntries(t *testing.T, day time.Time, text string) (all []supervisor.Entry) {
	t.Helper()
	for line := range strings.Lines(text) {
		clock, what, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		at := timeOfDay(t, day, clock)
		what, expected := strings.CutSuffix(what, "*")
		what, blocking := strings.CutSuffix(what, "!")
		name, phase, _ := strings.Cut(what, "/")
		g := supervisor.Snapshot{Name: "paper", State: supervisor.State(name), Phase: supervisor.Phase(phase), Expected: expected, Blocking: blocking}
		mark, isMark := strings.CutPrefix(what, "on ")
		switch {
		case what == "begin":
			g.State = supervisor.Unknown
			all = append(all, BeginMark(g, at, "v1"))
		case what == "end":
			all = append(all, EndMark(g, at))
		case isMark:
			g.State, g.Since = supervisor.State(mark), at.Add(-time.Hour)
			all = append(all, AliveMark(g, at))
		case slices.Contains(states, g.State):
			all = append(all, supervisor.Entry{At: at, Gateway: "paper", Kind: "state", To: g.State, Phase: g.Phase,
				Expected: expected, Blocking: blocking, Text: what})
		default:
			all = append(all, supervisor.Entry{At: at, Gateway: "paper", Kind: "notice", Text: what})
		}
	}
	return all
}

var states = []supervisor.State{supervisor.Unknown, supervisor.Down, supervisor.Starting, supervisor.Listening,
	supervisor.Silent, supervisor.Connected, supervisor.CutOff, supervisor.Zombies}

// timeOfDay is a time of the day: 10:00, 10:00:30 or 34:00 for the next
// morning.
func timeOfDay(t *testing.T, day time.Time, clock string) time.Time {
	t.Helper()
	var h, m, s int
	if n, err := fmt.Sscanf(clock+":00", "%d:%d:%d", &h, &m, &s); n < 3 || err != nil {
		t.Fatalf("%q is no time: %v", clock, err)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), h, m, s, 0, day.Location())
}

// describe writes a report as a person would note it down.
func describe(t Report) string {
	var b strings.Builder
	for _, interval := range t.Intervals {
		fmt.Fprintf(&b, "%s %s %s\n", interval.From.Format("15:04:05"), supervisor.Span(interval.Duration()), interval.Title())
	}
	for _, i := range t.Incidents {
		kind := "trouble"
		if i.Drop {
			kind = "drop"
		}
		fmt.Fprintf(&b, "%s at %s for %s: %s", kind, i.From.Format("15:04:05"), supervisor.Span(i.Duration()), i.Worst.Title())
		if i.Open {
			b.WriteString(", it lasts")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// unindent removes the tabs, so that the text in a table can be indented.
func unindent(s string) string { return strings.TrimPrefix(strings.ReplaceAll(s, "\t", ""), "\n") }

var monday = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func TestReportsHaveTheIntervalsAndIncidentsOfTheLog(t *testing.T) {
	for name, c := range map[string]struct{ entries, from, to, want string }{
		"a drop, and the way back": {
			entries: "10:00 begin\n10:00:01 connected\n10:10 on connected\n10:12 down\n10:13 starting\n10:14 connected",
			from:    "10:00", to: "10:20",
			want: `
			10:00:00 1 s unknown
			10:00:01 11 min connected
			10:12:00 1 min down
			10:13:00 1 min starting
			10:14:00 6 min connected
			drop at 10:12:00 for 2 min: down
			`},
		"a stop on purpose is no drop": {
			entries: "10:00 begin\n10:00 connected\n10:12 listening*\n10:12:01 down*\n10:15 starting*\n10:16 connected\n10:18 listening\n10:18:01 down*",
			from:    "10:00", to: "10:20",
			want: `
			10:00:00 12 min connected
			10:12:00 1 s open, API not proven
			10:12:01 2 min not running
			10:15:00 1 min starting
			10:16:00 2 min connected
			10:18:00 1 s open, API not proven
			10:18:01 1 min not running
			`},
		"zombies are trouble until the restart": {
			entries: "10:00 begin\n10:00 connected\n10:05 zombies\n10:10 down*\n10:11 connected",
			from:    "10:00", to: "10:12",
			want: `
			10:00:00 5 min connected
			10:05:00 5 min stuck sockets
			10:10:00 1 min not running
			10:11:00 1 min connected
			drop at 10:05:00 for 5 min: stuck sockets
			`},
		"zombies that begin to block, and a watch that goes on": {
			entries: "10:00 begin\n10:00 connected\n10:05 zombies\n10:07 zombies!\n10:08 on zombies!\n10:10 zombies\n10:11 connected",
			from:    "10:00", to: "10:12",
			want: `
			10:00:00 5 min connected
			10:05:00 2 min stuck sockets
			10:07:00 3 min API blocked
			10:10:00 1 min stuck sockets
			10:11:00 1 min connected
			drop at 10:05:00 for 6 min: API blocked
			`},
		"a Gateway that does not respond is a drop": {
			entries: "10:00 begin\n10:00 connected\n10:05 silent\n10:09 connected",
			from:    "10:00", to: "10:12",
			want: `
			10:00:00 5 min connected
			10:05:00 4 min not responding
			10:09:00 3 min connected
			drop at 10:05:00 for 4 min: not responding
			`},
		"one that never responded is trouble": {
			entries: "10:00 begin\n10:00 down*\n10:01 starting*\n10:02 listening*\n10:03 silent\n10:04 down*\n10:05 silent*",
			from:    "10:00", to: "10:06",
			want: `
			10:00:00 1 min not running
			10:01:00 1 min starting
			10:02:00 1 min open, API not proven
			10:03:00 1 min not responding
			10:04:00 1 min not running
			10:05:00 1 min not responding
			trouble at 10:03:00 for 1 min: not responding
			`},
		"a login that waits for a person is trouble": {
			entries: "10:00 begin\n10:00 down*\n10:01 starting/login*\n10:02 starting/needs_you\n10:05 starting/logged_in*\n10:06 connected",
			from:    "10:00", to: "10:08",
			want: `
			10:00:00 1 min not running
			10:01:00 1 min starting
			10:02:00 3 min waiting for you
			10:05:00 1 min starting
			10:06:00 2 min connected
			trouble at 10:02:00 for 4 min: waiting for you
			`},
		"so is one behind an open port": {
			entries: "10:00 begin\n10:00 listening/login*\n10:02 listening/needs_you\n10:05 down*",
			from:    "10:00", to: "10:06",
			want: `
			10:00:00 2 min open, not logged in yet
			10:02:00 3 min waiting for you
			10:05:00 1 min not running
			trouble at 10:02:00 for 3 min: waiting for you
			`},
		"a start that fails is trouble, not a drop; it lasts": {
			entries: "10:00 begin\n10:00 down*\n10:05 starting/login*\n10:06 starting/two_factor*\n10:10 down",
			from:    "10:00", to: "10:20",
			want: `
			10:00:00 5 min not running
			10:05:00 1 min starting
			10:06:00 4 min approve login
			10:10:00 10 min down
			trouble at 10:10:00 for 10 min: down, it lasts
			`},
		"nobody watches after the end": {
			entries: "10:00 begin\n10:00 connected\n10:05 end\n10:05 a last word\n10:30 begin\n10:31 connected",
			from:    "10:00", to: "10:35",
			want: `
			10:00:00 5 min connected
			10:05:00 25 min not watched
			10:30:00 1 min unknown
			10:31:00 4 min connected
			`},
		"nobody knows how it went on after a crash": {
			entries: "10:00 begin\n10:00 connected\n10:10 on connected\n10:19 begin\n10:19 down",
			from:    "10:00", to: "10:20",
			want: `
			10:00:00 10 min connected
			10:10:00 9 min not watched
			10:19:00 1 min down
			trouble at 10:19:00 for 1 min: down, it lasts
			`},
		"nobody watches while the machine sleeps": {
			entries: "10:00 begin\n10:00 connected\n10:10 a notice\n18:00 unknown\n18:00:02 connected",
			from:    "10:00", to: "18:01",
			want: `
			10:00:00 10 min connected
			10:10:00 7 h 50 min not watched
			18:00:00 2 s unknown
			18:00:02 58 s connected
			`},
		"nobody watches long after the last entry": {
			entries: "10:00 begin\n10:00 connected",
			from:    "09:00", to: "12:00",
			want: `
			09:00:00 3 h 00 min not watched
			`},
		"a mark has a state from before the log": {
			entries: "10:00 on connected\n10:10 on connected",
			from:    "09:30", to: "10:15",
			want: `
			09:00:00 1 h 15 min connected
			`},
		"a clock that was an hour ahead and is set right": {
			entries: "11:00 begin\n11:00 connected\n11:05 down\n10:06 a notice\n10:07 connected",
			from:    "10:00", to: "10:10",
			want: `
			10:00:00 7 min not watched
			10:07:00 3 min connected
			`},
		"a mark and a change that come in the wrong order": {
			entries: "10:00 begin\n10:00 connected\n10:10:02 on down\n10:10:01 down",
			from:    "10:00", to: "10:12",
			want: `
			10:00:00 10 min connected
			10:10:01 1 min down
			drop at 10:10:01 for 1 min: down, it lasts
			`},
	} {
		t.Run(name, func(t *testing.T) {
			var timeline Timeline
			for _, e := range parseEntries(t, monday, c.entries) {
				timeline.Add(e)
			}
			reports := timeline.Reports(timeOfDay(t, monday, c.from), timeOfDay(t, monday, c.to))
			if len(reports) != 1 {
				t.Fatalf("%d reports", len(reports))
			}
			if diff := cmp.Diff(unindent(c.want), describe(reports[0])); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The night on which the clocks go back has 25 hours, and that on which they go
// forward 23. What is stored has the offset of its time.
func TestNightsOfTheClockChangeHaveTheirRealLength(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]time.Duration{"2026-10-25": 25 * time.Hour, "2026-03-29": 23 * time.Hour} {
		midnight, err := time.ParseInLocation(time.DateOnly, day, berlin)
		if err != nil {
			t.Fatal(err)
		}
		var timeline Timeline
		for at := midnight; !at.After(midnight.AddDate(0, 0, 1)); at = at.Add(MarkInterval) {
			timeline.Add(AliveMark(supervisor.Snapshot{Name: "paper", State: supervisor.Connected}, at))
		}
		report := timeline.Reports(midnight, midnight.AddDate(0, 0, 1))[0]
		if report.Watched != want || len(report.Intervals) != 1 || report.Totals[0].Time != want {
			t.Errorf("%s: watched for %v, want %v: %+v", day, report.Watched, want, report.Intervals)
		}
	}
}

func TestReportsAddUpStatesAndCountDrops(t *testing.T) {
	var timeline Timeline
	for _, e := range parseEntries(t, monday,
		"08:00 begin\n08:00 connected\n08:10 down\n08:12 connected\n08:20 cut_off\n08:28 connected\n08:30 down*\n08:35 zombies") {
		timeline.Add(e)
	}
	timeline.Add(supervisor.Entry{At: monday.Add(8 * time.Hour), Gateway: "live", Kind: "notice", Text: "hello", Simulated: true})
	reports := timeline.Reports(timeOfDay(t, monday, "08:05"), timeOfDay(t, monday, "08:40"))
	var got []string
	for _, report := range reports {
		got = append(got, fmt.Sprintf("%s simulated=%v watched %v", report.Gateway, report.Simulated, report.Watched))
		for _, total := range report.Totals {
			got = append(got, fmt.Sprintf("%v %s", total.Time, total.Title()))
		}
		n, longest, any := report.Drops()
		got = append(got, fmt.Sprintf("%d drops, %v, %v", n, longest.Duration(), any))
	}
	want := []string{
		"live simulated=true watched 0s", "35m0s not watched", "0 drops, 0s, false",
		"paper simulated=false watched 35m0s", "15m0s connected", "8m0s cut off from IBKR", "5m0s not running",
		"5m0s stuck sockets", "2m0s down", "2 drops, 8m0s, true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTotalsOfLessThanASecondAreNotVisible(t *testing.T) {
	var timeline Timeline
	entries := parseEntries(t, monday, "08:00 begin\n08:00 down*")
	entries[1].At = entries[1].At.Add(3 * time.Millisecond)
	for _, e := range entries {
		timeline.Add(e)
	}
	report := timeline.Reports(monday.Add(8*time.Hour), monday.Add(8*time.Hour+time.Minute))[0]
	if len(report.Totals) != 2 || len(report.VisibleTotals()) != 1 || report.VisibleTotals()[0].Title() != "not running" {
		t.Errorf("%+v", report.Totals)
	}
}

func TestAddReturnsTheIntervalBefore(t *testing.T) {
	var timeline Timeline
	var got []string
	for _, e := range parseEntries(t, monday, "10:00 begin\n10:00:02 connected\n10:10 on connected\n10:12:02 down\n10:13 a notice") {
		before := timeline.Add(e)
		got = append(got, fmt.Sprintf("%v %s", before.Duration(), before.Title()))
	}
	want := []string{"0s not watched", "2s unknown", "9m58s connected", "12m0s connected", "58s down"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyMarksWithoutAChangeAreAliveMarks(t *testing.T) {
	for _, e := range parseEntries(t, monday, "10:00 begin\n10:10 on connected\n10:12 down\n10:12 a notice\n10:20 end") {
		if got, want := IsAliveMark(e), e.At.Minute() == 10; got != want {
			t.Errorf("%+v: %v", e, got)
		}
	}
}
