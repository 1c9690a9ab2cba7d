// Package doctor checks this machine, from the installed Gateway to the
// notifications of the desktop, and says what to do about what is wrong. It
// never connects to the API port.
package doctor

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

// A Verdict is the outcome of a check.
type Verdict string

// The outcomes of a check.
const (
	OK      Verdict = "ok"
	Note    Verdict = "note"    // it is so, and neither good nor bad
	Warning Verdict = "warning" // it works, but somebody should look at it
	Error   Verdict = "error"   // it does not work
)

// A Result is the outcome of one check, in words.
type Result struct {
	Check   string  `json:"check"` // its name, for scripts
	Verdict Verdict `json:"verdict"`
	Text    string  `json:"text"`
	Do      string  `json:"do,omitempty"` // what to do about it
	// Data are the values behind the text, for a report. What is not known is
	// null.
	Data map[string]any `json:"data,omitempty"`
}

// A Section is the results on one subject.
type Section struct {
	Title   string   `json:"title"`
	Gateway string   `json:"gateway,omitempty"` // its name, if the section is about one
	Results []Result `json:"results"`
}

// A Host is the machine, the settings and the program that are checked.
type Host struct {
	Paths   settings.Paths
	Version string // of this program
	Machine find.Machine
	Sockets supervisor.SocketReader
	// CheckSockets compares what Sockets sees with what another program does.
	CheckSockets func(ctx context.Context) error
	// IsOtherProgram reports a process that is known to be no Gateway or TWS; nil:
	// nobody can tell.
	IsOtherProgram func(pid int) bool
	// Look judges all Gateways by looking at their ports, where no Gatelight
	// runs. It is nil where that is not wanted.
	Look func(ctx context.Context, file settings.File) (supervisor.Status, error)
	// Desktop returns why there is no tray, or nil. waiting: one may still
	// come. It is nil where there is nothing to check.
	Desktop func(ctx context.Context) (waiting bool, err error)
	// Notify raises a desktop notification; nil where that is not possible.
	Notify func(ctx context.Context, title, body string) error
	// Alerts returns how they are shown, or why nobody shows them. It is nil
	// where that cannot be known.
	Alerts func(ctx context.Context) (supervisor.AlertReport, error)
	// Paused returns until when alerts are paused, AtLogin whether Gatelight
	// starts at login. Both may be nil.
	Paused  func() time.Time
	AtLogin func() (bool, error)

	// Mac reads what only a Mac can tell; nil elsewhere.
	Mac func(ctx context.Context) MacFacts

	LookPath func(program string) (string, error) // as exec.LookPath
	Now      func() time.Time
}

// checkTimeout limits a check that asks another process.
const checkTimeout = 8 * time.Second

// Run makes all checks, one after the other.
func Run(ctx context.Context, h Host) []Section {
	c := &checker{Host: h}
	c.section("Settings", "")
	file := c.settings()
	c.section("Gatelight", "")
	c.running(ctx)
	c.lookAlone(ctx, file)
	c.folders()
	c.section("Reading the socket table", "")
	c.reader(ctx)
	for _, g := range file.Gateway {
		c.section(fmt.Sprintf("Gateway %s, port %d", g.Name, g.Port), g.Name)
		gatewayCheck{checker: c, Gateway: g, all: file.Gateway}.run(ctx)
	}
	c.section("Desktop", "")
	c.display(ctx, file)
	c.desktop(ctx, file)
	if c.Mac != nil {
		c.section("This Mac", "")
		c.mac(ctx, file)
	}
	return c.sections
}

// A checker collects the results of the checks of a Host.
type checker struct {
	Host
	sections []Section
	status   *supervisor.Status // what is known about the Gateways; nil: nothing
	blind    error              // why the socket reader sees too little; nil: it sees enough
}

// section begins a section, which takes the results that follow.
func (c *checker) section(title, gateway string) {
	c.sections = append(c.sections, Section{Title: title, Gateway: gateway})
}

func (c *checker) add(check string, v Verdict, do, text string, args []any) {
	s := &c.sections[len(c.sections)-1]
	r := Result{Check: check, Verdict: v, Text: fmt.Sprintf(text, args...), Do: do}
	supervisor.CleanTexts(&r) // it may name what another program is called
	s.Results = append(s.Results, r)
}

// note adds what is neither good nor bad.
func (c *checker) note(check, text string, args ...any) { c.add(check, Note, "", text, args) }

func (c *checker) ok(check, text string, args ...any) { c.add(check, OK, "", text, args) }

func (c *checker) warning(check, do, text string, args ...any) { c.add(check, Warning, do, text, args) }

func (c *checker) failure(check, do, text string, args ...any) { c.add(check, Error, do, text, args) }

// Healthy reports that there is no [Error].
func Healthy(sections []Section) bool { return count(sections, Error) == 0 }

func count(sections []Section, v Verdict) (n int) {
	for _, s := range sections {
		for _, r := range s.Results {
			if r.Verdict == v {
				n++
			}
		}
	}
	return n
}
