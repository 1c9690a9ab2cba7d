// Package html shows the event log as one HTML file: a bar chart of each
// Gateway's states over time, and below it the incidents and the events. The
// file needs nothing else: no scripts, and no fonts or pictures from elsewhere.
package html

import (
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

//go:embed page.html
var source string

// A Page shows what happened until a time, in one period or in several: each of
// them has links to the others.
type Page struct {
	To      time.Time
	Zone    *time.Location // of the reader
	Version string

	periods []*period // the first one is shown at first
}

// A period is one of a page.
type period struct {
	*Page
	name    string // "24 h"
	from    time.Time
	reports []history.Report
	events  []event // the newest ones, oldest first
	omitted int     // how many older ones are left out
}

// maxRows is how many events and how many incidents are listed. The rest can be
// read in the terminal.
const maxRows = 500

type event struct {
	supervisor.Entry
	before history.Interval
}

// AddPeriod adds a period. The first one is shown when the page is opened.
func (p *Page) AddPeriod(l history.Lookback) {
	p.periods = append(p.periods, &period{Page: p, name: l.String(), from: p.To.Add(-time.Duration(l))})
}

// From is the beginning of the longest period.
func (p *Page) From() time.Time {
	from := p.To
	for _, of := range p.periods {
		if of.from.Before(from) {
			from = of.from
		}
	}
	return from
}

// AddEntry adds an entry to the listed events, with the interval that ended with
// it.
func (p *Page) AddEntry(e supervisor.Entry, before history.Interval) {
	if history.IsAliveMark(e) {
		return
	}
	for _, of := range p.periods {
		if !e.At.Before(of.from) {
			of.add(event{e, before})
		}
	}
}

func (p *period) add(e event) {
	p.events = append(p.events, e)
	if len(p.events) >= 2*maxRows {
		p.omitted += len(p.events) - maxRows
		p.events = append(p.events[:0], p.events[len(p.events)-maxRows:]...)
	}
}

// SetTimeline sets what the charts show: these Gateways in this order, then all
// others of the timeline. "host/" stands for all those of a host.
func (p *Page) SetTimeline(t *history.Timeline, order []string) {
	for _, of := range p.periods {
		all := t.Reports(of.from, p.To)
		sort.SliceStable(all, func(i, j int) bool { return place(order, all[i].Gateway) < place(order, all[j].Gateway) })
		of.reports = all
	}
}

// place is where a Gateway is in an order, or after it.
func place(order []string, gateway string) int {
	for n, o := range order {
		if o == gateway || strings.HasSuffix(o, "/") && strings.HasPrefix(gateway, o) {
			return n
		}
	}
	return len(order)
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"icon": iconRef}).Parse(source)
	if err != nil {
		return err
	}
	return t.Execute(w, p.view())
}

// iconRef refers to one of the [iconSymbols].
func iconRef(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="#` + name + `"/></svg>`)
}

// iconSymbols has every icon once, for the references to it. It is safe as
// HTML: the sources are Gatelight's own.
func iconSymbols() template.HTML {
	var b strings.Builder
	for _, name := range assets.Names {
		svg := strings.TrimSpace(string(assets.SVG(name)))
		_, inner, _ := strings.Cut(svg, ">")
		b.WriteString(`<symbol id="` + name + `" viewBox="0 0 64 64">` + strings.TrimSuffix(inner, "</svg>") + "</symbol>")
	}
	return template.HTML(b.String())
}

// icon names the icon of an interval, "" for one that was not watched.
func icon(i history.Interval) string {
	name := strings.ReplaceAll(string(i.State), "_", "-")
	switch {
	case i.State == supervisor.Down && i.Expected:
		return "down-expected"
	case i.Phase == supervisor.TwoFactor:
		return "two-factor"
	case i.Phase == supervisor.NeedsYou:
		return "needs-you"
	case i.State == "" || slices.Contains(assets.Names, name):
		return name
	}
	return "unknown"
}

// cssClass says how an interval is drawn.
func cssClass(i history.Interval) string {
	class := cmp.Or(icon(i), "unwatched")
	if i.Planned {
		class += " planned"
	}
	return class
}
