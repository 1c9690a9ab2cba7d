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
	"strings"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

//go:embed page.html
var source string

// A Page shows a period.
type Page struct {
	From, To time.Time
	Zone     *time.Location // of the reader
	Version  string
	Reports  []history.Report

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

// Add adds an entry to the listed events, with the interval that ended with it.
func (p *Page) Add(e supervisor.Entry, before history.Interval) {
	if history.IsAliveMark(e) {
		return
	}
	p.events = append(p.events, event{e, before})
	if len(p.events) >= 2*maxRows {
		p.omitted += len(p.events) - maxRows
		p.events = append(p.events[:0], p.events[len(p.events)-maxRows:]...)
	}
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
	return cmp.Or(icon(i), "unwatched")
}
