package supervisor

import (
	"reflect"
	"slices"
	"time"
)

// The yearChecks hold what a world checks besides the referee's rules.
type yearChecks struct {
	logins    []login // that IBKR has counted, by the wall clock
	userStart time.Time

	wrongSince time.Duration   // since when the state is not the world's, by mono; 0: it is
	wrongFor   time.Duration   // how long it may be, by the policies since then
	open       map[uint64]bool // incidents that people were told of, without an end
	lastSeq    uint64
	told       map[NoticeKind]int // today
	most       map[NoticeKind]int // on one day
	disturbed  bool               // something else than the planned has happened since the evening
	nightSeq   uint64             // of the last notice before a planned restart; 0: none is under way
	sizes      []int              // of the snapshot, once a day
	connected  time.Duration      // since when, by mono
}

func (c *yearChecks) init() {
	c.open, c.told, c.most = map[uint64]bool{}, map[NoticeKind]int{}, map[NoticeKind]int{}
}

// restarted forgets what a new Gatelight does not know.
func (c *yearChecks) restarted() { clear(c.open); c.lastSeq, c.nightSeq, c.connected = 0, 0, 0 }

// clamp keeps the record of logins true for a clock that was set back: a login
// counts for an hour more then.
func (c *yearChecks) clamp(now time.Time) {
	for i := range c.logins {
		c.logins[i].at = notAfter(c.logins[i].at, now)
	}
	c.userStart = notAfter(c.userStart, now)
}

// check is called after each event.
func (w *world) check(e Event) {
	w.checkTimes(e)
	w.checkState(e)
	w.checkNotices(e)
}

// checkTimes holds that no time of a snapshot lies in the future, or after any
// time that the clock has shown.
func (w *world) checkTimes(e Event) {
	s := w.s
	for name, at := range map[string]time.Time{"since": s.Since, "trouble": s.TroubleSince, "session": s.API.Since} {
		if at.After(w.now) {
			w.fail(e, "%s is in the future: %v", name, at)
		}
	}
	for name, at := range map[string]time.Time{"evidence": s.EvidenceAt, "answer": s.API.AnsweredAt, "code": s.API.LastCodeAt} {
		if at.After(w.latestWall) {
			w.fail(e, "%s is after all times of the clock: %v", name, at)
		}
	}
	if s.State != Unknown && !s.FreshUntil.After(w.now) && !w.now.Before(s.mem.port.holdStateUntil) {
		w.fail(e, "%s, whose evidence was fresh until %v", s.State, s.FreshUntil)
	}
	if s.WakeAt.Sub(w.now) > w.p.StaleAfter {
		w.fail(e, "it is called again only at %v", s.WakeAt)
	}
}

// may lists the states that are true of the world now, and whether a session
// that is opened later decides.
func (w *world) may() []State {
	g := &w.gateway
	fresh := g.session.ready && g.answers
	up := Connected
	if !g.link {
		up = CutOff
	}
	switch {
	case w.mono < g.blindUntil || g.hidden && g.listens:
		if fresh {
			return []State{up}
		}
		return []State{Unknown}
	case !g.listens && g.script != 0 && g.ours && w.s.mem.process.shouldRun:
		return []State{Starting}
	case !g.listens:
		return []State{Down}
	case len(g.zombies) > 0:
		return []State{Zombies}
	case fresh:
		return []State{up}
	case g.answers && w.base.Monitor:
		return []State{Listening} // until the next session
	case !w.base.Monitor:
		return []State{Listening, Connected}
	}
	return []State{Silent, Listening}
}

// checkState holds that the state is the world's, within a deadline.
func (w *world) checkState(e Event) {
	limit := w.p.HeartbeatLate + 2*w.p.LookSlow + w.p.ZombieAfter
	switch {
	case slices.Contains(w.may(), w.s.State):
		w.checks.wrongSince, w.checks.wrongFor = 0, 0
	case w.checks.wrongSince == 0:
		w.checks.wrongSince = w.mono
	}
	w.checks.wrongFor = max(w.checks.wrongFor, limit) // that of quiet hours, which it began in
	limit = w.checks.wrongFor
	if since := w.checks.wrongSince; since != 0 && w.mono-since > limit {
		w.fail(e, "%s for %v, but the world says %v: %+v", w.s.State, w.mono-since, w.may(), w.gateway)
	}
}

// countLogin counts a login at IBKR. No hour has more unattended ones than the
// budget since the user's last start, but those that nobody could have kept from
// happening.
func (w *world) countLogin(attended bool) {
	c, now := &w.checks, w.wall()
	c.logins = slices.DeleteFunc(c.logins, func(l login) bool { return !now.Before(l.at.Add(loginWindow)) })
	c.logins = append(c.logins, login{at: now, attended: attended})
	if !w.gateway.ours {
		return
	}
	n := 0
	for _, l := range c.logins {
		if !l.attended && l.at.After(c.userStart) {
			n++
		}
	}
	if n > w.base.LoginBudget {
		w.note("logins over the budget")
		w.fail(TimerFired{}, "%d unattended logins in an hour: %v", n, c.logins)
	}
}

// checkAction holds what is begun without a request.
func (w *world) checkAction(f PerformAction) {
	switch {
	case !f.Unattended:
		w.people.wanted, w.people.request = w.people.wants, w.lastRequest
		w.people.wants = f.Action == Start || f.Action == Restart || f.Action != Stop && w.people.wants
		if f.Action == Start || f.Action == Restart {
			w.checks.userStart = w.now
		}
	case f.Action == Start:
		w.note("unattended start")
		if !w.people.wants || !w.base.KeepRunning {
			w.fail(f2e{f}, "started without a request: wanted %v, keep running %v", w.people.wants, w.base.KeepRunning)
		}
	case f.Action == Stop:
		w.note("login loop stopped")
	}
}

// An f2e shows an effect where an event is expected.
type f2e struct{ PerformAction }

func (f2e) event() {}

// checkNotices holds that all that people were told has an end.
func (w *world) checkNotices(e Event) {
	c, s := &w.checks, w.s
	for _, n := range s.Notices {
		if n.Seq > c.lastSeq {
			c.lastSeq = n.Seq
			w.told(n)
		}
	}
	limit := time.Second
	if s.mem.loop.settles { // the end of a loop is told when it holds
		limit += reopenWithin
	}
	switch {
	case s.State == Down && s.Expected: // the alerts are taken back
		clear(c.open)
	case s.State != Connected:
		c.connected = 0
	case c.connected == 0:
		c.connected = w.mono
	case w.mono-c.connected > limit && (len(c.open) > 0 || !s.TroubleSince.IsZero()):
		w.fail(e, "connected for %v, and people were not told the end of %v: %+v", w.mono-c.connected, c.open, s.Notices)
	}
	if c.nightSeq != 0 && s.State == Connected && w.gateway.session.ready && w.gateway.java != 0 {
		c.nightSeq = 0
	}
}

func (w *world) told(n Notice) {
	c := &w.checks
	asked := n.At.Sub(w.people.asked) <= w.p.ActionTimeout
	if n.Kind != NoticeFailed || !asked { // what people have asked for is told each time
		c.told[n.Kind]++
	}
	switch n.Kind {
	case NoticeRecovery, NoticeDone:
		delete(c.open, n.ID)
	case NoticeDrop, NoticeReminder, NoticeTwoFactor, NoticeLogin, NoticeBudget:
		c.open[n.ID] = true
	}
	if c.nightSeq != 0 && !c.disturbed {
		w.fail(TimerFired{}, "a planned restart was told: %+v", n)
	}
	if n.Kind != NoticeRecovery && n.Kind != NoticeDone && !w.people.reacts && w.chance(0.8) {
		w.people.reacts = true
		w.whenAwake(w.react)
	}
}

// beginNight is the begin of a restart that nobody is to be told of.
func (c *yearChecks) beginNight(w *world) {
	c.disturbed = !slices.Contains([]State{Connected, CutOff}, w.s.State) && w.base.Monitor || len(c.open) > 0 ||
		w.mono < w.gateway.blindUntil || w.gateway.hidden
	c.nightSeq = c.lastSeq + 1
}

// endOfDay counts what people were told, and what is kept in memory.
func (w *world) endOfDay() {
	c := &w.checks
	for kind, n := range c.told {
		c.most[kind] = max(c.most[kind], n)
	}
	clear(c.told)
	c.sizes = append(c.sizes, elements(reflect.ValueOf(w.s)))
}

// checkBounds holds that people are told little, and that what is kept does not
// grow.
func (w *world) checkBounds() {
	for kind, most := range w.checks.most {
		limit := 20
		if kind == NoticeReminder {
			limit = 26 // one an hour, and the two of the first half hour
		}
		if most > limit {
			w.t.Errorf("people were told %d times of %s on one day", most, kind)
		}
	}
	if most := slices.Max(w.checks.sizes); most > 100 {
		w.t.Errorf("the snapshot has %d elements, at first %v", most, w.checks.sizes[:7])
	}
}

// elements counts the elements of all slices in a value.
func elements(v reflect.Value) (n int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		return 0 // it holds the rules of its zone
	}
	switch v.Kind() {
	case reflect.Slice:
		n = v.Len()
		for i := range v.Len() {
			n += elements(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += elements(v.Field(i))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			n = elements(v.Elem())
		}
	case reflect.String:
		n = v.Len() / 100
	}
	return n
}
