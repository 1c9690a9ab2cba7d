package html

import (
	"fmt"
	"html/template"
	"math"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// The types of this file are what the template prints: words and positions,
// with nothing left to calculate.

type view struct {
	Icons             template.HTML
	To, Zone, Version string
	Periods           []periodView // the first one is shown at first

	// Sections are the periods in the order of the file. The first one is the last: a
	// rule of CSS can only hide what comes after the period that the address names.
	Sections []periodView
}

type periodView struct {
	ID, Name  string
	From      string
	Ticks     []tick
	Gateways  []gatewayView
	Incidents []row
	Planned   []row
	Events    []row
	Several   bool // there is more than one Gateway
	Omitted   int
}

type gatewayView struct {
	Name             string
	Simulated        bool
	Icon, Title, For string // at the end
	Share, Watched   string // for how much of the watched time it was connected, in per cent; and the watched time
	Drops, Longest   string
	Planned          string // how many planned breaks; "" for none
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

func (p *Page) view() view {
	v := view{Icons: iconSymbols(), Version: p.Version, To: p.day(p.To), Zone: p.To.In(p.Zone).Format("MST (UTC-07:00)")}
	for _, of := range p.periods {
		one := of.view()
		v.Periods = append(v.Periods, one)
		v.Sections = append([]periodView{one}, v.Sections...)
	}
	return v
}

func (p *period) view() periodView {
	v := periodView{ID: strings.ReplaceAll(p.name, " ", ""), Name: p.name, From: p.day(p.from), Ticks: p.ticks(), Several: len(p.reports) > 1}
	for n := range p.reports {
		t := &p.reports[n]
		v.Gateways = append(v.Gateways, p.gatewayView(t))
		for n := range t.Incidents {
			i := &t.Incidents[n]
			v.Incidents = append(v.Incidents, p.span(t, i.From, i.To, i.Open, &i.Worst))
		}
		for n := range t.Planned {
			b := &t.Planned[n]
			r := p.span(t, b.From, b.To, b.Open, &b.Shown)
			if b.Kind != history.BreakOther {
				r.What = string(b.Kind)
			}
			v.Planned = append(v.Planned, r)
		}
	}
	v.Incidents, v.Planned = newest(v.Incidents), newest(v.Planned)
	listed := p.events[max(0, len(p.events)-maxRows):]
	v.Omitted = p.omitted + len(p.events) - len(listed)
	for n := len(listed) - 1; n >= 0; n-- {
		v.Events = append(v.Events, p.event(&listed[n]))
	}
	return v
}

func (p *period) gatewayView(r *history.Report) gatewayView {
	v := gatewayView{Name: r.Gateway, Simulated: r.Simulated, Drops: "no drops"}
	if n := len(r.Intervals); n > 0 {
		last := r.Intervals[n-1]
		v.Icon, v.Title = icon(last), last.Title()
		if last.State != "" {
			v.For = supervisor.Span(last.Duration())
		}
	}
	for _, i := range mergeShort(r.Intervals, p.To.Sub(p.from)/maxBars) {
		v.Bars = append(v.Bars, p.bar(i))
	}
	for _, i := range r.Incidents {
		v.Incidents = append(v.Incidents, bar{Left: p.percent(i.From), Icon: icon(i.Worst), Tooltip: p.tooltip(i.Worst.Title(),
			i.From, i.To, i.Worst.Why)})
	}
	v.Incidents = v.Incidents[max(0, len(v.Incidents)-maxRows):]
	for _, t := range r.VisibleTotals() {
		v.Totals = append(v.Totals, totalView(r, t))
		if t.State == supervisor.Connected && r.Watched > 0 {
			v.Share, v.Watched = share(t.Time, r.Watched), supervisor.Span(r.Watched)
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
	if n := len(r.Planned); n == 1 {
		v.Planned = "1 planned break"
	} else if n > 1 {
		v.Planned = fmt.Sprintf("%d planned breaks", n)
	}
	return v
}

// totalView is drawn as planned if all of it was.
func totalView(r *history.Report, t history.Total) total {
	t.Planned = true
	for n := range r.Intervals {
		i := &r.Intervals[n]
		t.Planned = t.Planned && (i.Planned || i.Title() != t.Title())
	}
	return total{cssClass(t.Interval), icon(t.Interval), title(t.Interval), supervisor.Span(t.Time)}
}

// title names the state, and says when it was planned.
func title(i history.Interval) string {
	if i.Planned {
		return i.Title() + ", planned"
	}
	return i.Title()
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

func (p *period) bar(i history.Interval) bar {
	width := 100 * float64(i.DurationAfter(p.from)) / float64(p.To.Sub(p.from))
	v := bar{Left: p.percent(i.From), Width: fmt.Sprintf("%.3f", width), Class: cssClass(i), Icon: icon(i),
		Tooltip: p.tooltip(title(i), i.From, i.To, i.Why), ShowIcon: width >= iconWidth}
	if width >= titleWidth {
		v.Label = i.Title()
	}
	return v
}

func (p *period) percent(at time.Time) string {
	part := float64(at.Sub(p.from)) / float64(p.To.Sub(p.from))
	return fmt.Sprintf("%.3f", 100*max(0, min(1, part)))
}

func (p *period) tooltip(title string, from, to time.Time, why string) string {
	end := p.time(to)
	if from.In(p.Zone).Format(time.DateOnly) == to.In(p.Zone).Format(time.DateOnly) {
		end = to.In(p.Zone).Format(time.TimeOnly)
	}
	text := fmt.Sprintf("%s, %s\n%s – %s", title, supervisor.Span(to.Sub(from)), p.time(from), end)
	if why != "" {
		text += "\n" + why
	}
	return text
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
