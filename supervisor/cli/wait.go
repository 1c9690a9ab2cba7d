package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// waitOptions say what is waited for.
type waitOptions struct {
	For     string        `help:"The state: ${enum}. For listening, connected and cut_off count, too." enum:"connected,listening,cut_off,starting,down,silent,zombies,unknown" default:"connected"`
	Stable  time.Duration `help:"How long the state must hold without a break." placeholder:"3s"`
	Timeout time.Duration `help:"How long to wait; 0 for ever." default:"5m"`
	Gateway string        `help:"Only this Gateway; else all of them." placeholder:"NAME"`

	acted bool              // something was started just now
	after newestTransitions // what was before the state that is waited for; nil: not known
}

// waitCommand waits until a state holds.
type waitCommand struct {
	waitOptions
	JSON  bool `help:"Print the status at the end, for scripts."`
	Quiet bool `help:"Print nothing but errors." short:"q"`
}

func (c waitCommand) Run(e *env) error {
	w, err := c.wait(e, c.Quiet)
	if c.JSON && len(w.Gateways) > 0 {
		if err := printJSON(e.stdout, status.Encode(w, supervisor.Now())); err != nil {
			return err
		}
	}
	return err
}

// wait waits, and returns the newest status of the Gateways that are asked
// about. Its errors have been printed already.
func (o waitOptions) wait(e *env, quiet bool) (w supervisor.Status, err error) {
	if o.Timeout < 0 || o.Stable < 0 {
		return w, e.fail(exitUsage, errors.New("--timeout and --stable cannot be negative"))
	}
	ctx, cancel := e.ctx, context.CancelFunc(func() {})
	if o.Timeout > 0 {
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
	}
	defer cancel()
	var missing error
	shown := &progress{out: e.stderr, inPlace: isTerminal(e.stderr), quiet: quiet}
	hold := holding{wanted: o.holds, stable: o.Stable}
	err = follow(ctx, e, func(newest supervisor.Status) bool {
		if newest, missing = only(newest, o.Gateway); missing != nil {
			return true
		}
		w = newest
		now := supervisor.Now()
		done := hold.see(w, now) || o.For == string(supervisor.Connected) && (cannotBeProven(w.Gateways) || o.nobodyAsks(w) || o.gaveUp(w.Gateways))
		if !done {
			shown.show(w.Gateways, o.For, now)
		}
		return done
	})
	shown.end()
	switch {
	case missing != nil:
		return w, e.fail(exitUsage, missing)
	case e.ctx.Err() != nil:
		return w, e.fail(statusOfEnd(e.ctx), errors.New("the wait was interrupted"))
	case errors.Is(err, context.DeadlineExceeded):
		return w, o.late(e, w)
	case err != nil:
		return w, e.fail(exitUnknown, err)
	case o.gaveUp(w.Gateways):
		return w, o.late(e, w)
	case !o.holds(w.Gateways): // it cannot be proven
		return w, e.fail(exitFailed, errors.New("the port is open, but nobody asks the API here whether it answers: turn monitor on in the settings, and let Gatelight run; or wait with --for listening"))
	}
	return w, nil
}

// only leaves the Gateway of that name, "" for all.
func only(w supervisor.Status, gateway string) (supervisor.Status, error) {
	if gateway == "" {
		return w, nil
	}
	g, ok := w.Gateway(gateway)
	for _, host := range w.Gateways { // whose Gateways are not known yet
		if !ok && host.Name == host.Host && strings.HasPrefix(gateway, host.Host+"/") {
			g, ok = host, true
		}
	}
	if !ok {
		return w, w.UnknownGateway(gateway)
	}
	w.Gateways = []supervisor.Snapshot{g}
	return w, nil
}

// late is the end of a wait whose state has not come in time.
func (o waitOptions) late(e *env, w supervisor.Status) error {
	for _, g := range w.Gateways {
		if !o.holdsFor(g) {
			after := fmt.Sprintf(" after %v", o.Timeout)
			if o.gaveUp(w.Gateways) {
				after = ""
			}
			fmt.Fprintf(e.stderr, "gatelight: %s is not %s%s: %s. %s.\n", g.Subject(), stateWord(o.For), after, g.Title(), supervisor.CleanText(g.Why, supervisor.MaxText))
		}
	}
	if w.Source == "one-shot" && o.For == string(supervisor.Connected) {
		fmt.Fprintln(e.stderr, "gatelight: no Gatelight is running, so that nobody asks the API whether it answers: start gatelight, or gatelight serve")
	}
	if len(w.Gateways) == 0 {
		fmt.Fprintf(e.stderr, "gatelight: nothing could be seen within %v\n", o.Timeout)
	}
	if status := exitStatus(w.Gateways, false); status != exitOK {
		return exitError(status)
	}
	return exitError(exitFailed) // another state than the one that is good
}

// stateWord is a state in words.
func stateWord(state string) string {
	return supervisor.Snapshot{State: supervisor.State(state), Verified: true}.Title()
}

// holds reports that the state holds for each of them.
func (o waitOptions) holds(gateways []supervisor.Snapshot) bool {
	for _, g := range gateways {
		if !o.holdsFor(g) {
			return false
		}
	}
	return len(gateways) > 0
}

func (o waitOptions) holdsFor(g supervisor.Snapshot) bool {
	if !o.after.hasChanged(g) {
		return false
	}
	switch state := supervisor.State(o.For); state {
	case supervisor.Connected:
		return exitStatusOf(g) == exitOK
	case supervisor.Listening:
		return g.State == supervisor.Listening || g.State == supervisor.Connected || g.State == supervisor.CutOff
	default:
		return g.State == state
	}
}

// cannotBeProven reports that all are connected as far as anybody can see, and
// that no session of ours proves it.
func cannotBeProven(gateways []supervisor.Snapshot) bool {
	unverified := false
	for _, g := range gateways {
		if g.State != supervisor.Connected {
			return false
		}
		unverified = unverified || !g.Verified
	}
	return unverified
}

// nobodyAsks reports, after a start, that the port is open, and that no Gatelight runs
// which could ask the API whether it answers.
func (o waitOptions) nobodyAsks(w supervisor.Status) bool {
	for _, g := range w.Gateways {
		if g.State != supervisor.Listening {
			return false
		}
	}
	return o.acted && w.Source == "one-shot" && len(w.Gateways) > 0
}

// gaveUp reports, after a start, that the Gateway is down again and that nothing
// starts it: to wait for it would be in vain.
func (o waitOptions) gaveUp(gateways []supervisor.Snapshot) bool {
	for _, g := range gateways {
		if g.State != supervisor.Down || g.Busy != "" || g.Next != nil || !o.after.hasChanged(g) {
			return false
		}
	}
	return o.after != nil && len(gateways) > 0
}

// A holding tells whether what is wanted has held for long enough.
type holding struct {
	wanted func([]supervisor.Snapshot) bool
	stable time.Duration
	since  time.Time // since when it is seen to hold; zero: it does not
}

func (h *holding) see(w supervisor.Status, now time.Time) bool {
	if !h.wanted(w.Gateways) {
		h.since = time.Time{}
		return false
	}
	first := h.since.IsZero()
	if first {
		h.since = now
	}
	if w.Source != "one-shot" { // which knows no earlier look
		var youngest time.Time
		for _, g := range w.Gateways {
			if g.Since.After(youngest) {
				youngest = g.Since
			}
		}
		// It may have held for long already. And a state that came and went between
		// two readings has a younger beginning.
		if first && youngest.Before(now) || youngest.After(h.since) {
			h.since = youngest
		}
	}
	return now.Sub(h.since) >= h.stable
}

// A progress says what is waited for: in place on a terminal, with the seconds,
// and a line per change otherwise.
type progress struct {
	out     io.Writer
	inPlace bool
	quiet   bool
	last    string
}

func (p *progress) show(gateways []supervisor.Snapshot, wanted string, now time.Time) {
	if p.quiet {
		return
	}
	for _, g := range gateways {
		if o := (waitOptions{For: wanted}); o.holdsFor(g) && len(gateways) > 1 {
			continue
		}
		line := g.Headline()
		if !p.inPlace {
			if line += ". " + g.Why; line != p.last {
				p.last = line
				fmt.Fprintln(p.out, supervisor.CleanText(line, supervisor.MaxText))
			}
			return
		}
		if !g.Since.IsZero() {
			line += fmt.Sprintf(", %d s", int(now.Sub(g.Since).Seconds()))
		}
		if g.TwoFactor != nil {
			line += "; " + g.TwoFactor.Do
		}
		p.last = line
		fmt.Fprint(p.out, "\r"+supervisor.CleanText(line, supervisor.MaxText)+eraseToEndOfLine)
		return
	}
}

// isTerminal reports our terminal, if a line can be printed over there.
func isTerminal(w io.Writer) bool {
	if t, ok := w.(*teller); ok {
		w = t.to
	}
	return w == os.Stderr && term.IsTerminal(int(os.Stderr.Fd())) && obeysSequences()
}

// end leaves an empty line to what comes next.
func (p *progress) end() {
	if p.inPlace && p.last != "" {
		fmt.Fprint(p.out, "\r"+eraseToEndOfLine)
	}
}
