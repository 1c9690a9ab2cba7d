package html

import (
	"fmt"
	"slices"
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

func (p *period) incident(t history.Report, i history.Incident) row {
	r := row{Time: p.time(i.From), Stamp: i.From.UTC().Format(time.RFC3339Nano), Gateway: p.nameOf(t.Gateway), Simulated: t.Simulated,
		Icon: icon(i.Worst), What: i.Worst.Title(), Why: i.Worst.Why, For: supervisor.Span(i.Duration())}
	if i.Open {
		r.For += ", ongoing"
	}
	return r
}

func (p *period) planned(t history.Report, b history.Break) row {
	r := row{Time: p.time(b.From), Stamp: b.From.UTC().Format(time.RFC3339Nano), Gateway: p.nameOf(t.Gateway), Simulated: t.Simulated,
		Icon: icon(b.Shown), What: supervisor.Capitalise(string(b.Kind)), Why: b.Shown.Why, For: supervisor.Span(b.Duration())}
	if b.Kind == history.BreakOther {
		r.What = supervisor.Capitalise(b.Shown.Title())
	}
	if b.Open {
		r.For += ", ongoing"
	}
	return r
}

// isPlanned reports an entry of a planned break.
func (p *period) isPlanned(e supervisor.Entry) bool {
	return slices.ContainsFunc(p.reports, func(r history.Report) bool {
		return r.Gateway == e.Gateway && slices.ContainsFunc(r.Planned, func(b history.Break) bool {
			return !e.At.Before(b.From) && e.At.Before(b.To)
		})
	})
}

func (p *period) event(e event) row {
	r := row{Time: p.time(e.At), Stamp: e.At.Format(time.RFC3339Nano), Gateway: p.nameOf(e.Gateway), Simulated: e.Simulated, Kind: e.Kind,
		Why: e.Text}
	if e.Kind == supervisor.EntryState {
		now := history.IntervalOf(e.Entry)
		r.Icon, r.What, r.Kind, r.Planned = icon(now), now.Title(), "", p.isPlanned(e.Entry)
		if e.before.State != "" {
			r.For = fmt.Sprintf("was %s for %s", e.before.Title(), supervisor.Span(e.before.Duration()))
		}
	}
	return r
}
