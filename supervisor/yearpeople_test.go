package supervisor

import "time"

// The people of a world are awake by day, start and stop the Gateway, and act
// on what they are told.
type people struct {
	laptop  bool   // whose lid is closed now and then
	wants   bool   // that the Gateway runs, as far as they have decided it
	reacts  bool   // they are about to act on a notice
	wanted  bool   // that it runs, before their last request
	request uint64 // the last one that was carried out
	asked   time.Time
}

// awake reports that it is day where the people are.
func (w *world) awake() bool { h := w.local().Hour(); return h >= 8 && h < 23 }

// whenAwake is some minutes from now, or next morning.
func (w *world) whenAwake(do func()) {
	d := w.between(time.Minute, 20*time.Minute)
	if !w.awake() {
		d += w.untilLocal(8, 0)
	}
	w.outside(d, do)
}

// ask is a request of a person, if the menu offers it.
func (w *world) ask(a Action) {
	w.busy(time.Minute)
	if w.s.Refusal(a) != nil {
		return
	}
	w.note("request: " + string(a))
	w.checks.disturbed = true
	w.lastRequest++
	w.now = w.wall()
	w.requests[w.lastRequest], w.people.asked = w.now, w.now
	w.tell(ActionRequested{ID: w.lastRequest, Action: a})
}

// react is what people do about what they were told.
func (w *world) react() {
	w.people.reacts = false
	switch s := w.s; {
	case s.State == Down && !s.Expected, s.BudgetSpent && s.State == Down:
		w.ibkr.refuses = w.ibkr.refuses && w.chance(0.3) // the password is corrected
		w.ask(Start)
	case s.State == Zombies && s.Process.Controls.KeepsLogin:
		w.ask(ClearZombies)
	case s.Phase == NeedsYou, s.State == Silent, s.State == Zombies:
		w.ask(Restart)
	}
}

// everyHour draws what is going to happen in this hour.
func (w *world) everyHour() {
	w.plan(time.Hour, w.everyHour)
	if l := w.local(); l.Hour() == 0 {
		w.endOfDay()
	}
	if ny := w.real().In(eastern()); ny.Weekday() == time.Sunday && ny.Hour() == 1 {
		w.plan(w.between(0, time.Hour), w.weekEnds)
	}
	for _, h := range []struct {
		perDay float64
		byDay  bool // only when people are awake
		do     func()
	}{
		{0.05, false, func() { w.note("crash"); w.ends(ExitKilled, "it was killed") }},
		{0.05, false, w.hang},
		{0.10, false, w.leakZombies},
		{0.04, false, func() { w.outage(w.between(2*time.Minute, 3*time.Hour)) }},
		{0.30, false, func() { w.outage(w.between(5*time.Second, 200*time.Second)) }},
		{0.05, false, w.looksFail},
		{0.02, false, w.hides},
		{0.02, false, w.passwordExpires},
		{0.05, false, w.clockStep},
		{0.20, false, w.gatelightRestarts},
		{0.03, true, w.loggedInElsewhere},
		{0.10, true, func() { w.stops() }},
		{0.60, true, func() { w.ask(Start) }},
		{0.05, true, func() { w.ask(Restart) }},
		{0.03, true, func() { w.ask(ClearZombies) }},
		{0.03, true, func() { w.ask(CopyConfig) }},
		{0.04, true, func() { w.ask(KeepRunningOff) }},
		{0.08, true, func() { w.ask(KeepRunningOn) }},
		{0.02, true, w.closesWindow},
		{0.05, true, w.startsByHand},
		{2.00, true, w.clientsChange},
		{1.00, false, w.closesLid},
	} {
		if h.byDay && !w.awake() || !w.chance(h.perDay/24) {
			continue
		}
		w.outside(w.between(0, time.Hour), h.do)
	}
	if w.inReset() && w.chance(0.5) {
		w.outside(w.between(0, 20*time.Minute), func() { w.outage(w.between(30*time.Second, 10*time.Minute)) })
	}
}

func (w *world) inReset() bool {
	for _, r := range Resets(w.base.Region) {
		if !r.ends(w.real()).IsZero() {
			return true
		}
	}
	return false
}

// stops is a person who stops it, and may start it again some hours later.
func (w *world) stops() {
	w.ask(Stop)
	if w.chance(0.8) {
		w.outside(w.between(time.Minute, 12*time.Hour), func() { w.whenAwake(func() { w.ask(Start) }) })
	}
}

func (w *world) closesWindow() {
	if g := &w.gateway; g.ours && g.answers && !g.stopping {
		w.note("window closed")
		g.stopping, w.people.wants = true, false
		w.logs(PlannedEndSeen{Why: "somebody has closed its window"})
		w.step(5*time.Second, func() { w.ends(ExitPlanned, "it closed normally") })
	}
}

// startsByHand is a person who starts IBC without Gatelight.
func (w *world) startsByHand() {
	if g := &w.gateway; g.script == 0 && w.s.Busy == "" {
		w.note("started by hand")
		w.checks.disturbed = true
		w.startIBC(false, true)
	}
}

func (w *world) hang() {
	if g := &w.gateway; g.answers {
		w.note("hang")
		w.checks.disturbed = true
		g.answers = false
		w.step(w.between(3*time.Second, 20*time.Minute), func() { w.setAnswers(true) })
	}
}

// leakZombies is a program that connects without a handshake. Three of its
// connections block the API.
func (w *world) leakZombies() {
	g := &w.gateway
	if !g.answers {
		return
	}
	w.note("zombies")
	w.checks.disturbed = true
	blocks := w.chance(0.5)
	for range 3 {
		p := g.peer(CloseWait, "probe.py")
		if blocks {
			p.Unread = 18
		}
		g.zombies = append(g.zombies, p)
	}
	if blocks {
		w.step(time.Second, func() { g.answers = false })
	}
	if w.chance(0.3) {
		w.step(w.between(time.Second, 30*time.Minute), func() { g.zombies = nil; w.setAnswers(true) })
	}
}

func (w *world) looksFail() {
	w.note("looks fail")
	w.checks.disturbed = true
	w.gateway.blindUntil = w.mono + w.between(time.Minute, 6*time.Hour)
	w.after(w.gateway.blindUntil-w.mono, w.lookSoon)
}

func (w *world) hides() {
	w.note("hidden listener")
	w.checks.disturbed = true
	w.gateway.hidden = true
	w.after(w.between(time.Minute, 3*time.Hour), func() { w.gateway.hidden = false })
}

func (w *world) passwordExpires() {
	w.note("password wrong")
	w.ibkr.refuses = true
	w.outside(w.between(time.Hour, 20*time.Hour), func() { w.ibkr.refuses = false })
}

func (w *world) clockStep() {
	w.note("clock step")
	w.checks.disturbed = true
	steps := []time.Duration{-2 * time.Hour, -time.Hour, -time.Minute, -time.Second, time.Second, time.Minute, time.Hour}
	w.setClock(steps[w.r.IntN(len(steps))])
	w.outside(w.between(time.Minute, 12*time.Hour), func() { w.setClock(-w.clockError) }) // NTP
}

func (w *world) clientsChange() {
	g := &w.gateway
	if !g.listens {
		return
	}
	if g.clients = append(g.clients, g.peer(Established, "trader.py")); len(g.clients) > 4 {
		g.clients = g.clients[1:]
	}
}

// closesLid is a sleep of the machine: the Gateway is still there after it, and
// has lost IBKR.
func (w *world) closesLid() {
	if !w.people.laptop {
		return
	}
	w.note("sleep")
	w.checks.disturbed = true
	w.sleep(w.between(2*time.Minute, 9*time.Hour))
	if w.gateway.answers {
		w.after(2*time.Second, func() { w.linkChanges(false) })
		w.after(20*time.Second, func() { w.linkChanges(w.ibkr.up) })
	}
}

// gatelightRestarts is a Gatelight that ends and is started again.
func (w *world) gatelightRestarts() {
	w.note("Gatelight restarted")
	w.checks.disturbed = true
	w.gatelightStarts(false)
}

// gatelightStarts is a new Gatelight with what it finds.
func (w *world) gatelightStarts(first bool) {
	g := &w.gateway
	w.now, w.p = w.wall(), w.policy()
	if g.session.open { // the end of the monitor's child
		if !g.session.ready {
			g.session.peer.TCP = CloseWait // the one exception
			g.zombies = append(g.zombies, g.session.peer)
		}
		g.session.open, g.session.ready = false, false
	}
	w.sessions, w.lastLook, w.lookFailed, w.hidden, w.listensSince = 0, time.Time{}, false, false, time.Time{}
	clear(w.requests) // the commands see their connection end
	w.s = New(w.p, w.now)
	w.life++
	w.checks.restarted()
	if first {
		w.tell(TimerFired{})
		return
	}
	for _, l := range w.checks.logins {
		if w.now.Sub(l.at) < time.Hour {
			w.tell(LoginSeen{At: l.at, Attended: l.attended})
		}
	}
	if g.script != 0 && g.ours {
		w.people.wants = !g.stopping
		w.tell(w.gatewaySeen())
		if g.stopping {
			w.tell(PlannedEndSeen{})
		}
		if g.answers {
			w.tell(PhaseSeen{Phase: LoggedIn})
		}
	}
	w.look()
}
