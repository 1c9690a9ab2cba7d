package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/settings"
)

// historyCommand prints the event log.
type historyCommand struct {
	Since   history.Lookback `help:"How far back: 90m, 24h, 7d." default:"24h" placeholder:"TIME"`
	Gateway string           `help:"Only this Gateway." placeholder:"NAME"`
	Kind    []string         `help:"Only these kinds: ${enum}." enum:"state,command,notice,exit,session,supervision" placeholder:"KIND"`
	JSON    bool             `help:"Print it for scripts: an object a line, as it is stored."`
}

// Run prints it. Exit status 0, be there something or not.
func (c historyCommand) Run(e *env) error {
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	return c.print(e, b, supervisor.Now())
}

func (c historyCommand) print(e *env, b build, now time.Time) error {
	out := bufio.NewWriter(e.stdout)
	defer out.Flush()
	from := now.Add(-time.Duration(c.Since))
	width := 0
	for _, g := range b.file.Gateway {
		width = max(width, len(g.Name))
	}
	printed := 0
	book, err := leaf(e, b, c.Gateway, from, now, func(line []byte, entry supervisor.Entry, before history.Interval) error {
		if len(c.Kind) > 0 && !slices.Contains(c.Kind, string(entry.Kind)) {
			return nil
		}
		if c.JSON {
			_, err := out.Write(append(line, '\n'))
			return err
		}
		if history.IsAliveMark(entry) {
			return nil
		}
		printed++
		_, err := fmt.Fprintf(out, "%s  %-*s  %s\n", entry.At.Local().Format("2006-01-02 15:04:05"), width, harmless(marked(entry)), harmless(sentenceOf(entry, before)))
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return out.Flush()
	}
	tracks := book.Reports(from, now)
	switch {
	case len(tracks) == 0:
		fmt.Fprintf(out, "Nothing was recorded in the last %s. Events are written while Gatelight runs, to %s\n", c.Since, b.paths.Events())
	case printed == 0:
		fmt.Fprintf(out, "Nothing happened in the last %s.\n", c.Since)
	}
	summarise(out, tracks, c.Since, now)
	return out.Flush()
}

// leaf reads the log from one time to another into a book, and shows each entry
// on the way, with what held before it. A Gateway that neither the log nor the
// settings know is a mistake.
func leaf(e *env, b build, gateway string, from, to time.Time, each func([]byte, supervisor.Entry, history.Interval) error) (*history.Timeline, error) {
	known := gateway == "" || slices.ContainsFunc(b.file.Gateway, func(g settings.Gateway) bool { return g.Name == gateway })
	var book history.Timeline
	unreadable, err := history.Read(b.paths.Events(), from.Add(-history.ReadBefore), func(line []byte, entry supervisor.Entry) error {
		if gateway != "" && entry.Gateway != gateway {
			return nil
		}
		known = true
		before := book.Add(entry)
		if entry.At.Before(from) || entry.At.After(to) {
			return nil
		}
		return each(line, entry, before)
	})
	if unreadable > 0 {
		fmt.Fprintf(e.stderr, "gatelight: %d of the event log's lines could not be read and are left out\n", unreadable)
	}
	if err == nil && !known {
		fmt.Fprintf(e.stderr, "gatelight: there is no Gateway %q in %s, nor in the event log\n", gateway, e.paths.Settings)
		return nil, exit(exitUsage)
	}
	return &book, err
}

func marked(e supervisor.Entry) string {
	if e.Simulated {
		return e.Gateway + " (simulated)"
	}
	return e.Gateway
}

// sentenceOf says an entry in one line.
func sentenceOf(e supervisor.Entry, before history.Interval) string {
	switch e.Kind {
	case supervisor.EntryState:
		now := history.Interval{State: e.To, Phase: e.Phase, Expected: e.Expected}
		if before.Title() == now.Title() { // another phase of it
			return now.Title() + ": " + e.Text
		}
		after := ""
		if before.State != "" {
			after = " after " + supervisor.Span(before.Duration())
		}
		return fmt.Sprintf("%s -> %s%s: %s", before.Title(), now.Title(), after, e.Text)
	case supervisor.EntrySupervision:
		return e.Text
	}
	return string(e.Kind) + ": " + e.Text
}

// summarise says how long what has lasted.
func summarise(w io.Writer, tracks []history.Report, since history.Lookback, now time.Time) {
	for _, t := range tracks {
		fmt.Fprintf(w, "\n%s in the last %s:\n", harmless(supervisor.Snapshot{Name: t.Gateway, Simulated: t.Simulated}.Subject()), since)
		for _, total := range t.VisibleTotals() {
			fmt.Fprintf(w, "  %-*s  %s\n", widest(t.Totals), total.Title(), supervisor.Span(total.Time))
		}
		fmt.Fprintf(w, "  %s\n", drops(t, now))
	}
}

func widest(totals []history.Total) int {
	w := 0
	for _, t := range totals {
		w = max(w, len(t.Title()))
	}
	return w
}

// drops counts them, and names the longest.
func drops(t history.Report, now time.Time) string {
	n, longest, ok := t.Drops()
	if !ok {
		return "no drops"
	}
	text := fmt.Sprintf("%d drops, the longest", n)
	if n == 1 {
		text = "1 drop,"
	}
	text += fmt.Sprintf(" %s at %s", supervisor.Span(longest.Duration()), supervisor.When(longest.From, now))
	if longest.Open {
		text += ", and it lasts"
	}
	return text
}
