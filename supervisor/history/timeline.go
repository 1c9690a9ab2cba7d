package history

import (
	"maps"
	"slices"
	"sort"
	"time"

	"gatelight/supervisor"
)

// ReadBefore is how much of the log before a period has to be read to know
// which state held at its beginning.
const ReadBefore = maxSilence

// An Interval is a period in which one state held, or in which nobody watched.
type Interval struct {
	From, To time.Time
	State    supervisor.State // "": nobody watched, or the state is not known
	Phase    supervisor.Phase
	Expected bool
	Blocking bool // zombies that keep the API from answering
	Planned  bool // it is part of a [Break]; only in a report
	Why      string
}

// IntervalOf is the beginning of the interval that an entry of the kind state or
// supervision tells of.
func IntervalOf(e supervisor.Entry) Interval {
	return Interval{From: e.At.Round(0), State: e.To, Phase: e.Phase, Expected: e.Expected, Blocking: e.Blocking, Why: e.Text}
}

// Snapshot is a snapshot with what an interval knows of it.
func (i Interval) Snapshot() supervisor.Snapshot {
	return supervisor.Snapshot{State: i.State, Phase: i.Phase, Expected: i.Expected, Blocking: i.Blocking, Verified: true, Why: i.Why}
}

// WorseThan reports that the state of this interval is more severe.
func (i Interval) WorseThan(o Interval) bool {
	a, b := i.Snapshot().Severity(), o.Snapshot().Severity()
	return a > b || a == b && i.Blocking && !o.Blocking
}

// Title names the state in the words of the menu.
func (i Interval) Title() string {
	if i.State == "" {
		return "not watched"
	}
	return i.Snapshot().Title()
}

// Duration is the length of the interval.
func (i Interval) Duration() time.Duration { return i.To.Sub(i.From) }

// DurationAfter is the length of the part that is after the given time.
func (i Interval) DurationAfter(from time.Time) time.Duration {
	if i.From.After(from) {
		from = i.From
	}
	return i.To.Sub(from)
}

func (i Interval) sameState(o Interval) bool {
	return i.State == o.State && i.Phase == o.Phase && i.Blocking == o.Blocking && (i.State != supervisor.Down || i.Expected == o.Expected)
}

// A Timeline takes entries in the order in which they were written, and finds
// the intervals of each Gateway. The zero value is an empty timeline.
type Timeline struct {
	gateways map[string]*gatewayLog
}

// A gatewayLog is what the entries say of one Gateway.
type gatewayLog struct {
	starts    []Interval // the intervals, of which To is not set yet
	lastEntry time.Time  // until then the log shows that somebody watched
	simulated bool
}

// Add takes one more entry. It returns the interval that held before, with its
// length until the entry.
func (t *Timeline) Add(e supervisor.Entry) (before Interval) {
	if e.Gateway == "" {
		return Interval{}
	}
	if t.gateways == nil {
		t.gateways = map[string]*gatewayLog{}
	}
	g := t.gateways[e.Gateway]
	if g == nil {
		g = &gatewayLog{}
		t.gateways[e.Gateway] = g
	}
	at := e.At.Round(0)
	g.simulated = e.Simulated
	g.noteEntry(at, e.Kind == supervisor.EntrySupervision && e.From == "")
	before = g.current(at)
	next := IntervalOf(e)
	switch {
	case e.Kind == supervisor.EntryState && e.To != "", e.Kind == supervisor.EntrySupervision && e.To == "":
		g.start(next)
	case e.Kind == supervisor.EntrySupervision: // it has the state, and not the reason for it
		next.Why = ""
		if len(g.starts) == 0 && !e.Since.IsZero() && e.Since.Before(at) {
			next.From = e.Since
		}
		g.start(next)
	}
	return before
}

// noteEntry notes that the log was written at that time. Intervals that begin
// later are dropped: the clock was wrong when they were written. The state is
// not known for the time before, when the log was silent for longer than
// maxSilence, or when a Gatelight begins to watch and no other one has said
// that it ended.
func (g *gatewayLog) noteEntry(at time.Time, begins bool) {
	n := len(g.starts)
	for n > 0 && g.starts[n-1].From.After(at) {
		n--
	}
	g.starts = g.starts[:n]
	if silence := at.Sub(g.lastEntry); !g.lastEntry.IsZero() && (silence > maxSilence || begins && silence >= 0) {
		g.start(Interval{From: g.lastEntry})
	}
	g.lastEntry = at
}

// current is the newest interval, until the given time.
func (g *gatewayLog) current(at time.Time) Interval {
	if len(g.starts) == 0 {
		return Interval{From: at, To: at}
	}
	i := g.starts[len(g.starts)-1]
	i.To = at
	return i
}

func (g *gatewayLog) start(i Interval) {
	if n := len(g.starts); n == 0 || !g.starts[n-1].sameState(i) {
		g.starts = append(g.starts, i)
	}
}

// A Report is what happened to one Gateway in a period.
type Report struct {
	Gateway   string
	Simulated bool
	Intervals []Interval // without gaps; the first may begin before the period
	Incidents []Incident
	Planned   []Break // when it was planned that the API is away
	Totals    []Total // the longest first
	Watched   time.Duration
}

// A Total is the time for which one state held, all its intervals together. The
// interval in it is the first of them.
type Total struct {
	Interval
	Time time.Duration
}

// Reports has a report for each Gateway, sorted by name, from one time to
// another. A time that the log does not cover counts as not watched.
func (t *Timeline) Reports(from, to time.Time) []Report {
	var all []Report
	for _, name := range slices.Sorted(maps.Keys(t.gateways)) {
		g := t.gateways[name]
		intervals := g.intervals(from, to)
		r := Report{Gateway: name, Simulated: g.simulated, Incidents: incidents(intervals)}
		r.Planned = markPlanned(intervals, r.Incidents)
		for len(r.Incidents) > 0 && !r.Incidents[0].To.After(from) {
			r.Incidents = r.Incidents[1:]
		}
		for len(r.Planned) > 0 && !r.Planned[0].To.After(from) {
			r.Planned = r.Planned[1:]
		}
		for len(intervals) > 0 && !intervals[0].To.After(from) {
			intervals = intervals[1:]
		}
		r.Intervals = intervals
		r.addTotals(from)
		all = append(all, r)
	}
	return all
}

// intervals has no gaps. It begins at from or earlier, and ends at to.
func (g *gatewayLog) intervals(from, to time.Time) []Interval {
	var starts []Interval
	if len(g.starts) == 0 || g.starts[0].From.After(from) {
		starts = append(starts, Interval{From: from})
	}
	starts = append(starts, g.starts...)
	if to.Sub(g.lastEntry) > maxSilence {
		starts = append(starts, Interval{From: g.lastEntry})
	}
	var all []Interval
	for n, i := range starts {
		i.To = to
		if n+1 < len(starts) && starts[n+1].From.Before(to) {
			i.To = starts[n+1].From
		}
		if i.Duration() <= 0 {
			continue
		}
		if n := len(all); n > 0 && all[n-1].sameState(i) {
			all[n-1].To = i.To
			continue
		}
		all = append(all, i)
	}
	return all
}

// VisibleTotals has the totals of a second or more: at each start of Gatelight
// the state is unknown for a few milliseconds, which nobody wants to read of.
func (r Report) VisibleTotals() []Total {
	return slices.DeleteFunc(slices.Clone(r.Totals), func(t Total) bool { return t.Time < time.Second })
}

func (r *Report) addTotals(from time.Time) {
	for _, i := range r.Intervals {
		duration := i.DurationAfter(from)
		if i.State != "" {
			r.Watched += duration
		}
		n := slices.IndexFunc(r.Totals, func(t Total) bool { return t.Title() == i.Title() })
		if n < 0 {
			n = len(r.Totals)
			r.Totals = append(r.Totals, Total{Interval: i})
		}
		r.Totals[n].Time += duration
	}
	sort.SliceStable(r.Totals, func(i, j int) bool { return r.Totals[i].Time > r.Totals[j].Time })
}
