package html

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"sort"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// The types of this file are what the template prints: words and positions,
// with nothing left to calculate.

type view struct {
	Icons                   template.HTML
	From, To, Zone, Version string
	Ticks                   []tick
	Gateways                []gatewayView
	Incidents               []row
	Events                  []row
	Several                 bool // there is more than one Gateway
	Omitted                 int
}

type gatewayView struct {
	Name             string
	Simulated        bool
	Icon, Title, For string // at the end
	Share            string // of the watched time in which it was connected, in per cent
	Drops, Longest   string
	Bars             []bar
	Incidents        []bar // their positions
	Totals           []total
	AriaLabel        string // for those who cannot see the bars
}

type bar struct {
	Left, Width string // per cent
	Class, Icon string
	Label       string // "" where there is no room for it
	Tooltip     string
	ShowIcon    bool // there is room for it
}

type total struct{ Class, Icon, Title, Time string }

type row struct {
	Time, Stamp string
	Gateway     string
	Simulated   bool
	Icon        string
	What, Why   string
	For         string
	Kind        supervisor.EntryKind
}

func (p *Page) view() view {
	v := view{Icons: iconSymbols(), Version: p.Version, Ticks: p.ticks(), Several: len(p.Reports) > 1,
		From: p.day(p.From), To: p.day(p.To), Zone: p.To.In(p.Zone).Format("MST (UTC-07:00)")}
	var all []row
	for _, r := range p.Reports {
		v.Gateways = append(v.Gateways, p.gatewayView(r))
		for _, i := range r.Incidents {
			all = append(all, p.incident(r, i))
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Stamp > all[j].Stamp })
	v.Incidents = all[:min(len(all), maxRows)]
	listed := p.events[max(0, len(p.events)-maxRows):]
	v.Omitted = p.omitted + len(p.events) - len(listed)
	for _, e := range slices.Backward(listed) {
		v.Events = append(v.Events, p.event(e))
	}
	return v
}

func (p *Page) gatewayView(r history.Report) gatewayView {
	v := gatewayView{Name: r.Gateway, Simulated: r.Simulated, Drops: "no drops"}
	if n := len(r.Intervals); n > 0 {
		last := r.Intervals[n-1]
		v.Icon, v.Title = icon(last), last.Title()
		if last.State != "" {
			v.For = supervisor.Span(last.Duration())
		}
	}
	for _, i := range mergeShort(r.Intervals, p.To.Sub(p.From)/maxBars) {
		v.Bars = append(v.Bars, p.bar(i))
	}
	for _, i := range r.Incidents {
		v.Incidents = append(v.Incidents, bar{Left: p.percent(i.From), Icon: icon(i.Worst), Tooltip: p.tooltip(i.Worst.Title(),
			i.From, i.To, i.Worst.Why)})
	}
	v.Incidents = v.Incidents[max(0, len(v.Incidents)-maxRows):]
	for _, t := range r.VisibleTotals() {
		v.Totals = append(v.Totals, total{cssClass(t.Interval), icon(t.Interval), t.Title(), supervisor.Span(t.Time)})
		if t.State == supervisor.Connected && r.Watched > 0 {
			v.Share = share(t.Time, r.Watched)
		}
		v.AriaLabel += t.Title() + " " + supervisor.Span(t.Time) + "; "
	}
	if n, longest, any := r.Drops(); any {
		v.Drops, v.Longest = fmt.Sprintf("%d drops", n), "longest "+supervisor.Span(longest.Duration())
		if n == 1 {
			v.Drops, v.Longest = "1 drop", supervisor.Span(longest.Duration())
		}
	}
	v.AriaLabel += v.Drops
	return v
}

// share is in per cent, rounded down: 100 % means always.
func share(part, whole time.Duration) string {
	return fmt.Sprintf("%g %%", math.Floor(1000*float64(part)/float64(whole))/10)
}

// The widths that an icon and a title need, in per cent of the chart.
const (
	iconWidth  = 3
	titleWidth = 14
)

func (p *Page) bar(i history.Interval) bar {
	width := 100 * float64(i.DurationAfter(p.From)) / float64(p.To.Sub(p.From))
	v := bar{Left: p.percent(i.From), Width: fmt.Sprintf("%.3f", width), Class: cssClass(i), Icon: icon(i),
		Tooltip: p.tooltip(i.Title(), i.From, i.To, i.Why), ShowIcon: width >= iconWidth}
	if width >= titleWidth {
		v.Label = i.Title()
	}
	return v
}

func (p *Page) percent(at time.Time) string {
	part := float64(at.Sub(p.From)) / float64(p.To.Sub(p.From))
	return fmt.Sprintf("%.3f", 100*max(0, min(1, part)))
}

func (p *Page) tooltip(title string, from, to time.Time, why string) string {
	text := fmt.Sprintf("%s for %s\n%s – %s", title, supervisor.Span(to.Sub(from)), p.time(from), p.time(to))
	if why != "" {
		text += "\n" + why
	}
	return text
}

func (p *Page) incident(t history.Report, i history.Incident) row {
	r := row{Time: p.time(i.From), Stamp: i.From.UTC().Format(time.RFC3339Nano), Gateway: t.Gateway, Simulated: t.Simulated,
		Icon: icon(i.Worst), What: i.Worst.Title(), Why: i.Worst.Why, For: supervisor.Span(i.Duration())}
	if i.Open {
		r.For += ", ongoing"
	}
	return r
}

func (p *Page) event(e event) row {
	r := row{Time: p.time(e.At), Stamp: e.At.Format(time.RFC3339Nano), Gateway: e.Gateway, Simulated: e.Simulated, Kind: e.Kind,
		Why: e.Text}
	if e.Kind == supervisor.EntryState {
		now := history.IntervalOf(e.Entry)
		r.Icon, r.What, r.Kind = icon(now), now.Title(), ""
		if e.before.State != "" {
			r.For = fmt.Sprintf("was %s for %s", e.before.Title(), supervisor.Span(e.before.Duration()))
		}
	}
	return r
}

// time is a time of day, with the date unless it is the date of the end.
func (p *Page) time(t time.Time) string {
	t, end := t.In(p.Zone), p.To.In(p.Zone)
	if t.YearDay() == end.YearDay() && t.Year() == end.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("Mon 2 Jan 15:04:05")
}

func (p *Page) day(t time.Time) string { return t.In(p.Zone).Format("Mon 2 Jan, 15:04") }

// maxBars is how many bars there may be room for. A screen has no more columns.
const maxBars = 1500

// mergeShort merges neighbours that are shorter than limit, and too short to be
// seen. The worst of them is shown.
func mergeShort(intervals []history.Interval, limit time.Duration) []history.Interval {
	var all []history.Interval
	for _, i := range intervals {
		n := len(all)
		if n == 0 || i.Duration() >= limit || all[n-1].Duration() >= limit {
			all = append(all, i)
			continue
		}
		if i.WorseThan(all[n-1]) {
			i.From = all[n-1].From
			all[n-1] = i
		}
		all[n-1].To = i.To
	}
	return all
}
