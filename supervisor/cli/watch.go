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
	return supervised(e, func(s supervisor.Supervisor, _ build) error { return terminal(e, s) })
}

// terminal shows the light until the context ends: redrawn in place on a
// terminal, a line per change otherwise.
func terminal(e *env, s supervisor.Supervisor) error {
	if term.IsTerminal(int(os.Stdout.Fd())) {
		return screen(e, s)
	}
	return plain(e, s)
}

// The terminal's own language (ECMA-48): home, erase to end of line and of screen.
const (
	home      = "\x1b[H"
	eraseLine = "\x1b[K"
	eraseRest = "\x1b[J"
	hideCaret = "\x1b[?25l"
	showCaret = "\x1b[?25h"
	clear     = "\x1b[2J"
)

func screen(e *env, s supervisor.Supervisor) error {
	fmt.Fprint(e.stdout, clear+hideCaret)
	defer fmt.Fprint(e.stdout, showCaret+"\n")
	second := time.NewTicker(time.Second)
	defer second.Stop()
	changes := s.Watch(e.ctx)
	for {
		text := e.face.Text(s.Latest(), time.Now().Round(0), colour()) + footer(e)
		fmt.Fprint(e.stdout, home+strings.ReplaceAll(text, "\n", eraseLine+"\n")+eraseRest)
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

func footer(e *env) string {
	if e.footer != nil {
		return "\n" + e.footer() + "\nCtrl-C ends this view.\n"
	}
	return "\nCtrl-C ends this view; the Gateway keeps running.\n"
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
