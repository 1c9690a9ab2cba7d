package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"gatelight/supervisor"
)

// watchCommand is the light in a terminal.
type watchCommand struct{}

// Run shows the light here.
func (watchCommand) Run(e *env) error {
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	return supervised(e, lookOnly(b), func(s supervisor.Supervisor) error { return terminal(e, s) })
}

// terminal shows the light until the context ends: redrawn in place on a
// terminal, a line per change otherwise.
func terminal(e *env, s supervisor.Supervisor) error {
	if term.IsTerminal(int(os.Stdout.Fd())) {
		return screen(e, s)
	}
	return plain(e, s)
}

// The terminal's own language (ECMA-48, and xterm's second screen, so that what
// was there before comes back).
const (
	home      = "\x1b[H"
	eraseLine = "\x1b[K"
	eraseRest = "\x1b[J"
	enter     = "\x1b[?1049h\x1b[?25l\x1b[?7l" // the second screen, without a caret, long lines cut
	leave     = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

func screen(e *env, s supervisor.Supervisor) error {
	fmt.Fprint(e.stdout, enter)
	defer fmt.Fprint(e.stdout, leave)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	changes := s.Watch(e.ctx)
	for {
		text := e.face.Text(s.Latest(), time.Now().Round(0), colour()) + footer(e)
		fmt.Fprint(e.stdout, home+strings.ReplaceAll(fit(text), "\n", eraseLine+"\r\n")+eraseRest)
		select {
		case <-e.ctx.Done():
			return nil
		case _, open := <-changes:
			if !open {
				return nil
			}
		case <-second.C:
		}
	}
}

// fit cuts what a small terminal has no room for, from below: the state comes
// first.
func fit(text string) string {
	_, height, err := term.GetSize(int(os.Stdout.Fd()))
	lines := strings.SplitAfter(text, "\n")
	if err != nil || len(lines) <= height {
		return text
	}
	return strings.TrimSuffix(strings.Join(lines[:max(height, 1)], ""), "\n")
}

func footer(e *env) string {
	text := "\n"
	if e.footer != nil {
		text += e.footer() + "\n"
	}
	if e.noTray != nil {
		text += "In the terminal: " + e.noTray.Error() + ".\n"
	}
	if e.footer != nil {
		return text + "Ctrl-C ends the demo.\n"
	}
	return text + "Ctrl-C ends this view; the Gateway keeps running.\n"
}

// plain prints a line whenever a state changes, for logs and pipes.
func plain(e *env, s supervisor.Supervisor) error {
	shown := map[string]string{}
	for w := range s.Watch(e.ctx) {
		for _, g := range w.Gateways {
			line := g.Subject() + ": " + g.Title()
			if shown[g.Name] != line {
				shown[g.Name] = line
				fmt.Fprintf(e.stdout, "%s  %s. %s\n", time.Now().Format("15:04:05"), line, g.Why)
			}
		}
	}
	return nil
}
