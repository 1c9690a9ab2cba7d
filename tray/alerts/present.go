package alerts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// This file is how a presenter brings its queue to the screen.

// receive shows the new notices of a status, and withdraws what has ended.
func (p *Presenter) receive(ctx context.Context, status supervisor.Status) {
	p.queueNew(status)
	p.showDue(ctx, status, p.unavailable == nil)
}

// queueNew queues the new notices of a status. Those from before the start are
// not news any more.
func (p *Presenter) queueNew(status supervisor.Status) {
	now := supervisor.Now()
	if now.Before(p.started) { // the clock was set back
		p.started = now
	}
	for _, g := range status.Gateways {
		for _, n := range newNotices(g, p.seen, p.started.Add(-startTolerance)) {
			a := alert{
				Key: fmt.Sprintf("%s/%d", g.Name, n.ID), Gateway: g.Name, Notice: n, Icon: noticeIcon(n),
				Simulated: g.Simulated, Sound: p.options.Sound,
			}
			p.queue.add(a, now)
			if isEnd(n) {
				p.dialogs.close(a.Key)
			}
		}
	}
	p.dialogs.closeOver(status)
}

// retry tries again what could not be shown, as far as it still holds.
func (p *Presenter) retry(ctx context.Context) {
	status := p.options.Supervisor.Latest()
	p.queueNew(status) // with its notices: an alert is replaced by the next one, not withdrawn before it
	if p.unavailable != nil && len(p.queue.due(status, supervisor.Now())) == 0 {
		p.identify(ctx)
	}
	p.showDue(ctx, status, true)
}

// showDue shows what is due, in the order in which it came, and withdraws what
// does not hold any more: that makes no sound, and is done in a pause, too.
// available says whether somebody may be there to show it.
func (p *Presenter) showDue(ctx context.Context, status supervisor.Status, available bool) {
	due := p.queue.due(status, supervisor.Now())
	if p.options.Dialog {
		for _, a := range due {
			if g, known := status.Gateway(a.Gateway); known {
				a.Buttons = buttonsFor(g, a.Notice)
			}
			p.dialogs.add(ctx, a)
		}
	}
	if available {
		p.showAll(ctx, status, due)
	}
	for _, key := range p.queue.outdated(status) {
		if p.unavailable != nil {
			break
		}
		if err := p.withdraw(ctx, key); err != nil {
			p.unavailable = err
		} else {
			p.queue.markWithdrawn(key)
		}
	}
	p.report(ctx)
}

// showAll shows alerts until nobody is there to do it.
func (p *Presenter) showAll(ctx context.Context, status supervisor.Status, due []alert) {
	for _, a := range due {
		if g, known := status.Gateway(a.Gateway); known {
			a.Buttons = buttonsFor(g, a.Notice)
		}
		err := p.show(ctx, a)
		if ctx.Err() != nil {
			return
		}
		_, wasRejected := errors.AsType[rejected](err)
		switch {
		case err == nil:
			p.unavailable = nil
			p.queue.markShown(a)
			if a.Key == p.rejectedKey {
				p.rejectedWhy = ""
			}
		case wasRejected: // no reason to keep the others back
			p.unavailable = nil
			p.queue.remove(a.Key)
			p.rejectedKey, p.rejectedWhy = a.Key, fmt.Sprintf("%v: %q was not shown", err, a.Notice.Title)
		default:
			p.unavailable = err
			p.queue.markTried(a)
			return
		}
	}
	if len(due) > 0 && p.unavailable == nil && p.by == "" {
		p.identify(ctx)
	}
}

// showFailure shows that a click had no effect, unless nobody shows alerts: later
// it is of no use to anybody, and the menu says it, too.
func (p *Presenter) showFailure(ctx context.Context, n supervisor.Notice) {
	if p.unavailable != nil {
		return
	}
	p.unavailable = p.show(ctx, alert{Notice: n, Icon: noticeIcon(n), Buttons: buttonsFor(supervisor.Snapshot{}, n), Sound: p.options.Sound})
	p.report(ctx)
}

func (p *Presenter) show(ctx context.Context, a alert) error {
	limited, cancel := context.WithTimeout(ctx, p.options.ShowTimeout)
	defer cancel()
	err := p.backend.show(limited, a)
	if err != nil && ctx.Err() == nil {
		p.options.Log.Error("cannot show an alert", "title", a.Notice.Title, "error", err)
	}
	return err
}

func (p *Presenter) withdraw(ctx context.Context, key string) error {
	limited, cancel := context.WithTimeout(ctx, p.options.ShowTimeout)
	defer cancel()
	return p.backend.withdraw(limited, key)
}

// endTimeout is how long the end may take: a desktop that hangs must not hold up
// a program that somebody wants to quit.
const endTimeout = 500 * time.Millisecond

// withdrawAll takes everything from the screen, after ctx has ended.
func (p *Presenter) withdrawAll(ctx context.Context) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	for _, s := range p.queue.onScreen {
		if p.backend.withdraw(limited, s.Key) != nil {
			return
		}
	}
}

// identify finds out who shows alerts, before there is one to show.
func (p *Presenter) identify(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, p.options.ShowTimeout)
	defer cancel()
	p.by, p.unavailable = p.backend.name(limited)
	p.report(ctx)
}

// report tells the owner of the presenter when the state has changed.
func (p *Presenter) report(ctx context.Context) {
	s := State{By: p.by, Problem: text(p.unavailable)}
	switch n := len(p.queue.waiting); {
	case s.Problem == "" || p.queue.paused(supervisor.Now()) && n == 0:
	case n == 0:
		s.Problem += ": alerts cannot be shown"
	case n == 1:
		s.Problem += ": 1 alert was not shown"
	default:
		s.Problem += fmt.Sprintf(": %d alerts were not shown", n)
	}
	if s.Problem == "" {
		s.Problem = cmp.Or(text(p.noDialog), p.rejectedWhy)
	}
	if s != p.reported {
		p.reported = s
		p.options.Changed(ctx, s)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
