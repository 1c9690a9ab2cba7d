// Package page shows the event log as one HTML file: a band per Gateway, with
// what went wrong and what happened below. The file needs nothing but itself: no
// scripts, no fonts and pictures from elsewhere.
package page

import (
	_ "embed"
	"html/template"
	"io"
	"strings"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

//go:embed page.html
var source string

// A Page is a stretch of time to be shown.
type Page struct {
	From, To time.Time
	Zone     *time.Location // of the reader
	Version  string
	Tracks   []history.Track

	told   []event // the newest ones, oldest first
	untold int     // how many are left out
}

// most is how many events and incidents are listed; the rest is for the terminal.
const most = 500

type event struct {
	supervisor.Entry
	before history.Band
}

// Tell adds an entry to what is listed, with what held before it.
func (p *Page) Tell(e supervisor.Entry, before history.Band) {
	if history.Routine(e) {
		return
	}
	p.told = append(p.told, event{e, before})
	if len(p.told) >= 2*most {
		p.untold += len(p.told) - most
		p.told = append(p.told[:0], p.told[len(p.told)-most:]...)
	}
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{"picture": picture}).Parse(source)
	if err != nil {
		return err
	}
	return t.Execute(w, p.view())
}

// picture refers to one that is in the page once.
func picture(name string) template.HTML {
	return template.HTML(`<svg class="i" aria-hidden="true"><use href="#` + name + `"/></svg>`)
}

// icons are all pictures, to be referred to. Their sources are our own.
func icons() template.HTML {
	var b strings.Builder
	for _, name := range assets.Names {
		svg := strings.TrimSpace(string(assets.SVG(name)))
		_, inner, _ := strings.Cut(svg, ">")
		b.WriteString(`<symbol id="` + name + `" viewBox="0 0 64 64">` + strings.TrimSuffix(inner, "</svg>") + "</symbol>")
	}
	return template.HTML(b.String())
}

// icon names the picture of a band; what was not watched has none.
func icon(b history.Band) string {
	switch {
	case b.State == supervisor.Down && b.Expected:
		return "down-expected"
	case b.State == supervisor.Starting && b.Phase == supervisor.TwoFactor:
		return "two-factor"
	}
	switch b.State {
	case supervisor.Down, supervisor.Starting, supervisor.Listening, supervisor.Connected, supervisor.CutOff, supervisor.Zombies:
		return strings.ReplaceAll(string(b.State), "_", "-")
	case "":
		return ""
	}
	return "unknown"
}

// class is how a band is drawn.
func class(b history.Band) string {
	if name := icon(b); name != "" {
		return name
	}
	return "unwatched"
}
