package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
	"unicode"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/settings"
)

type historyCommand struct {
	Since   history.Lookback `help:"How far back: 90m, 24h, 7d." default:"24h" placeholder:"TIME"`
	Gateway string           `help:"Only this Gateway." placeholder:"NAME"`
	Kind    []string         `help:"Only these kinds: ${enum}." enum:"state,command,notice,exit,session,supervision" placeholder:"KIND"`
	JSON    bool             `help:"Print it for scripts: an object a line, as it is stored."`
}

// Run prints it. The exit status is 0 also when there is nothing to print.
func (c historyCommand) Run(e *env) error {
	file, err := loadSettings(e)
	if err != nil {
		return err
	}
	return c.print(e, file, supervisor.Now())
}

func (c historyCommand) print(e *env, file settings.File, now time.Time) error {
	out := bufio.NewWriter(e.stdout)
	defer out.Flush()
	from := now.Add(-time.Duration(c.Since))
	width := 0
	for _, g := range file.Gateway {
		width = max(width, len(g.Name))
	}
	printed := 0
	timeline, err := readHistory(e, file, c.Gateway, from, now, func(line []byte, entry supervisor.Entry, before history.Interval) error {
		if len(c.Kind) > 0 && !slices.Contains(c.Kind, string(entry.Kind)) {
			return nil
		}
		if c.JSON {
			_, err := out.Write(append(escapeJSON(line), '\n'))
			return err
		}
		if history.IsAliveMark(entry) {
			return nil
		}
		printed++
		_, err := fmt.Fprintf(out, "%s  %-*s  %s\n",
			supervisor.Local(entry.At).Format("2006-01-02 15:04:05"), width, gatewayLabel(entry), entryText(entry, before))
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return out.Flush()
	}
	reports := timeline.Reports(from, now)
	switch {
	case len(reports) == 0:
		fmt.Fprintf(out, "Nothing was recorded in the last %s. Events are written while Gatelight runs, to %s\n", c.Since, e.paths.Events())
	case printed == 0:
		fmt.Fprintf(out, "Nothing happened in the last %s.\n", c.Since)
	}
	printSummary(out, reports, c.Since, now)
	return out.Flush()
}

// readHistory reads the event log from one time to another into a timeline. It
// calls each with every entry and the interval that the entry ends. A Gateway
// that is neither in the log nor in the settings is a usage error.
func readHistory(e *env, file settings.File, gateway string, from, to time.Time,
	each func([]byte, supervisor.Entry, history.Interval) error) (*history.Timeline, error) {
	_, unknown := gatewaysNamed(e, file, gateway)
	var timeline history.Timeline
	unreadable, err := history.Read(e.paths.Events(), from.Add(-history.ReadBefore), func(line []byte, entry supervisor.Entry) error {
		if gateway != "" && entry.Gateway != gateway {
			return nil
		}
		unknown = nil
		before := timeline.Add(entry)
		if entry.At.Before(from) || entry.At.After(to) {
			return nil
		}
		return each(line, entry, before)
	})
	if unreadable > 0 {
		fmt.Fprintf(e.stderr, "gatelight: %d of the event log's lines could not be read and are left out\n", unreadable)
	}
	if err == nil && unknown != nil {
		return nil, e.fail(exitUsage, fmt.Errorf("%w; it is not in the event log either", unknown))
	}
	return &timeline, err
}

// escapeJSON is the same JSON, with escapes in place of what would not be shown as
// it is.
func escapeJSON(line []byte) []byte {
	if text := string(line); supervisor.CleanText(text, 0) == text {
		return line
	}
	var escaped []byte
	for _, r := range string(line) {
		if text := string(r); supervisor.CleanText(text, 0) == text {
			escaped = append(escaped, text...)
			continue
		}
		if r > 0xFFFF { // it needs two escapes, and says nothing
			r = unicode.ReplacementChar
		}
		escaped = fmt.Appendf(escaped, `\u%04x`, r)
	}
	return escaped
}

func gatewayLabel(e supervisor.Entry) string {
	if e.Simulated {
		return e.Gateway + " (simulated)"
	}
	return e.Gateway
}

// entryText is an entry in one line.
func entryText(e supervisor.Entry, before history.Interval) string {
	switch e.Kind {
	case supervisor.EntryState:
		now := history.IntervalOf(e)
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

// printSummary says how long each state lasted.
func printSummary(w io.Writer, reports []history.Report, since history.Lookback, now time.Time) {
	for _, r := range reports {
		fmt.Fprintf(w, "\n%s in the last %s:\n", supervisor.Snapshot{Name: r.Gateway, Simulated: r.Simulated}.Subject(), since)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, total := range r.VisibleTotals() {
			fmt.Fprintf(table, "  %s\t%s\n", total.Title(), supervisor.Span(total.Time))
		}
		table.Flush()
		fmt.Fprintf(w, "  %s\n", dropsText(r, now))
	}
}

// dropsText counts the drops, and names the longest one.
func dropsText(r history.Report, now time.Time) string {
	n, longest, ok := r.Drops()
	if !ok {
		return "no drops"
	}
	text := fmt.Sprintf("%d drops, the longest", n)
	if n == 1 {
		text = "1 drop,"
	}
	text += fmt.Sprintf(" %s at %s", supervisor.Span(longest.Duration()), supervisor.When(longest.From, now))
	if longest.Open {
		text += ", ongoing"
	}
	return text
}
