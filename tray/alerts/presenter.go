package alerts

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"gatelight/supervisor"
)

// Options are what a [Presenter] needs.
type Options struct {
	Supervisor  supervisor.Supervisor
	Dialog      bool      // show urgent alerts as a window as well
	Sound       bool      // with a sound
	PausedUntil time.Time // show nothing until then
	Log         *slog.Logger

	// Pressed is called when a person presses a button of an alert, or its text.
	// It may be called on any goroutine and must not block.
	Pressed func(Press)
	// Changed is called when the state of the alerts has changed.
	Changed func(context.Context, State)

	// ShowTimeout is how long the desktop may take for one alert: one that hangs
	// must not hold up later ones. Zero is 5 s.
	ShowTimeout time.Duration
	// RetryEvery is how soon alerts that could not be shown are tried again. It is
	// also how late the end of a pause may be noticed after the machine has slept.
	// Zero is 10 s.
	RetryEvery time.Duration
}

const (
	defaultShowTimeout = 5 * time.Second
	defaultRetryEvery  = 10 * time.Second
)

// A State is whether alerts can be shown.
type State struct {
	By      string // who shows them: "dunst", "macOS"; "" when not known
	Problem string // why they cannot be shown, in words; "" when they can
}

// A Presenter shows every notice of a supervisor once, in order. What it cannot
// show it keeps and tries again.
type Presenter struct {
	options  Options
	open     func(pressed func(Press)) backend
	failures chan supervisor.Notice
	pauses   chan time.Time
	retries  chan struct{}
	dialogs  dialogs

	// The rest belongs to Run.
	queue       queue
	backend     backend
	seen        map[string]supervisor.Notice // the last notice of each Gateway
	started     time.Time
	by          string // who shows alerts
	unavailable error  // why nobody does; nil when somebody does
	noDialog    error  // why no window can be shown; nil when it can
	rejectedKey string // of the alert that was rejected last
	rejectedWhy string // and why; "" for none
	reported    State
}

// New makes a presenter, which starts with [Presenter.Run].
func New(o Options) *Presenter {
	o.ShowTimeout = cmp.Or(o.ShowTimeout, defaultShowTimeout)
	o.RetryEvery = cmp.Or(o.RetryEvery, defaultRetryEvery)
	return &Presenter{
		options: o, open: newBackend,
		failures: make(chan supervisor.Notice, 4), pauses: make(chan time.Time), retries: make(chan struct{}, 1),
		dialogs: newDialogs(o.Pressed), queue: queue{pausedUntil: o.PausedUntil},
		seen: map[string]supervisor.Notice{}, started: supervisor.Now(),
	}
}

// ShowFailure shows that a click had no effect. It never blocks.
func (p *Presenter) ShowFailure(title, body string) {
	select {
	case p.failures <- supervisor.Notice{Kind: supervisor.NoticeFailed, Title: title, Body: body}:
	default: // enough are waiting already
	}
}

// ShowState shows what is known, to a person who has clicked on the icon. It never
// blocks.
func (p *Presenter) ShowState(worst supervisor.Snapshot, text string) {
	title, body, _ := strings.Cut(text, "\n")
	if first, rest, found := strings.Cut(title, ". "); found && body == "" {
		title, body = first, rest
	}
	select {
	case p.failures <- supervisor.Notice{State: worst.State, Phase: worst.Phase, Title: title, Body: body}:
	default: // enough are waiting already
	}
}

// ShowDialog shows a text in a window of its own until that is closed or ctx ends.
func (p *Presenter) ShowDialog(ctx context.Context, title, body string) error {
	_, err := p.dialogs.show(ctx, supervisor.Notice{Title: title, Body: body}, "")
	return err
}

// Pause keeps alerts back until then; a time in the past ends the pause. It waits
// for Run to take note of it, or for the end of ctx.
func (p *Presenter) Pause(ctx context.Context, until time.Time) {
	select {
	case p.pauses <- until:
	case <-ctx.Done():
	}
}

// Retry says that the desktop has started (again), and with it perhaps somebody
// who shows alerts. It never blocks.
func (p *Presenter) Retry() {
	select {
	case p.retries <- struct{}{}:
	default:
	}
}

// Run shows alerts until ctx ends. It takes those from the screen then, since
// nobody keeps them true any more.
func (p *Presenter) Run(ctx context.Context) {
	p.backend = p.open(p.options.Pressed)
	defer p.backend.close()
	defer p.dialogs.end()
	defer p.withdrawAll(ctx)
	statuses := p.options.Supervisor.Watch(ctx)
	p.identify(ctx)
	retryAt := supervisor.Now().Add(p.options.RetryEvery)
	timer := time.NewTimer(p.options.RetryEvery)
	defer timer.Stop()
	for {
		paused := p.queue.paused(supervisor.Now())
		select {
		case <-ctx.Done():
			return
		case n := <-p.failures:
			p.showFailure(ctx, n)
		case status, open := <-statuses:
			if !open {
				return
			}
			p.receive(ctx, status)
		case until := <-p.pauses:
			p.setPause(ctx, until)
		case <-p.backend.ready():
			p.identify(ctx)
			p.retry(ctx)
		case <-p.retries:
			if p.unavailable != nil {
				p.identify(ctx)
				p.retry(ctx)
			}
		case p.noDialog = <-p.dialogs.results:
			if p.noDialog != nil {
				p.options.Log.Error("cannot show a window", "why", p.noDialog)
			}
			p.report(ctx)
		case <-timer.C:
		}
		// By the clock, whatever else has happened: a status comes all the time.
		now := supervisor.Now()
		ended := paused && !p.queue.paused(now)
		if ended || !now.Before(retryAt) || retryAt.After(now.Add(p.options.RetryEvery)) { // or the clock was set back
			p.retry(ctx)
			now = supervisor.Now()
			retryAt = now.Add(p.options.RetryEvery)
		}
		timer.Reset(p.wait(retryAt, now))
	}
}

// wait is how long nothing has to be done: until the next retry, or until the
// pause ends.
func (p *Presenter) wait(retryAt, now time.Time) time.Duration {
	if p.queue.paused(now) && p.queue.pausedUntil.Before(retryAt) {
		return p.queue.pausedUntil.Sub(now)
	}
	return retryAt.Sub(now)
}

func (p *Presenter) setPause(ctx context.Context, until time.Time) {
	p.queue.pausedUntil = until
	if p.queue.paused(supervisor.Now()) {
		p.dialogs.closeAll()
	}
	p.report(ctx)
}
