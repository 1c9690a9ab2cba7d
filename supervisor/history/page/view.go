package page

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// This is what the template prints: words and places, nothing to be worked out.

type view struct {
	Icons                   template.HTML
	From, To, Zone, Version string
	Ticks                   []tick
	Tracks                  []track
	Incidents               []row
	Events                  []row
	Several                 bool // there is more than one Gateway
	Untold                  int
}

type track struct {
	Name             string
	Simulated        bool
	Icon, Title, For string // at the end
	Share, Drops     string
	Longest          string
	Bands            []bar
	Incidents        []bar // where they are
	Totals           []total
	Spoken           string // for those who cannot see the band
}

type bar struct {
	Left, Width string // per cent
	Class, Icon string
	Label       string // where there is room for it
	Hover       string
	Roomy       bool // there is room for the picture
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
	v := view{Icons: icons(), Version: p.Version, Ticks: p.ticks(), Several: len(p.Tracks) > 1,
		From: p.day(p.From), To: p.day(p.To), Zone: p.To.In(p.Zone).Format("MST (UTC-07:00)")}
	var all []row
	for _, t := range p.Tracks {
		v.Tracks = append(v.Tracks, p.track(t))
		for _, i := range t.Incidents {
			all = append(all, p.incident(t, i))
		}
	}
	slices.SortStableFunc(all, func(a, b row) int { return cmp.Compare(b.Stamp, a.Stamp) })
	v.Incidents = all[:min(len(all), most)]
	told := p.told[max(0, len(p.told)-most):]
	v.Untold = p.untold + len(p.told) - len(told)
	for _, e := range slices.Backward(told) {
		v.Events = append(v.Events, p.event(e))
	}
	return v
}

func (p *Page) track(t history.Track) track {
	v := track{Name: t.Gateway, Simulated: t.Simulated, Drops: "no drops"}
	if n := len(t.Bands); n > 0 {
		last := t.Bands[n-1]
		v.Icon, v.Title = icon(last), last.Title()
		if last.State != "" {
			v.For = supervisor.Span(last.Length())
		}
	}
	for _, b := range thinned(t.Bands, p.To.Sub(p.From)/slots) {
		v.Bands = append(v.Bands, p.bar(b))
	}
	for _, i := range t.Incidents {
		v.Incidents = append(v.Incidents, bar{Left: p.place(i.From), Icon: icon(i.Worst), Hover: p.hover(i.Worst.Title(), i.From, i.To, i.Worst.Why)})
	}
	v.Incidents = v.Incidents[max(0, len(v.Incidents)-most):]
	for _, o := range t.Noticed() {
		v.Totals = append(v.Totals, total{class(o.Band), icon(o.Band), o.Title(), supervisor.Span(o.Time)})
		if o.State == supervisor.Connected && t.Watched > 0 {
			v.Share = share(o.Time, t.Watched)
		}
		v.Spoken += o.Title() + " " + supervisor.Span(o.Time) + "; "
	}
	if n, longest, any := t.Drops(); any {
		v.Drops, v.Longest = fmt.Sprintf("%d drops", n), "longest "+supervisor.Span(longest.Length())
		if n == 1 {
			v.Drops, v.Longest = "1 drop", supervisor.Span(longest.Length())
		}
	}
	v.Spoken += v.Drops
	return v
}

// share is in per cent, cut off: 100 % means always.
func share(part, whole time.Duration) string {
	return fmt.Sprintf("%g %%", math.Floor(1000*float64(part)/float64(whole))/10)
}

// The widths, in per cent of the band, that a picture and a title need.
const (
	pictureWidth = 3
	titleWidth   = 14
)

func (p *Page) bar(b history.Band) bar {
	width := 100 * float64(b.Within(p.From)) / float64(p.To.Sub(p.From))
	v := bar{Left: p.place(b.From), Width: fmt.Sprintf("%.3f", width), Class: class(b), Icon: icon(b),
		Hover: p.hover(b.Title(), b.From, b.To, b.Why), Roomy: width >= pictureWidth}
	if width >= titleWidth {
		v.Label = b.Title()
	}
	return v
}

func (p *Page) place(at time.Time) string {
	part := float64(at.Sub(p.From)) / float64(p.To.Sub(p.From))
	return fmt.Sprintf("%.3f", 100*max(0, min(1, part)))
}

func (p *Page) hover(title string, from, to time.Time, why string) string {
	text := fmt.Sprintf("%s for %s\n%s – %s", title, supervisor.Span(to.Sub(from)), p.time(from), p.time(to))
	if why != "" {
		text += "\n" + why
	}
	return text
}

func (p *Page) incident(t history.Track, i history.Incident) row {
	r := row{Time: p.time(i.From), Stamp: i.From.UTC().Format(time.RFC3339Nano), Gateway: t.Gateway, Simulated: t.Simulated,
		Icon: icon(i.Worst), What: i.Worst.Title(), Why: i.Worst.Why, For: supervisor.Span(i.Length())}
	if i.Open {
		r.For += ", and it lasts"
	}
	return r
}

func (p *Page) event(e event) row {
	r := row{Time: p.time(e.At), Stamp: e.At.Format(time.RFC3339Nano), Gateway: e.Gateway, Simulated: e.Simulated, Kind: e.Kind, Why: e.Text}
	if e.Kind == supervisor.EntryState {
		now := history.Band{State: e.To, Phase: e.Phase, Expected: e.Expected}
		r.Icon, r.What, r.Kind = icon(now), now.Title(), ""
		if e.before.State != "" {
			r.For = fmt.Sprintf("was %s for %s", e.before.Title(), supervisor.Span(e.before.Length()))
		}
	}
	return r
}

// time is a time of day, with the date unless it is that of the end.
func (p *Page) time(t time.Time) string {
	t, end := t.In(p.Zone), p.To.In(p.Zone)
	if t.YearDay() == end.YearDay() && t.Year() == end.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("Mon 2 Jan 15:04:05")
}

func (p *Page) day(t time.Time) string { return t.In(p.Zone).Format("Mon 2 Jan, 15:04") }

// slots is how many bands there may be room for; a screen has no more columns.
const slots = 1500

// thinned makes what is too short to be seen one with its neighbours; the worst
// of them is shown.
func thinned(bands []history.Band, slot time.Duration) []history.Band {
	var all []history.Band
	for _, b := range bands {
		n := len(all)
		if n == 0 || b.Length() >= slot || all[n-1].Length() >= slot {
			all = append(all, b)
			continue
		}
		if b.Snapshot().Severity() > all[n-1].Snapshot().Severity() {
			b.From = all[n-1].From
			all[n-1] = b
		}
		all[n-1].To = b.To
	}
	return all
}
