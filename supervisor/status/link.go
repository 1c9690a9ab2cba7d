package status

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A Link is the view of a Gatelight on another host, or in a container. A command
// joins its stdin and stdout to the control socket there ("gatelight dial-stdio"),
// so that only the rights of that command are needed, and no port is open. Its
// Gateways have the link's name in front of their own: vps/paper. [With] shows
// them.
//
// What cannot be reached is unknown, with the reason, once the evidence that was
// received is too old, and linkGrace after the loss at the latest.
type Link struct {
	name   string
	client *Remote
	now    func() time.Time
	record func(supervisor.Entry) // nil: nobody keeps the event log

	mu       sync.Mutex
	readers  map[chan struct{}]struct{}
	gateways []supervisor.Snapshot // as received last; nil: nothing was
	began    time.Time
	lost     error     // why there is no connection; nil: there is one, or none was tried
	lostAt   time.Time // zero: it is not lost

	recording sync.Mutex // of what follows
	recorded  map[string]recorded
	minute    time.Time // since when entries are counted
	entries   int       // in that minute
}

// recorded is what the event log has of a Gateway.
type recorded struct {
	seq uint64
	at  time.Time
	to  supervisor.State
}

// NewLink makes a link, which is kept open while Run runs. record, if it is not
// nil, gets the changes of the Gateways' states.
func NewLink(name string, command []string, record func(supervisor.Entry)) *Link {
	return newLink(name, func(context.Context) (net.Conn, error) { return startCommand(command) }, record)
}

func newLink(name string, dial func(context.Context) (net.Conn, error), record func(supervisor.Entry)) *Link {
	l := &Link{name: name, now: supervisor.Now, record: record, readers: map[chan struct{}]struct{}{}, recorded: map[string]recorded{}}
	l.began = l.now()
	l.client = &Remote{now: l.now, socket: name, silence: linkSilence, most: maxLinkDocument}
	l.client.http = &http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: true, // each has a process here and there
	}}
	return l
}

// Limits of what another host is believed, and may cost.
const (
	linkSilence       = 25 * time.Second       // without a status on a watch: one comes every few seconds
	linkAnswers       = 15 * time.Second       // until the first word: ssh takes its time
	linkPause         = 100 * time.Millisecond // between two documents that are read
	maxLinkDocument   = 4 << 20                // bytes
	maxLinkGateways   = 32
	maxLinkNotices    = 8                // of a Gateway; more than are told in a minute
	maxLinkEntries    = 60               // of the event log, in a minute
	linkGrace         = 10 * time.Second // how long a state is shown at most that nobody confirms any more
	lostNoticeAfter   = 30 * time.Second // people are told of a loss that lasts this long
	linkCheckInterval = time.Second      // between two looks at the age of what was received
)

// linkRetry are the pauses between tries to connect. The last one repeats.
var linkRetry = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}

// Run keeps the link open until ctx ends.
func (l *Link) Run(ctx context.Context) {
	var checking sync.WaitGroup
	defer checking.Wait()
	ctx, end := context.WithCancel(ctx)
	defer end()
	checking.Go(func() { l.watchAge(ctx) })
	for failed := 0; ctx.Err() == nil; {
		received := false
		err := l.client.stream(ctx, linkAnswers, func(w supervisor.Status) {
			received = true
			l.receive(w)
			supervisor.Sleep(ctx, linkPause) // who floods us is read slowly
		})
		if ctx.Err() != nil {
			return
		}
		l.lose(err)
		if received {
			failed = 0
		}
		if !supervisor.Sleep(ctx, linkRetry[min(failed, len(linkRetry)-1)]) {
			return
		}
		failed++
	}
}

// Fetch asks once, for a command that needs no more.
func (l *Link) Fetch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, linkAnswers)
	defer cancel()
	w, err := l.client.fetch(ctx)
	if err != nil {
		l.lose(err)
		return
	}
	l.receive(w)
}

// watchAge makes readers look again while what was received grows too old.
func (l *Link) watchAge(ctx context.Context) {
	for supervisor.Sleep(ctx, linkCheckInterval) {
		l.mu.Lock()
		changing := !l.lostAt.IsZero() && l.now().Sub(l.lostAt) < lostNoticeAfter+2*linkCheckInterval
		l.mu.Unlock()
		if changing || untilStale(supervisor.Status{Gateways: l.received()}, l.now()) == 0 {
			l.recordChanges()
			l.poke()
		}
	}
}

func (l *Link) received() []supervisor.Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gateways
}

// receive takes a document in. The other host may send anything.
func (l *Link) receive(w supervisor.Status) {
	var gateways []supervisor.Snapshot
	names := map[string]bool{}
	for _, g := range w.Gateways {
		name := supervisor.CleanText(strings.ReplaceAll(g.Name, "/", "-"), supervisor.MaxName)
		if names[name] || name == "" || len(gateways) == maxLinkGateways {
			continue
		}
		names[name] = true
		g.Host, g.Name = l.name, l.name+"/"+name
		g.HasConfigSource = false // that file is there
		g.Notices = g.Notices[max(0, len(g.Notices)-maxLinkNotices):]
		gateways = append(gateways, g)
	}
	l.mu.Lock()
	l.gateways, l.lost, l.lostAt = gateways, nil, time.Time{}
	l.mu.Unlock()
	l.recordChanges()
	l.poke()
}

// lose notes that there is no connection.
func (l *Link) lose(err error) {
	l.mu.Lock()
	if l.lostAt.IsZero() {
		l.lostAt = l.now()
	}
	l.lost = reasonOfLoss(err)
	l.mu.Unlock()
	l.poke()
}

func (l *Link) poke() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.readers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Latest implements [supervisor.Supervisor].
func (l *Link) Latest() supervisor.Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	w := supervisor.Status{Source: "engine", Remote: true, Gateways: l.gateways}
	if len(l.gateways) == 0 {
		w.Gateways = []supervisor.Snapshot{{Name: l.name, Host: l.name, State: supervisor.Unknown, Since: l.began, Why: "It is being connected to " + l.name}}
	}
	if l.lostAt.IsZero() {
		return w.Aged(now)
	}
	w.Gateways = slices.Clone(w.Gateways)
	for i := range w.Gateways {
		if g := &w.Gateways[i]; g.FreshUntil.After(l.lostAt.Add(linkGrace)) {
			g.FreshUntil = l.lostAt.Add(linkGrace)
		}
	}
	w = w.Aged(now)
	for i := range w.Gateways {
		g := &w.Gateways[i]
		if g.State != supervisor.Unknown {
			continue // it was told so a moment ago
		}
		g.Why = l.whyLost(*g)
	}
	if !now.Before(l.lostAt.Add(lostNoticeAfter)) {
		w.Gateways[0].Notices = append(w.Gateways[0].Notices[:len(w.Gateways[0].Notices):len(w.Gateways[0].Notices)], l.lostNotice(w.Gateways[0]))
	}
	return w
}

// recordChanges records each change of a state once, also those that lie between
// two documents.
func (l *Link) recordChanges() {
	if l.record == nil {
		return
	}
	l.recording.Lock()
	defer l.recording.Unlock()
	known := map[string]recorded{} // of those that there are: the other host may make up new ones each time
	defer func() { l.recorded = known }()
	for _, g := range l.Latest().Gateways {
		if g.Name == l.name {
			continue // nothing is known of its Gateways yet
		}
		entry := supervisor.Entry{Gateway: g.Name, Kind: supervisor.EntryState, Text: g.Why, Simulated: g.Simulated}
		last, before := l.recorded[g.Name]
		if !before {
			last.to = supervisor.Unknown
		}
		for _, t := range g.Transitions {
			if t.Seq <= last.seq && !t.At.After(last.at) { // else the other one counts from 1 again
				continue
			}
			if last.seq, last.at = t.Seq, t.At; before {
				entry.At, entry.From, entry.To, entry.Phase, entry.Expected, entry.Blocking = l.believable(t.At), t.From, t.To, t.Phase, t.Expected, t.Blocking
				l.append(entry)
				last.to = t.To
			}
		}
		if g.State != last.to || !before { // what was found first, and what cannot be reached
			entry.At, entry.From, entry.To, entry.Phase, entry.Expected, entry.Blocking = l.now(), last.to, g.State, g.Phase, g.Expected, g.Blocking
			l.append(entry)
			last.to = g.State
		}
		known[g.Name] = last
	}
}

// believable is a time of the other host's clock, or now if that clock is wrong.
func (l *Link) believable(at time.Time) time.Time {
	if now := l.now(); at.After(now) || at.Before(now.Add(-time.Hour)) {
		return now
	}
	return at
}

// append records an entry, unless there were too many: the other host must not
// drive what happened here out of the event log.
func (l *Link) append(e supervisor.Entry) {
	if now := l.now(); now.Sub(l.minute).Abs() >= time.Minute {
		l.minute, l.entries = now, 0
	}
	if l.entries++; l.entries <= maxLinkEntries {
		l.record(e)
	}
}

// changes sends a value after each change, until ctx ends.
func (l *Link) changes(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.readers[ch] = struct{}{}
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.readers, ch)
	})
	return ch
}

// owns reports a Gateway of this link, and what its name is there.
func (l *Link) owns(gateway string) (name string, ok bool) {
	return strings.CutPrefix(gateway, l.name+"/")
}

// do has the other Gatelight carry out an action, with its own promises.
func (l *Link) do(ctx context.Context, name string, a supervisor.Action) error {
	if a == supervisor.CopyConfig {
		return &supervisor.ActionError{Action: a, Gateway: l.name + "/" + name, Reason: supervisor.ReasonNoControls,
			Text: "IBC's config is on " + l.name, Hint: "copy it there"}
	}
	err := l.client.post(ctx, name, a)
	if sent := new(url.Error); errors.As(err, &sent) {
		return fmt.Errorf("%s cannot be reached: %w", l.name, reasonOfLoss(sent))
	}
	if refused := new(supervisor.ActionError); errors.As(err, &refused) {
		here := *refused
		here.Gateway = l.name + "/" + name // as it is called here
		return &here
	}
	return err
}
