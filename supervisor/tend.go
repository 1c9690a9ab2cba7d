package supervisor

import (
	"fmt"
	"time"
)

// This file is what follows from a state: the action under way and the login
// budget. Nothing here starts or stops anything while the state is unknown.

// refusal is Refusal with what only the time tells.
func (d *decision) refusal(a Action) *ActionError {
	if why := d.Refusal(a); why != nil {
		return why
	}
	if a == ClearZombies && loginIsOver(d.startedAt(), d.now) {
		return &ActionError{Action: a, Gateway: d.p.Name, Reason: ReasonNeedsLogin,
			Text: "the week's login has ended, so that a restart asks for a two-factor approval", Hint: "restart it yourself when you can give it"}
	}
	return nil
}

func (d *decision) failure(a Action, r Reason, text string) *ActionError {
	return &ActionError{Action: a, Gateway: d.p.Name, Reason: r, Text: text}
}

// startedAt is since when the Gateway has been up, as far as is known: its Java,
// since the script in front of it goes on over restarts.
func (d *decision) startedAt() time.Time {
	if l := d.Listener; l != nil && !l.Process.StartedAt.IsZero() {
		return l.Process.StartedAt
	}
	return d.Process.StartedAt
}

func (d *decision) asked(e ActionRequested) {
	d.Busy = d.mem.busy()
	if why := d.refusal(e.Action); why != nil {
		d.recordReason(fmt.Sprintf("%s refused: %s", e.Action, why.Explanation()), string(why.Reason))
		d.do(Reply{ID: e.ID, Err: why})
		return
	}
	m := &d.mem
	switch e.Action {
	case KeepRunningOn, KeepRunningOff:
		d.keep(e)
		return
	case Start, Restart:
		m.wanted, m.spent, m.starts, m.launches, m.counted, m.hint, m.vain = true, false, 0, 0, false, "", ""
		m.attended, m.budgetFrom, m.stopAt = d.now, d.now, time.Time{}
		m.calm = d.now.Add(d.p.StartTimeout)
	case ClearZombies:
		m.calm = d.now.Add(d.p.StartTimeout)
	case Stop:
		m.wanted, m.calm = false, d.now.Add(d.p.StartTimeout)
	}
	d.record(EntryCommand, string(e.Action))
	d.act(e.Action, e.ID)
}

// keep decides whether it is started again when it goes down unasked, from now
// on and, by the settings, after this Gatelight's end.
func (d *decision) keep(e ActionRequested) {
	d.KeepRunning = e.Action == KeepRunningOn
	d.record(EntryCommand, "keep-running "+map[bool]string{true: "on", false: "off"}[d.KeepRunning])
	d.do(SaveKeepRunning{ID: e.ID, KeepRunning: d.KeepRunning})
}

func (d *decision) remembered(e KeepRunningSaved) {
	var err *ActionError
	if e.Err != "" {
		err = d.failure(KeepRunningOn, ReasonUnsaved, "it holds until Gatelight ends, but not after that: "+e.Err)
		d.recordReason("keep_running: "+err.Text, string(err.Reason))
	}
	d.do(Reply{ID: e.ID, Err: err})
}

// act begins an action; asked is 0 when nobody asked for it.
func (d *decision) act(a Action, asked uint64) {
	d.mem.acts++
	d.mem.startAt = time.Time{}
	d.mem.doing = &doing{id: d.mem.acts, action: a, asked: asked, at: d.now}
	d.do(PerformAction{ID: d.mem.acts, Action: a, Unattended: asked == 0})
}

func (d *decision) acted(e ActionEnded) {
	doing := d.mem.doing
	if doing == nil || doing.id != e.ID {
		return // given up on already
	}
	if e.Err == nil && e.Action == ClearZombies && !doing.verify {
		under := *doing
		under.verify, under.at = true, d.now
		d.mem.doing = &under
		return // IBC has said yes; whether it helps is seen in tendZombies
	}
	d.mem.doing = nil
	if e.Err != nil {
		if e.Action == Stop || e.Action == Restart {
			d.mem.wanted = true // it runs on, unasked, or should
		}
		if e.Action != CopyConfig { // which is about no start
			if d.mem.counted = false; d.calm() {
				d.mem.calm = d.now // what was expected does not come
			}
		}
		d.recordReason(fmt.Sprintf("%s failed: %s", e.Action, e.Err.Explanation()), string(e.Err.Reason))
		d.tellFailed(e)
	}
	if e.Err == nil && e.Action == CopyConfig {
		d.tellCopied()
	}
	if doing.asked != 0 {
		d.do(Reply{ID: doing.asked, Err: e.Err})
	}
	d.do(LookNow{})
}

// tendAction gives up on an action that never reported, so that no state waits
// for an answer that does not come.
func (d *decision) tendAction() {
	if doing := d.mem.doing; doing != nil && !doing.verify && !d.now.Before(doing.at.Add(d.p.ActionTimeout)) {
		d.acted(ActionEnded{ID: doing.id, Action: doing.action,
			Err: d.failure(doing.action, ReasonTimeout, "no answer after "+span(d.p.ActionTimeout))})
	}
}

// loginSeen counts one login attempt. The first one after the user's own start
// is his; every other, IBC's own retries included, is unattended.
func (d *decision) loginSeen(e LoginSeen) {
	m := &d.mem
	if e.Attended {
		d.addLogin(login{d.at(e), true})
		return
	}
	if m.counted {
		m.counted = false
		return
	}
	his := !m.attended.IsZero() && d.now.Before(m.attended.Add(d.p.AttendedFor))
	m.attended = time.Time{}
	d.addLogin(login{d.at(e), his})
}

// at is when the login was, as far as IBC's log can be believed.
func (d *decision) at(e LoginSeen) time.Time {
	if e.At.IsZero() || e.At.After(d.now) {
		return d.now
	}
	return e.At
}

func (d *decision) addLogin(l login) {
	d.mem.logins = append(d.mem.logins[:len(d.mem.logins):len(d.mem.logins)], l)
}

// unattended counts the unattended logins of the last hour, or since the user
// himself last started the Gateway, and forgets logins older than the hour.
func (d *decision) unattended() int {
	n := 0
	var recent []login
	for _, l := range d.mem.logins {
		if d.now.Before(l.at.Add(loginWindow)) {
			recent = append(recent, l)
			if !l.attended && l.at.After(d.mem.budgetFrom) {
				n++
			}
		}
	}
	d.mem.logins = recent
	return n
}

// tendLogins keeps the Gateway running where that was asked for, and stops at
// the budget whoever keeps logging in. IBKR locks accounts.
func (d *decision) tendLogins() {
	used := d.unattended()
	m := &d.mem
	if d.State == Connected {
		m.starts, m.launches, m.startAt = 0, 0, time.Time{}
	}
	loops := d.loopsPast(used) || d.relaunchesInVain()
	if loops && !m.spent { // told even when nothing may be done about it yet
		m.spent = true
		d.tellSpent(used)
	}
	if d.State == Unknown || m.doing != nil {
		return
	}
	if loops && (d.State == Starting || d.State == Listening) && !d.now.Before(m.stopAt) {
		m.stopAt, m.vain = d.now.Add(stopAgain), d.inVain(used)
		d.act(Stop, 0)
		return
	}
	d.keepRunning(used)
}

// stopAgain is the pause before a login loop that could not be stopped is to be
// stopped again.
const stopAgain = 20 * time.Second

// loopsPast reports that IBC is about to log in once more than the budget
// allows, or already does. A start whose login is not yet due to be counted
// (the user's own, or ours, counted when it was launched) may go on.
func (d *decision) loopsPast(used int) bool {
	m := &d.mem
	if d.Process.PID == 0 || !m.attended.IsZero() || m.counted {
		return false
	}
	return used >= d.p.LoginBudget && m.phase == Launching || used > d.p.LoginBudget && m.phase == Login
}

// relaunches is how many IBC gets that bring no login to its end: its loops go on
// for ever (a server that cannot be reached, a login dialog that never comes).
const relaunches = 5

func (d *decision) relaunchesInVain() bool {
	return d.Process.PID != 0 && d.mem.phase == Launching && d.mem.launches > relaunches+1
}

// inVain says what a loop was stopped for.
func (d *decision) inVain(used int) string {
	what := count(used, "login", "logins") + " that nobody asked for"
	if d.relaunchesInVain() {
		what = count(d.mem.launches-1, "start", "starts") + " that came to nothing"
	}
	if d.mem.hint != "" {
		what += "; " + d.mem.hint
	}
	return what
}

func (d *decision) keepRunning(used int) {
	m := &d.mem
	// One that somebody else's script started is that script's to start again:
	// two of them would fight over the login.
	if !d.KeepRunning || d.State != Down || d.Expected || m.spent || d.Process.PID != 0 || !m.ours {
		m.startAt = time.Time{}
		return
	}
	if used >= d.p.LoginBudget {
		m.spent, m.startAt = true, time.Time{}
		d.tellSpent(used)
		return
	}
	if m.startAt.IsZero() {
		m.startAt = d.now.Add(pause(d.p.StartRetry, m.starts))
	}
	if d.now.Before(m.startAt) {
		return
	}
	m.starts++
	m.counted = true
	d.addLogin(login{at: d.now})
	m.calm = d.now.Add(d.p.StartTimeout)
	d.record(EntryCommand, "start, by itself")
	d.act(Start, 0)
}
