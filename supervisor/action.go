package supervisor

import (
	"fmt"
	"time"
)

// action is the action under way. There is at most one.
type action struct {
	current runningAction
	lastID  uint64 // of the last one that was begun
}

// A runningAction is one action under way; its zero value stands for none.
type runningAction struct {
	id        uint64
	action    Action
	requestID uint64 // the [ActionRequested] that waits for it, 0: nobody asked
	since     time.Time
	verifying bool // the driver has done its part; whether it helped is not known yet
}

func (a *action) underWay() bool { return a.current.id != 0 }

// busy is the action under way, "" for none.
func (a *action) busy() Action { return a.current.action }

// restarting reports an action after which a Gateway that goes down comes back.
func (a *action) restarting() bool {
	return a.current.action == Restart || a.current.action == ClearZombies
}

// endsSessions reports an action by which the Gateway is about to close its
// connections.
func (a *action) endsSessions() bool {
	return !a.current.verifying && (a.current.action == Stop || a.restarting())
}

// refusal is [Snapshot.Refusal] for the state at this moment. It also refuses
// what the time rules out.
func (d *decision) refusal(a Action) *ActionError {
	s := d.last
	s.State, s.Process, s.Busy, s.Next = d.verdict.state, d.process.GatewayProcess, d.action.busy(), d.next()
	s.Why, s.LookFresh = why(d), d.verdict.lookFresh
	if r := s.Refusal(a); r != nil {
		return r
	}
	if a == ClearZombies && loginIsOver(d.process.upSince(d.port.view.Listener), d.now) {
		return &ActionError{Action: a, Gateway: d.p.Name, Reason: ReasonNeedsLogin,
			Text: "the week's login has ended, so that a restart asks for a two-factor approval",
			Hint: "restart it yourself when you can give it"}
	}
	return nil
}

// request begins the action that the user requests, or refuses it.
func (a *action) request(d *decision, r ActionRequested) {
	if why := d.refusal(r.Action); why != nil {
		d.record(Entry{Kind: EntryCommand, Text: fmt.Sprintf("%s refused: %s", r.Action, why.Explanation()), Reason: string(why.Reason)})
		d.do(Reply{ID: r.ID, Err: why})
		return
	}
	switch r.Action {
	case KeepRunningOn, KeepRunningOff:
		d.logins.setKeepRunning(d, r)
		return
	case Start, Restart:
		d.process.startRequested()
		d.loop.startRequested()
		d.logins.startRequested(d.now)
		d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	case ClearZombies:
		d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	case Stop:
		d.process.shouldStop("", true)
		if d.process.PID == 0 && d.verdict.state == Down { // only its next start is to be stopped
			d.logins.cancelStart()
			d.record(Entry{Kind: EntryCommand, Text: "stop: it is not started again"})
			d.do(Reply{ID: r.ID})
			return
		}
		d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	}
	d.record(Entry{Kind: EntryCommand, Text: string(r.Action)})
	d.perform(r.Action, r.ID)
}

// begin makes this the action under way, and returns its id.
func (a *action) begin(now time.Time, what Action, requestID uint64) uint64 {
	a.lastID++
	a.current = runningAction{id: a.lastID, action: what, requestID: requestID, since: now}
	return a.lastID
}

// ended handles the driver's report. It ignores the report of an action that is
// not under way any more, since it was given up.
func (a *action) ended(d *decision, e ActionEnded) {
	if !a.underWay() || a.current.id != e.ID {
		return
	}
	if e.Err == nil && e.Action == ClearZombies && !a.current.verifying {
		a.current.verifying, a.current.since = true, d.now
		return // IBC has accepted the command; clearing.verify finds out whether it helps
	}
	requestID := a.finish()
	if e.Err != nil {
		a.failed(d, e, requestID)
	} else if e.Action == CopyConfig {
		d.notices.tell(d, d.notices.newID(), copiedNotice(d))
	}
	if requestID != 0 {
		d.do(Reply{ID: requestID, Err: e.Err})
	}
	d.do(LookNow{})
}

// finish ends the action under way. It returns the request that waits for it, 0
// for none.
func (a *action) finish() (requestID uint64) {
	requestID = a.current.requestID
	a.current = runningAction{}
	return requestID
}

func (a *action) failed(d *decision, e ActionEnded, requestID uint64) {
	switch {
	case e.Action == Stop || e.Action == Restart:
		d.process.runsOn()
	case e.Action == Start && requestID != 0:
		d.process.startFailed()
	}
	if e.Action != CopyConfig { // it has nothing to do with a start
		d.logins.actionFailed(e.Action, d.now)
		d.quiet.fail(d.now)
	}
	d.record(Entry{Kind: EntryCommand, Text: fmt.Sprintf("%s failed: %s", e.Action, e.Err.Explanation()), Reason: string(e.Err.Reason)})
	d.incident.tellFailed(d, e, requestID != 0)
}

// fail ends the action under way with an error that Decide itself has found.
func (a *action) fail(d *decision, r Reason, text string) {
	a.ended(d, ActionEnded{ID: a.current.id, Action: a.current.action,
		Err: &ActionError{Action: a.current.action, Gateway: d.p.Name, Reason: r, Text: text}})
}

// checkTimeout ends an action that has not reported within
// Policy.ActionTimeout, so that no request waits for ever.
func (a *action) checkTimeout(d *decision) {
	if a.underWay() && !a.current.verifying && !d.now.Before(a.current.since.Add(d.p.ActionTimeout)) {
		a.fail(d, ReasonTimeout, "no answer after "+Span(d.p.ActionTimeout))
	}
}

func (a *action) clampTo(now time.Time) { a.current.since = notAfter(a.current.since, now) }

func (a *action) due(d *decision) []time.Time {
	switch {
	case !a.underWay():
		return nil
	case a.current.verifying:
		return []time.Time{a.current.since.Add(d.p.StartTimeout)}
	}
	return []time.Time{a.current.since.Add(d.p.ActionTimeout)}
}
