package supervisor

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A referee produces the events for Decide and checks what Decide makes of them
// against a record of its own.
type referee struct {
	t   *testing.T
	p   Policy
	now time.Time
	s   Snapshot

	listensSince time.Time // since when the looks saw the same listener; zero: nobody listens
	lastLook     time.Time
	lookFailed   bool
	hidden       bool                 // the newest look saw a client of a listener that it did not see
	unproven     bool                 // it cannot be told whether a Gateway of ours runs
	sessions     int                  // how many are open
	requests     map[uint64]time.Time // that are not answered yet, by ID
	lastRequest  uint64
	steps        int
	name         string          // before each failure
	copyEvery    int             // of so many steps one checks that the snapshot before stays as it was
	acts         []PerformAction // that have not ended yet
	unattended   []time.Time     // starts since the user's last start, within loginWindow
	carryOut     func(Effect)    // what is done about an effect besides; nil: nothing
}

func newReferee(t *testing.T, b []byte) *referee {
	p := DefaultPolicy()
	p.HasConfigSource = true
	if len(b) > 0 { // the policy varies with the input too
		p.KeepRunning = b[0]&1 == 0
		p.Monitor = b[0]&6 != 0
		p.ClearAuto = b[0]&8 != 0
	}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	return &referee{t: t, p: p, now: now, s: New(p, now), requests: map[uint64]time.Time{}, copyEvery: 8}
}

func (j *referee) judgeAll(b []byte) {
	for ; len(b) >= 2; b = b[2:] {
		j.now = j.now.Add(passed(b[1]))
		j.step(j.choose(b[0]))
	}
	if j.steps&1 == 1 { // an action under way ends even if the clock is set back
		j.now = j.now.Add(-time.Hour)
		if j.listensSince.After(j.now) {
			j.listensSince = j.now
		}
		j.step(TimerFired{}) // a timer is not delayed by the clock
	}
	j.drain()
}

func (j *referee) step(e Event) {
	j.steps++
	before, text := j.s, ""
	if j.steps%j.copyEvery == 0 { // not always: it takes longer than everything else
		text = fmt.Sprintf("%+v", j.s)
	}
	s, effects := Decide(j.s, e, j.now, j.p)
	if text != "" && fmt.Sprintf("%+v", before) != text {
		j.fail(e, "the snapshot before was changed:\n%s\n%+v", text, before)
	}
	j.s = s
	if a, ok := e.(ActionRequested); ok && before.State == Unknown && a.Action != CopyConfig {
		for _, f := range effects {
			if _, acts := f.(PerformAction); acts {
				j.fail(e, "acted on a state that was unknown")
			}
		}
	}
	if !s.WakeAt.After(j.now) {
		j.fail(e, "WakeAt %v is not after now, %v", s.WakeAt, j.now)
	}
	kept := notAfter(before.Since, j.now) // what the clock has left of it
	if changed := s.State != before.State; changed != !s.Since.Equal(kept) && !(changed && kept.Equal(j.now)) {
		j.fail(e, "%s since %v became %s since %v", before.State, before.Since, s.State, s.Since)
	}
	j.evidence(e)
	for _, f := range effects {
		j.effect(e, f)
	}
	if j.sessions > 1 {
		j.fail(e, "%d sessions at once", j.sessions)
	}
	for i, n := range s.Notices {
		if i > 0 && n.Seq != s.Notices[i-1].Seq+1 || len(s.Notices) > keptNotices {
			j.fail(e, "notices out of order: %+v", s.Notices)
		}
	}
}

// saw takes a look into the referee's record, and is the event for it.
func (j *referee) saw(v PortView) Event {
	was := j.s.Listener
	if v.Listener == nil {
		j.listensSince = time.Time{}
	} else if j.listensSince.IsZero() || was == nil || was.Process.PID != v.Listener.Process.PID {
		j.listensSince = j.now
	}
	j.lastLook, j.lookFailed = j.now, false
	return Looked{At: j.now, Reader: "test", View: v}
}

// evidence checks that a state is claimed only on evidence for it.
func (j *referee) evidence(e Event) {
	s := j.s
	looking := !j.lastLook.IsZero() && !j.lookFailed && j.now.Before(j.lastLook.Add(j.p.StaleAfter))
	answering := s.API.State == SessionUp && j.now.Before(s.API.AnsweredAt.Add(j.p.HeartbeatLate))
	held := j.now.Before(s.mem.port.holdStateUntil) // a session has just closed: the next look decides
	if held {
		if s.mem.port.holdStateUntil.Sub(j.now) > time.Second {
			j.fail(e, "the state is held until %v", s.mem.port.holdStateUntil)
		}
		return
	}
	switch {
	case !looking && !answering && s.State != Unknown:
		j.fail(e, "%s, but there is no fresh evidence", s.State)
	case s.State == Connected && !answering && (j.p.Monitor || len(s.Clients) == 0):
		j.fail(e, "connected, but neither a session nor a client proves it")
	case looking && j.hidden && !answering && s.State != Unknown:
		j.fail(e, "%s, but a client is connected to a listener that nobody sees", s.State)
	case s.State == Silent && (answering || s.API.State != SessionUp && s.API.State != SessionConnecting):
		j.fail(e, "silent, but the session is %s, last answer %v", s.API.State, s.API.AnsweredAt)
	case s.State == Silent && s.API.State == SessionConnecting && j.now.Before(s.API.Since.Add(j.p.HandshakeLate)):
		j.fail(e, "silent, but the handshake is pending since %v only", s.API.Since)
	case s.Phase == NeedsYou && (s.LoginProblem == nil || !s.LoginProblem.Waits):
		j.fail(e, "it needs a person, but has no problem that waits: %+v", s.LoginProblem)
	case s.State == CutOff && !answering:
		j.fail(e, "cut off, but no session tells it")
	case s.State == Down && j.unproven:
		j.fail(e, "down, but a Gateway may run")
	case (s.State == Down || s.State == Starting) && !j.listensSince.IsZero():
		j.fail(e, "%s, but somebody listens", s.State)
	case (s.State == Listening || s.State == Silent) && j.listensSince.IsZero():
		j.fail(e, "listening, but nobody listens")
	case s.State == Zombies && len(s.Zombies) == 0:
		j.fail(e, "zombies, but there are none")
	case s.Expected && s.State != Down:
		j.fail(e, "%s is expected", s.State)
	}
	for _, z := range s.Zombies {
		if j.lastLook.Sub(z.Since) < j.p.ZombieAfter {
			j.fail(e, "a zombie after %v only", j.lastLook.Sub(z.Since))
		}
	}
}

func (j *referee) effect(e Event, f Effect) {
	if j.carryOut != nil {
		j.carryOut(f)
	}
	switch f := f.(type) {
	case PerformAction:
		if j.s.State == Unknown && f.Action != CopyConfig {
			j.fail(e, "%s while unknown", f.Action)
		}
		if j.unproven && f.Action == Start {
			j.fail(e, "started while a Gateway may run")
		}
		j.acts = append(j.acts, f)
		switch {
		case f.Action == Start && f.Unattended:
			j.budget(e)
		case f.Action == Start || f.Action == Restart:
			j.unattended = nil // the user knows: the budget begins anew
		}
	case OpenSession:
		j.sessions++
		switch {
		case !j.p.Monitor:
			j.fail(e, "connected with the monitor off")
		case j.s.Blocking:
			j.fail(e, "connected while zombies block")
		case j.listensSince.IsZero() || j.now.Sub(j.listensSince) < j.p.SettleTime:
			j.fail(e, "connected before Policy.SettleTime was over")
		case j.s.State == Unknown:
			j.fail(e, "connected while unknown")
		}
	case SaveKeepRunning:
		j.step(KeepRunningSaved{ID: f.ID})
	case Reply:
		if _, waits := j.requests[f.ID]; !waits {
			j.fail(e, "answered %d, which was not requested", f.ID)
		}
		delete(j.requests, f.ID)
	}
}

// budget checks the number of unattended starts within loginWindow.
func (j *referee) budget(e Event) {
	j.unattended = append(j.unattended, j.now)
	j.unattended = slices.DeleteFunc(j.unattended, func(at time.Time) bool { return !j.now.Before(at.Add(loginWindow)) })
	n := len(j.unattended)
	if n > j.p.LoginBudget {
		j.fail(e, "%d unattended logins within an hour, the budget is %d", n, j.p.LoginBudget)
	}
}

// drain lets time pass with timers only. After that no action may be under way,
// and every request must be answered.
func (j *referee) drain() {
	j.acts = nil // no action reports any more
	for end := j.now.Add(j.p.ActionTimeout + j.p.StartTimeout + time.Second); j.now.Before(end); {
		j.now = j.s.WakeAt
		j.step(TimerFired{})
		j.acts = nil
	}
	if len(j.requests) > 0 {
		j.fail(TimerFired{}, "never answered: %v", j.requests)
	}
	if j.s.Busy != "" && j.now.Sub(j.s.mem.action.current.since) > max(j.p.ActionTimeout, j.p.StartTimeout) {
		j.fail(TimerFired{}, "busy for ever with %s", j.s.Busy)
	}
}

func (j *referee) fail(e Event, format string, args ...any) {
	j.t.Helper()
	j.t.Fatalf(j.name+"%s after %T%+v in %s: %s", j.now.Format("15:04:05.000"), e, e, j.s.State, fmt.Sprintf(format, args...))
}
