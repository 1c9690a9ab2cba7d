package html

import (
	"fmt"
	"sort"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// A row is one of a list: an incident, a planned break or an event.
type row struct {
	Time, Stamp string
	Gateway     string // "": there is only one
	Simulated   bool
	Icon        string
	What, Why   string
	For         string
	Kind        supervisor.EntryKind
	Planned     bool
}

// newest are the newest rows of all Gateways, the newest first.
func newest(rows []row) []row {
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].Stamp > rows[j].Stamp })
	return rows[:min(len(rows), maxRows)]
}

// nameOf is the name of a Gateway, where it has to be said.
func (p *period) nameOf(gateway string) string {
	if len(p.reports) > 1 {
		return gateway
	}
	return ""
}

// span is the row of a time of one Gateway. Its worst interval, or the one that
// says most of it, is shown.
func (p *period) span(t *history.Report, from, to time.Time, open bool, shown *history.Interval) row {
	r := row{Time: p.time(from), Stamp: from.UTC().Format(time.RFC3339Nano), Gateway: p.nameOf(t.Gateway), Simulated: t.Simulated,
		Icon: icon(*shown), What: shown.Title(), Why: shown.Why, For: supervisor.Span(to.Sub(from))}
	if open {
		r.For += ", ongoing"
	}
	return r
}

// isPlanned reports an entry of a planned break.
func (p *period) isPlanned(e *supervisor.Entry) bool {
	for _, r := range p.reports {
		for n := range r.Planned {
			if b := &r.Planned[n]; r.Gateway == e.Gateway && !e.At.Before(b.From) && e.At.Before(b.To) {
				return true
			}
		}
	}
	return false
}

func (p *period) event(e *event) row {
	r := row{Time: p.time(e.At), Stamp: e.At.Format(time.RFC3339Nano), Gateway: p.nameOf(e.Gateway), Simulated: e.Simulated, Kind: e.Kind,
		Why: e.Text}
	if e.Kind == supervisor.EntryState {
		now := history.IntervalOf(e.Entry)
		r.Icon, r.What, r.Kind, r.Planned = icon(now), now.Title(), "", p.isPlanned(&e.Entry)
		if e.before.State != "" {
			r.For = fmt.Sprintf("was %s for %s", e.before.Title(), supervisor.Span(e.before.Duration()))
		}
	}
	return r
}
