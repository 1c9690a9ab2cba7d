package supervisor

import (
	"net/netip"
	"time"
)

// A yearGateway is the Gateway of a world, under IBC.
type yearGateway struct {
	run      int // one more with each process that ends
	script   int // pid of IBC's script, or of somebody else's Gateway; 0: none runs
	java     int // pid of what listens; 0: none
	lastPID  int
	started  time.Time
	ours     bool
	nightly  bool // AutoRestartTime is set, so that a restart needs no login
	early    bool // the port opens before the login is done
	listens  bool
	answers  bool
	link     bool // to IBKR, as the Gateway knows it
	attended bool // the next login belongs to a start by the user
	stopping bool
	hidden   bool // behind address translation

	blindUntil time.Duration // until then every look fails
	zombies    []Peer
	clients    []Peer
	lastPort   uint16
	session    struct {
		open, ready bool
		peer        Peer
	}
}

func (g *yearGateway) pid() int { g.lastPID++; return 4000 + g.lastPID }

func (g *yearGateway) peer(state TCPState, command string) Peer {
	g.lastPort = g.lastPort%10000 + 1
	return Peer{Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 50000+g.lastPort), TCP: state,
		Socket: uint64(g.pid()), Server: g.java, Client: Process{PID: 77, Command: command}}
}

// view is what a look sees.
func (g *yearGateway) view() PortView {
	switch {
	case !g.listens:
		return PortView{}
	case g.hidden:
		return PortView{Hidden: "it may be in a container"}
	}
	v := PortView{Listener: &Listener{Address: "*:4002", Process: Process{PID: g.java, Name: "java", StartedAt: g.started}}}
	v.Peers = append(append(v.Peers, g.zombies...), g.clients...)
	if g.session.open {
		v.Peers = append(v.Peers, g.session.peer)
	}
	return v
}

func (w *world) controls() Controls {
	return Controls{Command: true, Signal: w.gateway.ours, KeepsLogin: w.gateway.nightly}
}

func (w *world) restarts() []ClockTime {
	if !w.gateway.nightly {
		return nil
	}
	return []ClockTime{{Daily: true, Hour: 23, Minute: 45}, {Day: time.Sunday, Hour: 13}}
}

func (w *world) gatewaySeen() Event {
	by := ByOther
	if w.gateway.ours {
		by = ByGatelight
	}
	return GatewaySeen{PID: w.gateway.script, StartedAt: w.gateway.started, By: by, Controls: w.controls(), Restarts: w.restarts()}
}

// logs gives Decide what IBC's log tells. It tells nothing of a Gateway that
// somebody else has started.
func (w *world) logs(e Event) {
	if w.gateway.ours {
		w.tell(e)
	}
}

// startIBC is a start by IBC's script, by Gatelight or by somebody else.
func (w *world) startIBC(ours, attended bool) {
	g := &w.gateway
	g.run++
	g.script, g.ours, g.attended, g.stopping, g.started = g.pid(), ours, attended, false, w.wall()
	w.note("start")
	if ours {
		w.tell(w.gatewaySeen())
	}
	w.logs(PhaseSeen{Phase: Launching})
	w.step(2*time.Second, func() { w.javaStarts(false) })
}

// javaStarts is one Java of IBC's script. Its login goes on where it left off,
// or is a new one.
func (w *world) javaStarts(keepsLogin bool) {
	g := &w.gateway
	g.java, g.started = g.pid(), w.wall()
	if !g.ours {
		g.java = g.script
	}
	phase := Launching
	if keepsLogin {
		phase = Restarting
	}
	w.logs(PhaseSeen{Phase: phase})
	w.logs(LaunchSeen{})
	if g.early {
		w.step(3*time.Second, func() { g.listens = true })
	}
	w.step(w.between(5*time.Second, 15*time.Second), func() {
		if keepsLogin {
			w.logs(PhaseSeen{Phase: Restarting})
			w.step(5*time.Second, w.loggedIn)
			return
		}
		w.login()
	})
}

// loggedIn is the end of a login that went well.
func (w *world) loggedIn() {
	g := &w.gateway
	w.logs(PhaseSeen{Phase: LoggedIn})
	g.listens, g.link = true, w.ibkr.up
	w.step(w.between(time.Second, 3*time.Second), func() { w.setAnswers(true) })
}

// setAnswers says whether the API answers.
func (w *world) setAnswers(yes bool) {
	g := &w.gateway
	g.answers = yes
	if yes {
		w.nextBeat = w.mono
		w.sessionReady()
	}
}

func (w *world) sessionReady() {
	g := &w.gateway
	if !g.session.open || g.session.ready || !g.answers {
		return
	}
	g.session.ready = true
	w.tell(SessionReady{ServerVersion: 187})
	if !g.link {
		w.tell(CodeReceived{Code: 1100, Link: LinkDown, Meaning: "the Gateway has lost its connection to IBKR"})
	}
}

// openSession is the monitor's child.
func (w *world) openSession() {
	g := &w.gateway
	w.after(20*time.Millisecond, func() {
		switch {
		case !g.listens:
			w.tell(SessionStarted{PID: 77})
			w.sessionGone("nobody listens on 127.0.0.1:4002")
		case w.chance(0.005):
			w.tell(SessionStarted{PID: 77})
			w.tell(CodeReceived{Code: codeIDInUse, Meaning: "the client id is in use"})
			w.sessionGone("the Gateway closed the connection")
		default:
			g.session.open, g.session.ready, g.session.peer = true, false, g.peer(Established, MonitorCommand)
			w.tell(SessionStarted{PID: 77})
			w.sessionReady()
		}
	})
}

func (w *world) sessionGone(why string) {
	w.sessions--
	w.gateway.session.open, w.gateway.session.ready = false, false
	w.tell(SessionClosed{Why: why})
}

// javaEnds is the end of the process that listens, and of all its sockets.
func (w *world) javaEnds() {
	g := &w.gateway
	g.run++
	g.java, g.listens, g.answers, g.zombies, g.clients = 0, false, false, nil, nil
}

// tellEnd is what the senses report of an end, in any order.
func (w *world) tellEnd(events ...func()) {
	if w.gateway.session.open {
		events = append(events, func() { w.sessionGone("the Gateway closed the connection") })
	}
	events = append(events, w.look)
	w.r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	for _, event := range events {
		event()
		w.mono += w.between(0, 2*time.Millisecond)
	}
}

// ends is the end of the Gateway, its script included.
func (w *world) ends(reason ExitReason, why string) {
	g := &w.gateway
	if g.script == 0 {
		return
	}
	ours := g.ours
	w.javaEnds()
	g.script, g.stopping = 0, false
	w.checks.disturbed = true
	w.tellEnd(func() {
		if ours {
			w.tell(GatewayEnded{Exit: Exit{At: w.wall(), Status: -1, Reason: reason, Why: why}})
		}
	})
}

// restartIBC is a restart under the same script.
func (w *world) restartIBC(keepsLogin bool) {
	g := &w.gateway
	w.logs(PhaseSeen{Phase: Restarting})
	w.step(3*time.Second, func() {
		w.javaEnds()
		w.tellEnd()
		if !g.ours { // its process was the one that has ended
			g.script = g.pid()
		}
		w.step(w.between(3*time.Second, 15*time.Second), func() { w.javaStarts(keepsLogin) })
	})
}

// tokenIsOver reports that a restart needs a login, since the week's has ended.
func (w *world) tokenIsOver() bool { return loginIsOver(w.gateway.started, w.real()) }
