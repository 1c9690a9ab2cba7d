package supervisor

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// A world is a machine with one Gateway, IBKR, and the people who use it, in
// simulated time. It gives Decide the events that the senses would report, does
// what Decide asks for, and has a referee judge each step. Everything in it
// follows from its seed.
type world struct {
	*referee
	r    *rand.Rand
	zone *time.Location // where the machine and the people are
	base Policy

	begin      time.Time
	mono       time.Duration // for which the machine has run, without sleep
	slept      time.Duration
	clockError time.Duration // how much the wall clock is ahead
	latestWall time.Time     // that the wall clock has shown

	agenda    agenda
	nextLook  time.Duration // by mono
	nextBeat  time.Duration
	timerAt   time.Duration
	busyUntil time.Duration // until then looks are as close as they are in a change
	exact     bool          // this time, they are exactly as close

	ibkr    ibkr
	gateway yearGateway
	people  people
	checks  yearChecks
	life    int            // one more with each Gatelight
	kinds   map[string]int // how often each thing has happened
	recent  []string       // the newest entries of the event log
}

// A happening is something that is going to happen in a world.
type happening struct {
	at      time.Duration // by mono
	order   int           // among those at the same time
	outside bool          // it does not wait while the machine sleeps
	idle    bool          // looks need not become closer for it
	do      func()
}

type agenda struct {
	items []happening
	count int
}

func (a *agenda) Len() int { return len(a.items) }
func (a *agenda) Less(i, j int) bool {
	x, y := a.items[i], a.items[j]
	return x.at < y.at || x.at == y.at && x.order < y.order
}
func (a *agenda) Swap(i, j int) { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda) Push(x any)    { a.items = append(a.items, x.(happening)) }
func (a *agenda) Pop() any {
	last := a.items[len(a.items)-1]
	a.items = a.items[:len(a.items)-1]
	return last
}

func (w *world) add(d time.Duration, h happening) {
	w.agenda.count++
	h.at, h.order = w.mono+d, w.agenda.count
	heap.Push(&w.agenda, h)
}

// after has the machine do something when it has run for d.
func (w *world) after(d time.Duration, do func()) { w.add(d, happening{do: do}) }

// outside has something happen in d, whether the machine sleeps or not.
func (w *world) outside(d time.Duration, do func()) { w.add(d, happening{outside: true, do: do}) }

// plan is outside, for what is no event for the machine.
func (w *world) plan(d time.Duration, do func()) {
	w.add(d, happening{outside: true, idle: true, do: do})
}

// step has the process that runs now do something in d, if it still runs then.
func (w *world) step(d time.Duration, do func()) {
	run := w.gateway.run
	w.after(d, func() {
		if w.gateway.run == run {
			do()
		}
	})
}

func (w *world) real() time.Time  { return w.begin.Add(w.mono + w.slept) }
func (w *world) wall() time.Time  { return w.real().Add(w.clockError) }
func (w *world) local() time.Time { return w.real().In(w.zone) }

// between is a random duration.
func (w *world) between(least, most time.Duration) time.Duration {
	return least + time.Duration(w.r.Int64N(int64(most-least)))
}

func (w *world) chance(p float64) bool { return w.r.Float64() < p }

// note counts that something of a kind has happened.
func (w *world) note(kind string) {
	w.kinds[kind]++
	w.recent = append(w.recent, w.wall().In(w.zone).Format("15:04:05.000")+" world: "+kind)
}

// newWorld makes a world whose policy, zone and habits follow from the seed.
func newWorld(t *testing.T, seed uint64, from time.Month) *world {
	w := &world{r: rand.New(rand.NewPCG(seed, 7)), kinds: map[string]int{}}
	zones := []string{"America/New_York", "Europe/Zurich", "Asia/Hong_Kong", "Australia/Sydney", "America/Sao_Paulo"}
	w.zone = zone(zones[seed%5])
	local := time.Local
	time.Local = w.zone
	t.Cleanup(func() { time.Local = local })
	w.begin = time.Date(2026, from, 1, 9, 0, 0, 0, w.zone).AddDate(0, 0, -5)
	w.latestWall = w.begin
	w.referee = newReferee(t, nil)
	w.referee.name, w.copyEvery, w.carryOut = fmt.Sprintf("seed %d, %s: ", seed, w.zone), 501, w.doEffect
	p := DefaultPolicy()
	p.HasConfigSource = true
	p.KeepRunning, p.ClearAuto, p.Monitor = seed%4 != 3, seed%2 == 0, seed%7 != 6
	p.Region = []Region{NorthAmerica, Europe, Asia}[seed%3]
	w.base = p
	w.people = people{laptop: seed%3 == 1}
	w.ibkr = ibkr{up: true, live: seed%2 == 0, missed: []string{"exit", "relogin", "stuck"}[seed%3]}
	w.gateway = yearGateway{nightly: seed%5 != 4, early: seed%2 == 1, link: true}
	w.checks.init()
	t.Cleanup(func() {
		if t.Failed() && len(w.recent) > 0 {
			t.Logf("%sbefore that:\n%s", w.name, strings.Join(w.recent, "\n"))
		}
	})
	w.gatelightStarts(true)
	w.plan(0, w.everyHour)
	w.plan(w.untilLocal(23, 45), w.everyNight)
	w.plan(time.Minute, func() { w.ask(Start) })
	return w
}

// Quiet hours have far fewer looks and heartbeats: the policy says so, and
// Decide judges by it. A year has 16 million looks by the usual policy.
func (w *world) policy() Policy {
	p := w.base
	if w.mono >= w.busyUntil {
		p.LookFast, p.LookSlow, p.StaleAfter = 5*time.Minute, 10*time.Minute, 25*time.Minute
		p.Heartbeat, p.HeartbeatLate = 10*time.Minute, 25*time.Minute
	}
	return p
}

// busy makes looks close for a while. Before that, one look and one heartbeat
// give fresh evidence for the closer judgement.
func (w *world) busy(d time.Duration) {
	if w.mono >= w.busyUntil {
		w.beat()
		w.look()
		w.exact = w.chance(0.02)
	}
	w.busyUntil = max(w.busyUntil, w.mono+d)
	w.nextLook, w.nextBeat = min(w.nextLook, w.mono+w.base.LookSlow), min(w.nextBeat, w.mono+w.base.Heartbeat)
}

// tell gives Decide an event.
func (w *world) tell(e Event) {
	w.now, w.p = w.wall(), w.policy()
	if w.now.After(w.latestWall) {
		w.latestWall = w.now
	}
	w.referee.step(e)
	w.acts = nil // the world has a driver of its own
	w.timerAt = w.mono + w.s.WakeAt.Sub(w.now)
	w.check(e)
}

// look is one look of the poller.
func (w *world) look() {
	if w.mono < w.gateway.blindUntil {
		w.lookFailed = true
		w.tell(LookFailed{Reader: "test", Why: "no descriptors"})
	} else {
		w.now = w.wall()
		v := w.gateway.view()
		w.hidden = v.Hidden != ""
		w.tell(w.saw(v))
	}
	pause := w.s.lookInterval(w.p)
	if !w.exact {
		pause = max(pause, time.Second)
	}
	w.nextLook = w.mono + pause
}

// lookSoon is a look that Decide, a process's end or a wake-up asks for.
func (w *world) lookSoon() { w.nextLook = min(w.nextLook, w.mono+time.Millisecond) }

// beat is one heartbeat of our session.
func (w *world) beat() {
	w.nextBeat = w.mono + w.policy().Heartbeat
	if g := &w.gateway; g.session.ready && g.answers {
		w.tell(HeartbeatAnswered{RTT: time.Millisecond})
	}
}

// run lets time pass.
func (w *world) run(d time.Duration) {
	for end := w.real().Add(d); w.real().Before(end); {
		next := min(w.nextLook, w.nextBeat, w.timerAt)
		if len(w.agenda.items) > 0 && w.agenda.items[0].at <= next {
			h := heap.Pop(&w.agenda).(happening)
			w.mono = max(w.mono, h.at)
			if !h.idle {
				w.busy(90 * time.Second)
			}
			h.do()
			continue
		}
		w.mono = max(w.mono, next)
		switch next {
		case w.timerAt:
			w.tell(TimerFired{})
		case w.nextBeat:
			w.beat()
		default:
			w.look()
		}
	}
}

// sleep is a sleep of the machine: nothing runs, and the clock goes on.
func (w *world) sleep(d time.Duration) {
	w.slept += d
	for i := range w.agenda.items {
		if h := &w.agenda.items[i]; h.outside {
			h.at = max(h.at-d, w.mono)
		}
	}
	heap.Init(&w.agenda)
	if w.chance(0.5) { // a timer may be first
		w.tell(TimerFired{})
	}
	w.lookSoon()
}

// setClock is a step of the wall clock.
func (w *world) setClock(d time.Duration) {
	w.clockError += d
	if d >= 0 {
		return
	}
	for i, at := range w.unattended {
		w.unattended[i] = notAfter(at, w.wall())
	}
	w.listensSince = notAfter(w.listensSince, w.wall())
	w.checks.clamp(w.wall())
	w.lookSoon() // the reader reports a jump of the clock
}

// untilLocal is how long it is until that time of day.
func (w *world) untilLocal(hour, minute int) time.Duration {
	now := w.local()
	at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, w.zone)
	if !at.After(now) {
		at = time.Date(now.Year(), now.Month(), now.Day()+1, hour, minute, 0, 0, w.zone)
	}
	return at.Sub(now)
}
