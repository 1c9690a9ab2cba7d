package cli

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/tray"
)

// watchCommand is the light in a terminal.
type watchCommand struct{}

func (watchCommand) Run(e *env) error {
	return connect(e, forView, func(s supervisor.Supervisor) error { return showInTerminal(e, s) })
}

// showInTerminal shows the light until the context ends or nothing can be printed
// any more: redrawn in place on a terminal, a line per change otherwise.
func showInTerminal(e *env, s supervisor.Supervisor) error {
	if term.IsTerminal(int(os.Stdout.Fd())) && obeysSequences() {
		return redraw(e, s)
	}
	return printChanges(e, s)
}

// Control sequences of the terminal: ECMA-48, and xterm's alternate screen, so
// that what was there before comes back.
const (
	cursorHome       = "\x1b[H"
	eraseToEndOfLine = "\x1b[K"
	eraseBelow       = "\x1b[J"
	enterScreen      = "\x1b[?1049h\x1b[?25l\x1b[?7l" // the alternate screen, without a cursor, long lines cut
	leaveScreen      = "\x1b[?7h\x1b[?25h\x1b[?1049l"
)

func redraw(e *env, s supervisor.Supervisor) error {
	fmt.Fprint(e.stdout, enterScreen)
	defer fmt.Fprint(e.stdout, leaveScreen)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	changes := s.Watch(e.ctx)
	for {
		text := tray.StatusText(s.Latest(), supervisor.Now(), colour()) + footer(e)
		if _, err := fmt.Fprint(e.stdout, cursorHome+strings.ReplaceAll(fitHeight(text), "\n", eraseToEndOfLine+"\r\n")+eraseBelow); err != nil {
			return err
		}
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

// fitHeight cuts the last lines if the terminal has no room for them: the state
// comes first.
func fitHeight(text string) string {
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

// printChanges prints a line whenever a state changes, for logs and pipes.
func printChanges(e *env, s supervisor.Supervisor) error {
	shown := map[string]string{}
	for w := range s.Watch(e.ctx) {
		for _, g := range w.Gateways {
			line := g.Headline()
			if shown[g.Name] != line {
				shown[g.Name] = line
				if _, err := fmt.Fprintf(e.stdout, "%s  %s. %s\n", time.Now().Format("15:04:05"), line, g.Why); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
