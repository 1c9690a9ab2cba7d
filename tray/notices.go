package tray

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// An announcer raises every notice once, in order, in a goroutine of its own.
// What it cannot show it keeps, and says so in the menu.
type announcer struct {
	Options
	open       func(pressed func(Command)) poster
	press      func(Command)
	learn      func(context.Context, func(*Program))
	complaints chan supervisor.Notice
	pauses     chan time.Time
	nudges     chan struct{}

	// The rest is run's.
	ledger
	windows windows
	poster  poster
	seen    map[string]supervisor.Notice
	started time.Time
	by      string    // who shows alerts
	mute    string    // why nobody does
	spurned held      // the alert that was refused last
	refusal string    // and why; "" for none
	said    [2]string // what the menu was told of both
}

func newAnnouncer(o Options, paused time.Time, press func(Command), learn func(context.Context, func(*Program))) *announcer {
	return &announcer{
		Options: o, open: newPoster, press: press, learn: learn,
		complaints: make(chan supervisor.Notice, 4), pauses: make(chan time.Time), nudges: make(chan struct{}, 1),
		ledger: ledger{paused: paused}, windows: windows{show: showWindow, told: make(chan struct{}, 1)},
		seen: map[string]supervisor.Notice{}, started: supervisor.Now(),
	}
}

// complain raises what was clicked and did not work. It never waits.
func (a *announcer) complain(n supervisor.Notice) {
	select {
	case a.complaints <- n:
	default: // enough are on their way already
	}
}

// pause holds alerts back until then; a time that is past ends the pause.
func (a *announcer) pause(ctx context.Context, until time.Time) {
	if !a.Notify {
		return
	}
	select {
	case a.pauses <- until:
	case <-ctx.Done():
	}
}

// nudge says that the desktop has come (back), and with it perhaps somebody who
// shows alerts. It never waits.
func (a *announcer) nudge() {
	select {
	case a.nudges <- struct{}{}:
	default:
	}
}

// again is how soon alerts that could not be shown are tried again. It is also
// how late the end of a pause may be noticed after the machine has slept.
const again = 10 * time.Second

func (a *announcer) run(ctx context.Context) {
	a.poster = a.open(a.press)
	defer a.poster.close()
	defer a.windows.close()
	defer a.clear(ctx)
	worlds := a.Supervisor.Watch(ctx)
	a.askWho(ctx)
	retry := supervisor.Now().Add(again)
	later := time.NewTimer(again)
	defer later.Stop()
	for {
		paused := a.pausing(supervisor.Now())
		select {
		case <-ctx.Done():
			return
		case n := <-a.complaints:
			// The answer to a click is worth nothing later; the menu has it, too.
			if a.mute == "" {
				a.fared(a.post(ctx, alert{Notice: n, Icon: noticeIcon(n), Offers: offers(supervisor.Snapshot{}, n), Sound: a.Sound}))
				a.tell(ctx)
			}
		case w, open := <-worlds:
			if !open {
				return
			}
			a.hear(ctx, w)
		case a.paused = <-a.pauses:
			if a.pausing(supervisor.Now()) {
				a.windows.shutAll()
			}
			a.tell(ctx)
		case <-a.poster.ready():
			a.askWho(ctx)
			a.catchUp(ctx)
		case <-a.nudges:
			if a.mute != "" {
				a.askWho(ctx)
				a.catchUp(ctx)
			}
		case <-a.windows.failed():
			if why := a.windows.why(); why != "" {
				a.Log.Error("cannot show a window", "why", why)
			}
			a.tell(ctx)
		case <-later.C:
		}
		// By the clock, whatever else has happened: worlds come all the time.
		now := supervisor.Now()
		ended := paused && !a.pausing(now)
		if ended || !now.Before(retry) || retry.After(now.Add(again)) { // or the clock was set back
			a.catchUp(ctx)
			now = supervisor.Now()
			retry = now.Add(again)
		}
		later.Reset(a.next(retry, now))
	}
}

// next is how long nothing has to be done: until the next attempt, or until the
// pause ends.
func (a *announcer) next(retry, now time.Time) time.Duration {
	if a.pausing(now) && a.paused.Before(retry) {
		return a.paused.Sub(now)
	}
	return retry.Sub(now)
}

// hear takes in the notices that are new in a world. Those from before the start
// belong to the past.
func (a *announcer) hear(ctx context.Context, w supervisor.Status) {
	if now := supervisor.Now(); now.Before(a.started) { // the clock was set back
		a.started = now
	}
	for _, g := range w.Gateways {
		for _, n := range fresh(g, a.seen, a.started.Add(-slack)) {
			h := held{gateway: g.Name, alert: alert{
				Key: fmt.Sprintf("%s/%d", g.Name, n.ID), Notice: n, Icon: noticeIcon(n),
				Simulated: g.Simulated, Sound: a.Sound}}
			a.hold(h, supervisor.Now())
			if ends(n) {
				a.windows.shut(h.Key)
			}
		}
		a.windows.closeOver(g)
	}
	a.show(ctx, w, a.mute == "")
}

// catchUp tries again what could not be shown, as far as it still holds.
func (a *announcer) catchUp(ctx context.Context) {
	w := a.Supervisor.Latest()
	if a.mute != "" && len(a.due(w, supervisor.Now())) == 0 {
		a.askWho(ctx)
	}
	a.show(ctx, w, true)
}

// show shows what is due, in the order in which it came, and takes from the
// screen what has become untrue: that makes no noise, and is done in a pause, too.
// try says whether somebody may be there to do it.
func (a *announcer) show(ctx context.Context, w supervisor.Status, try bool) {
	due := a.due(w, supervisor.Now())
	for _, h := range due {
		if a.Dialog {
			a.windows.mind(ctx, h)
		}
	}
	if try {
		a.raise(ctx, w, due)
	}
	for _, key := range a.untrue(w) {
		if a.mute != "" {
			break
		}
		if err := a.withdraw(ctx, key); err != nil {
			a.fared(err)
		} else {
			a.withdrawn(key)
		}
	}
	a.tell(ctx)
}

// raise shows alerts until nobody is there to do it.
func (a *announcer) raise(ctx context.Context, w supervisor.Status, all []held) {
	for _, h := range all {
		if g, known := w.Gateway(h.gateway); known {
			h.Offers = offers(g, h.Notice)
		}
		err := a.post(ctx, h.alert)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			a.fared(nil)
			a.shown(h)
			if h.Key == a.spurned.Key {
				a.refusal = ""
			}
			continue
		}
		if _, refused := errors.AsType[refusal](err); !refused {
			a.fared(err)
			a.tried(h)
			return
		}
		a.refused(h, err)
	}
	if len(all) > 0 && a.mute == "" && a.by == "" {
		a.askWho(ctx)
	}
}

// refused gives an alert up. It is no reason to keep others back.
func (a *announcer) refused(h held, err error) {
	a.fared(nil)
	a.forgo(h.Key)
	a.spurned, a.refusal = h, fmt.Sprintf("%v: %q was not shown", err, h.Notice.Title)
}

func (a *announcer) post(ctx context.Context, al alert) error {
	limited, cancel := context.WithTimeout(ctx, postLimit)
	defer cancel()
	err := a.poster.post(limited, al)
	if err != nil && ctx.Err() == nil {
		a.Log.Error("cannot raise a notification", "title", al.Notice.Title, "error", err)
	}
	return err
}

func (a *announcer) withdraw(ctx context.Context, key string) error {
	limited, cancel := context.WithTimeout(ctx, postLimit)
	defer cancel()
	return a.poster.withdraw(limited, key)
}

// clear takes from the screen what nobody keeps true from now on.
func (a *announcer) clear(ctx context.Context) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving/2)
	defer cancel()
	for _, p := range a.up {
		if a.poster.withdraw(limited, p.Key) != nil {
			return
		}
	}
}

// fared notes how the last thing went that was asked of the desktop.
func (a *announcer) fared(err error) {
	a.mute = ""
	if err != nil {
		a.mute = err.Error()
	}
}

// askWho finds out who shows alerts, before there is one to show.
func (a *announcer) askWho(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, postLimit)
	defer cancel()
	by, err := a.poster.who(limited)
	a.by = by
	a.fared(err)
	a.tell(ctx)
}

// tell has the menu say how alerts fare.
func (a *announcer) tell(ctx context.Context) {
	by, mute := a.by, a.mute
	switch n := len(a.held); {
	case mute == "" || a.pausing(supervisor.Now()) && n == 0:
	case n == 0:
		mute += ": alerts cannot be shown"
	case n == 1:
		mute += ": 1 alert was not shown"
	default:
		mute += fmt.Sprintf(": %d alerts were not shown", n)
	}
	if mute == "" {
		mute = cmp.Or(a.windows.why(), a.refusal)
	}
	if said := [2]string{by, mute}; said != a.said {
		a.said = said
		a.learn(ctx, func(d *Program) { d.AlertsBy, d.Mute = by, mute })
	}
}
