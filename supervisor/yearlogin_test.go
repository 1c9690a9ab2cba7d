package supervisor

import "time"

// An ibkr is what IBKR's servers do in a world, and what the account is like.
type ibkr struct {
	up      bool
	live    bool   // the account asks for two-factor; a paper one does not
	missed  string // what IBC does about a request that nobody has answered: exit, relogin or stuck
	refuses bool   // the password is wrong
}

// login is one login attempt, at which IBKR counts.
func (w *world) login() {
	g := &w.gateway
	if g.stopping {
		return
	}
	w.note("login")
	w.logs(PhaseSeen{Phase: Login})
	w.countLogin(g.attended)
	w.logs(LoginSeen{At: w.wall().Truncate(time.Second)})
	g.attended = false
	switch {
	case !w.ibkr.up:
		w.note("server not reached")
		w.step(20*time.Second, func() {
			w.logs(LoginProblemSeen{LoginProblem{Reason: LoginNoServer, Title: "IBKR not reached", Text: "test"}})
			w.coldRestart()
		})
	case w.ibkr.refuses:
		w.note("login refused")
		w.step(time.Second, func() {
			w.logs(LoginProblemSeen{LoginProblem{Reason: LoginRefused, Title: "login refused", Text: "test"}})
			w.coldRestart()
		})
	case w.chance(0.03):
		w.note("dialog")
		w.dialog(w.chance(0.3))
	case w.ibkr.live || w.chance(0.05):
		w.step(2*time.Second, w.twoFactor)
	default:
		w.step(5*time.Second, w.loggedIn)
	}
}

// coldRestart is IBC's own loop: it starts Java again, and logs in again.
func (w *world) coldRestart() {
	w.javaEnds()
	w.tellEnd()
	w.step(2*time.Second, func() { w.javaStarts(false) })
}

// dialog is a window that stops the login: IBC answers it in a moment, or a
// person in the end.
func (w *world) dialog(stays bool) {
	w.step(time.Second, func() {
		w.logs(LoginProblemSeen{LoginProblem{Reason: LoginDialog, Title: "a window waits", Text: "test", Waits: true}})
		goesOn := func() {
			w.logs(LoginProblemSeen{})
			w.step(3*time.Second, w.loggedIn)
		}
		if !stays {
			w.step(2*time.Second, goesOn)
			return
		}
		run := w.gateway.run
		w.whenAwake(func() {
			if w.gateway.run == run {
				goesOn()
			}
		})
	})
}

// twoFactor is a request to a person's phone.
func (w *world) twoFactor() {
	w.note("two-factor")
	until := w.wall().Add(3 * time.Minute)
	w.logs(PhaseSeen{Phase: TwoFactor, TwoFactor: TwoFactorRequest{Until: until}})
	approves := 0.9
	if !w.awake() {
		approves = 0.1
	}
	goesOn := func() { w.logs(PhaseSeen{Phase: Login}) }
	if w.chance(approves) {
		w.step(w.between(5*time.Second, 170*time.Second), func() {
			goesOn()
			w.step(5*time.Second, w.loggedIn)
		})
		return
	}
	w.note("two-factor missed: " + w.ibkr.missed)
	w.step(181*time.Second, func() {
		goesOn()
		switch w.ibkr.missed {
		case "exit":
			w.step(time.Minute, func() { w.ends(ExitTwoFactorTimeout, "the two-factor request was not answered in time") })
		case "relogin":
			w.logs(LoginProblemSeen{LoginProblem{Reason: LoginMissed, Title: "two-factor request missed", Text: "test"}})
			w.step(5*time.Second, w.login) // in the same Java
		case "stuck": // nothing more is in the log
		}
	})
}

// everyNight is the Gateway's own restart, at the time set in config.ini by the
// clock on the wall there. After the week's login it needs a new one.
func (w *world) everyNight() {
	w.plan(w.untilLocal(23, 45), w.everyNight)
	g := &w.gateway
	if !g.nightly || !g.listens || !g.answers || g.stopping || w.s.Busy != "" {
		return
	}
	w.busy(5 * time.Minute)
	keeps := !w.tokenIsOver()
	w.note("nightly restart")
	if keeps {
		w.checks.beginNight(w)
	}
	w.restartIBC(keeps)
}

// weekEnds is IBKR's end of the week's login, on Sunday night in New York: it
// ends the session, and the next login is a full one.
func (w *world) weekEnds() {
	g := &w.gateway
	if g.script == 0 || !g.ours || g.stopping || !w.tokenIsOver() {
		return
	}
	w.note("weekly login")
	w.checks.disturbed = true
	w.busy(5 * time.Minute)
	w.restartIBC(false)
}

// outage is a time in which IBKR is away.
func (w *world) outage(d time.Duration) {
	if !w.ibkr.up {
		return
	}
	w.note("outage")
	w.ibkr.up = false
	w.linkChanges(false)
	w.outside(d, func() { w.ibkr.up = true; w.linkChanges(true) })
}

// linkChanges is that the Gateway loses IBKR, or has it again.
func (w *world) linkChanges(up bool) {
	g := &w.gateway
	if g.link == up {
		return
	}
	g.link = up
	w.checks.disturbed = true
	if !g.session.ready {
		return
	}
	if up {
		w.tell(CodeReceived{Code: 1102, Link: LinkUp})
	} else {
		w.tell(CodeReceived{Code: 1100, Link: LinkDown, Meaning: "the Gateway has lost its connection to IBKR"})
		w.tell(CodeReceived{Code: 2103, Farm: Farm{Kind: MarketData, Name: "usfarm", Status: FarmBroken}})
	}
}

// loggedInElsewhere is the same user in another program: IBC logs in again, or
// ends for the other session.
func (w *world) loggedInElsewhere() {
	g := &w.gateway
	if !g.ours || !g.answers {
		return
	}
	w.note("logged in elsewhere")
	if w.chance(0.5) {
		w.logs(LoginProblemSeen{LoginProblem{Reason: LoginExistingSession, Title: "logged in elsewhere", Text: "test"}})
		w.logs(PlannedEndSeen{Why: "this user is logged in elsewhere"})
		w.people.wants, g.stopping = false, true
		w.step(3*time.Second, func() { w.ends(ExitSessionElsewhere, "it gave way to another session") })
		return
	}
	g.answers = false // the Gateway waits in a window until IBC has logged in again
	times := 1 + w.r.IntN(8)
	var again func()
	again = func() {
		w.logs(LoginSeen{At: w.wall().Truncate(time.Second)})
		if times--; times > 0 {
			w.note("the other session insists")
			w.step(w.between(30*time.Second, 5*time.Minute), again)
			return
		}
		w.step(4*time.Second, func() { w.setAnswers(true) })
	}
	w.step(2*time.Second, again)
}
