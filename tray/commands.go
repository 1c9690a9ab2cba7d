package tray

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// clicked does what the entry stands for that was clicked. The menu may have
// changed under the pointer; then nothing is done, and said.
func (t *ui) clicked(ctx context.Context, at click) {
	m := t.view()
	it, ok := find(m.Items, at.at)
	newcomer := t.newcomer(it.Do)
	switch {
	case m.Shape != at.shape || !ok || it.Hidden:
		t.complain("Nothing was done", errors.New("the menu has changed since it was opened; look again"))
	case !it.Enabled:
		t.complain("Nothing was done", fmt.Errorf("the menu has changed since it was opened; it now says: %s", it.Title))
	case newcomer != "":
		t.complain("Nothing was done", fmt.Errorf("%s has connected while you were asked; look again", newcomer))
	case it.Do != Command{}:
		t.answer.Store(nil)
		t.command(ctx, it.Do)
	}
}

// newcomer names somebody whom a command would disconnect, and whom the menu has
// not shown for long enough to be read.
func (t *ui) newcomer(c Command) string {
	g, known := t.Supervisor.Latest().Gateway(c.Gateway)
	if !known || !disconnects(c.Action) {
		return ""
	}
	return t.witnesses.newcomer(g, supervisor.Now())
}

func disconnects(a supervisor.Action) bool {
	return a == supervisor.Stop || a == supervisor.Restart || a == supervisor.ClearZombies
}

// press does what an alert's button stands for, if that still fits: the alert may
// have been on the screen for hours.
func (t *ui) press(ctx context.Context, c Command) {
	if disconnects(c.Action) {
		g, known := t.Supervisor.Latest().Gateway(c.Gateway)
		switch {
		case !known:
			t.complain("Nothing was done", fmt.Errorf("the alert is out of date: there is no Gateway %s any more", c.Gateway))
			return
		case g.State != supervisor.Zombies:
			t.complain("Nothing was done", fmt.Errorf("the alert is out of date: %s is %s", g.Subject(), g.Title()))
			return
		case len(others(g)) > c.Clients:
			t.complain("Nothing was done", errors.New("more clients are connected than the alert said; look at the menu"))
			return
		}
	}
	t.command(ctx, c)
}

func find(items []Item, at []int) (Item, bool) {
	var it Item
	for _, i := range at {
		if i >= len(items) {
			return Item{}, false
		}
		it, items = items[i], items[i].Children
	}
	return it, len(at) > 0
}

// command does what was clicked, off the loop.
func (t *ui) command(ctx context.Context, c Command) {
	switch c.Local {
	case "":
		t.do(ctx, c)
	case Quit:
		t.quit()
	case OpenLog:
		var open func() error
		if t.OpenLog != nil {
			open = func() error { return t.OpenLog(c.Gateway) }
		}
		t.task("Could not open the log", open)
	case OpenTimeline:
		t.task("Could not open the timeline", t.OpenTimeline)
	case PauseHour:
		t.pause(ctx, supervisor.Now().Add(time.Hour))
	case PauseTomorrow:
		t.pause(ctx, tomorrow(supervisor.Now()))
	case ResumeAlerts:
		t.pause(ctx, time.Time{})
	case AtLogin, NotAtLogin:
		t.setAtLogin(ctx, c.Local == AtLogin)
	}
}

// task does something that may take its time, and says when it came to nothing.
func (t *ui) task(failed string, do func() error) {
	t.tasks.Go(func() {
		if do == nil {
			t.complain(failed, errors.New("this program cannot do that here"))
		} else if err := do(); err != nil {
			t.complain(failed, err)
		}
	})
}

func (t *ui) do(ctx context.Context, c Command) {
	g, known := t.Supervisor.Latest().Gateway(c.Gateway)
	if why := g.Refusal(c.Action); known && why != nil {
		// An entry that cannot work is greyed out, but an alert's button stays.
		t.complain("Could not "+c.Action.Phrase(g.Subject()), errors.New(why.Explanation()))
		return
	}
	t.tasks.Go(func() {
		err := t.Supervisor.Do(ctx, c.Gateway, c.Action)
		switch {
		case err == nil || ctx.Err() != nil:
		case c.Action == supervisor.KeepRunningOn || c.Action == supervisor.KeepRunningOff:
			t.complain("Keep running", err)
		default: // what fails after it was begun has an alert of the supervisor's own
			t.answers("Could not "+c.Action.Phrase(g.Subject()), err)
		}
	})
}

func (t *ui) pause(ctx context.Context, until time.Time) {
	t.task("Could not pause the alerts", func() error {
		if t.Pause != nil {
			if err := t.Pause(until); err != nil {
				return err
			}
		}
		t.announcer.pause(ctx, until)
		t.learn(ctx, func(d *Program) { d.PausedUntil = until })
		return nil
	})
}

// morning is the hour at which a pause until tomorrow ends: after midnight the
// night is not over yet for somebody who asks not to be woken, and it is well
// before the market opens in New York, whatever the clock there says.
const morning = 6

// tomorrow is the next six o'clock, where the clock is: who asks at half past
// midnight means this morning. time.Date finds it on a day whose clocks change, too.
func tomorrow(now time.Time) time.Time {
	y, m, d := now.Date()
	if now.Hour() >= morning {
		d++
	}
	return time.Date(y, m, d, morning, 0, 0, 0, now.Location())
}

// askAtLogin finds out whether this starts at login.
func (t *ui) askAtLogin(ctx context.Context) {
	if t.AtLogin == nil || t.SetAtLogin == nil {
		return
	}
	t.tasks.Go(func() {
		var s Switch
		var err error
		if s.On, err = t.AtLogin(); err != nil {
			s.Why = err.Error()
		}
		t.learn(ctx, func(d *Program) { d.AtLogin = s })
	})
}

func (t *ui) setAtLogin(ctx context.Context, on bool) {
	t.task("Could not change the start at login", func() error {
		if t.SetAtLogin == nil {
			return errors.New("this system has no such setting")
		}
		err := t.SetAtLogin(on)
		t.askAtLogin(ctx)
		return err
	})
}

// opening is how long before or after a click on an alert the system may say that
// the program was opened again, since it brings it to the front for that.
const opening = time.Second

// explain says in a window where the icon is. Whoever opens the program again has
// not seen it, and perhaps no alert either. It never waits.
func (t *ui) explain(ctx context.Context) {
	if !t.explains.CompareAndSwap(false, true) {
		return // it is up
	}
	t.tasks.Go(func() {
		defer t.explains.Store(false)
		click := time.NewTimer(opening)
		defer click.Stop()
		select {
		case <-click.C:
		case <-ctx.Done():
			return
		}
		if at := t.alertAt.Load(); at != nil && supervisor.Now().Sub(*at) <= 2*opening {
			return
		}
		err := t.announcer.windows.show(ctx, supervisor.Notice{Title: "Gatelight is running already", Body: t.Where})
		if err != nil {
			t.Log.Error("cannot say where the icon is", "error", err)
		}
	})
}

// answers says in the menu what a click has come to.
func (t *ui) answers(title string, err error) {
	t.Log.Error(title, "error", err)
	t.answer.Store(&answered{title + ": " + err.Error(), supervisor.Now()})
}

// complain tells a person that a click has come to nothing.
func (t *ui) complain(title string, err error) {
	t.answers(title, err)
	t.announcer.complain(supervisor.Notice{Kind: supervisor.NoticeFailed, Title: title, Body: err.Error()})
}
