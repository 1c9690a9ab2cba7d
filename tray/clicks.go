package tray

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// clicked does what the clicked entry stands for. The menu may have changed under
// the pointer; then nothing is done, and the menu says so.
func (t *ui) clicked(ctx context.Context, c click) {
	status, now := t.Supervisor.Latest(), supervisor.Now()
	m := t.view(status, now)
	it, found := find(m.Items, c.path)
	unseen := ""
	if g, known := status.Gateway(it.Do.Gateway); known && it.Do.Action.Disconnects() {
		unseen = t.guard.unseenClient(g, now)
	}
	switch {
	case m.Shape != c.shape || !found || it.Hidden:
		t.nothingDone("the menu has changed since it was opened; look again")
	case !it.Enabled:
		t.nothingDone("the menu has changed since it was opened; it now says: %s", it.Title)
	case unseen != "":
		t.nothingDone("%s has connected while you were asked; look again", unseen)
	case it.Do != Command{}:
		t.clickError.Store(nil)
		t.perform(ctx, it.Do)
	}
}

// pressed does what an alert's button stands for, if that still fits: the alert
// may have been on the screen for hours.
func (t *ui) pressed(ctx context.Context, p alerts.Press) {
	if p.ShowLog {
		t.perform(ctx, Command{Gateway: p.Gateway, Local: OpenLog})
		return
	}
	if p.Action.Disconnects() {
		g, known := t.Supervisor.Latest().Gateway(p.Gateway)
		switch {
		case !known:
			t.nothingDone("the alert is out of date: there is no Gateway %s any more", p.Gateway)
			return
		case !slices.Contains(alerts.Remedies(g), p.Action):
			t.nothingDone("the alert is out of date: %s is %s", g.Subject(), g.Title())
			return
		case len(g.OtherClients()) > p.Clients:
			t.nothingDone("more clients are connected than the alert said; look at the menu")
			return
		}
	}
	t.perform(ctx, Command{Gateway: p.Gateway, Action: p.Action})
}

func find(items []Item, path []int) (Item, bool) {
	var it Item
	for _, i := range path {
		if i >= len(items) {
			return Item{}, false
		}
		it, items = items[i], items[i].Children
	}
	return it, len(path) > 0
}

// perform does what was clicked, without holding up the loop.
func (t *ui) perform(ctx context.Context, c Command) {
	switch c.Local {
	case "":
		t.ask(ctx, c)
	case Quit:
		t.quit()
	case OpenLog:
		t.background("Could not open the log", func() error { return t.OpenLog(c.Gateway) })
	case OpenSettings:
		t.background("Could not open the settings", t.OpenSettings)
	case OpenTimeline:
		t.background("Could not open the timeline", t.OpenTimeline)
	case PauseHour:
		t.pause(ctx, supervisor.Now().Add(time.Hour))
	case PauseTomorrow:
		t.pause(ctx, nextMorning(supervisor.Now()))
	case ResumeAlerts:
		t.pause(ctx, time.Time{})
	case AtLogin, NotAtLogin:
		t.setAtLogin(ctx, c.Local == AtLogin)
	}
}

// background does something that may take its time, and says so when it has failed.
func (t *ui) background(failure string, do func() error) {
	t.tasks.Go(func() {
		if err := do(); err != nil {
			t.failed(failure, err)
		}
	})
}

// ask has the supervisor do it.
func (t *ui) ask(ctx context.Context, c Command) {
	g, known := t.Supervisor.Latest().Gateway(c.Gateway)
	if why := g.Refusal(c.Action); known && why != nil {
		// An entry that cannot work is greyed out, but an alert's button stays.
		t.failed("Could not "+c.Action.Phrase(g.Subject()), errors.New(why.Explanation()))
		return
	}
	t.tasks.Go(func() {
		err := t.Supervisor.Do(ctx, c.Gateway, c.Action)
		switch {
		case err == nil || ctx.Err() != nil:
		case c.Action == supervisor.KeepRunningOn || c.Action == supervisor.KeepRunningOff:
			t.failed("Keep running", err)
		default: // for an action that has failed the supervisor has a notice of its own
			t.noteFailure("Could not "+c.Action.Phrase(g.Subject()), err)
		}
	})
}

func (t *ui) pause(ctx context.Context, until time.Time) {
	t.background("Could not pause the alerts", func() error {
		if err := t.Pause(until); err != nil {
			return err
		}
		t.alerts.Pause(ctx, until)
		t.update(ctx, func(p *Program) { p.PausedUntil = until })
		return nil
	})
}

// morning is the hour at which a pause until tomorrow ends: after midnight the
// night has not ended yet for a person who does not want to be woken, and it is
// well before the market opens in New York, whatever the clock there says.
const morning = 6

// nextMorning is the next six o'clock, by the local clock: a person who clicks at
// half past midnight means this morning. time.Date finds it also on a day on which
// the clocks change.
func nextMorning(now time.Time) time.Time {
	y, m, d := now.Date()
	if now.Hour() >= morning {
		d++
	}
	return time.Date(y, m, d, morning, 0, 0, 0, now.Location())
}

// askAtLogin finds out whether this program starts at login.
func (t *ui) askAtLogin(ctx context.Context) {
	if t.AtLogin == nil {
		return
	}
	t.tasks.Go(func() {
		var s Switch
		var err error
		if s.On, err = t.AtLogin(); err != nil {
			s.Why = err.Error()
		}
		t.update(ctx, func(p *Program) { p.AtLogin = s })
	})
}

func (t *ui) setAtLogin(ctx context.Context, on bool) {
	t.background("Could not change the start at login", func() error {
		err := t.SetAtLogin(on)
		t.askAtLogin(ctx)
		return err
	})
}

// noteFailure has the menu say that a click had no effect.
func (t *ui) noteFailure(title string, err error) {
	t.Log.Error(title, "error", err)
	t.clickError.Store(&clickError{title + ": " + err.Error(), supervisor.Now()})
}

// failed has the menu and an alert say that a click had no effect.
func (t *ui) failed(title string, err error) {
	t.noteFailure(title, err)
	t.alerts.ShowFailure(title, err.Error())
}

func (t *ui) nothingDone(why string, args ...any) {
	t.failed("Nothing was done", fmt.Errorf(why, args...))
}
