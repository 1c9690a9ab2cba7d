package supervisor

import "time"

// incident is one stretch of time in which the API cannot be used although it
// should be. All its notices share an ID, so that one alert follows it from its
// beginning to its end.
type incident struct {
	id               uint64 // of its notices; 0: there is no incident
	since            time.Time
	unreachableSince time.Time   // since when the API has not answered; zero: it does, as far as is known
	toldState        State       // the state that people were told last, "" when nothing was told yet
	toldAt           time.Time   // reminders included
	overdue          bool        // what was expected to end it takes too long, and that is not told yet
	toldBlocking     bool        // and that its zombies keep the API from answering
	toldProblem      LoginReason // the login problem that people were told last; "": none
	loginOnly        bool        // it is only a login that waits for its approval
	twoFactorUntold  bool        // a two-factor request is open, and people were not told of it yet
	clients          string      // who was connected when the API could be used last, as lostClients has it
	lost             string      // the same, when it began

	lastID      uint64    // of the incident before
	lastEndedAt time.Time // zero: there was none
}

// reopenWithin is how long after its end an incident can go on. Trouble that
// begins in that time continues it, since the alert that says that all is well
// would be wrong beside a new one.
const reopenWithin = time.Minute

func (i *incident) open() bool { return i.id != 0 }

// advance begins, continues and ends the incident, and tells people what they
// should know of it: once, and not at all when it was expected or too short.
func (i *incident) advance(d *decision) {
	v := &d.verdict
	overdue := i.checkOverdue(d)
	switch {
	case v.state == Connected, v.unmonitored(d.p) && (d.loop.settles || i.toldState != "" && i.toldState != Listening):
		i.recover(d)
	case v.state == Down && v.expected:
		if !d.action.restarting() { // else it goes on until the restart has ended it
			i.end()
			d.loop.settle(false)
		}
	case !i.open() && isTrouble(d, overdue):
		continues := i.begin(d)
		if isGone(v.state) {
			d.loop.dropped(d.now, continues)
			if d.loop.wasTold() {
				i.noteTold(v.state, d.now)
			}
		}
	}
	if v.state == Connected || v.state == CutOff {
		i.clients = lostClients(d.peers.clients)
	}
	i.noteReachability(d)
	if v.state == Starting && d.before.verdict.state != Starting && i.toldState != "" {
		i.toldState = Starting // it is being started, so that a later drop is told again
	}
	if i.open() && i.worthTelling(d) && !d.now.Before(i.tellAt(d)) {
		i.tell(d, overdue)
	}
	i.tellLogin(d)
	i.remindWhenDue(d)
}

// checkOverdue reports that what was expected has not happened in time. If a
// stop has not stopped the Gateway, the Gateway should run after all.
func (i *incident) checkOverdue(d *decision) bool {
	if !d.quiet.overdue(d.now) {
		return false
	}
	d.quiet.end()
	if (d.port.view.Listener != nil || d.process.PID != 0) && d.action.busy() != Stop {
		d.process.runsOn()
	}
	v := &d.verdict
	if i.open() && !v.needsPerson() && (v.state == Starting || v.state == Silent || v.state == Listening && d.p.Monitor) {
		i.overdue = true
	}
	return true
}

// isTrouble reports that an incident begins: by a drop, or by a state that is
// trouble without a drop.
func isTrouble(d *decision, overdue bool) bool {
	v, was := &d.verdict, &d.before.verdict
	switch {
	case v.state == Down: // unexpected, since advance handles the expected one
		return was.state != Down || was.expected
	case v.state == Zombies:
		return true
	case was.state == Connected, v.state == CutOff, v.state == Silent:
		return !d.quiet.active(d.now)
	}
	return overdue && (v.state == Starting || v.state == Silent || v.state == Unknown || v.state == Listening && d.p.Monitor)
}

// begin continues the incident that ended within reopenWithin, or begins one
// with an ID of its own.
func (i *incident) begin(d *decision) (continues bool) {
	continues = !i.lastEndedAt.IsZero() && !d.now.After(i.lastEndedAt.Add(reopenWithin))
	*i = incident{id: i.lastID, since: d.now, lastID: i.lastID, lastEndedAt: i.lastEndedAt, twoFactorUntold: i.twoFactorUntold, lost: i.clients}
	if !continues {
		i.id = d.notices.newID()
	}
	if at := d.process.takeEndedUnseen(); d.verdict.state == Down && at.Before(d.now) && !at.IsZero() {
		i.since = at
	}
	if d.verdict.unreachable() {
		i.unreachableSince = i.since
	}
	return continues
}

func (i *incident) end() { *i = incident{lastID: i.lastID, lastEndedAt: i.lastEndedAt} }

// endReopenable ends the incident and keeps its ID and the time, so that begin
// can continue it.
func (i *incident) endReopenable(id uint64, now time.Time) {
	*i = incident{lastID: id, lastEndedAt: now}
}

// noteReachability notes since when, in an incident, the API has not answered.
func (i *incident) noteReachability(d *decision) {
	unreachable := d.verdict.unreachable()
	switch {
	case !i.open() || i.unreachableSince.IsZero() != unreachable:
	case unreachable:
		i.unreachableSince = d.now
	default:
		i.unreachableSince = time.Time{}
	}
}

// worthTelling reports that people should be told of the incident's state, and
// were not yet.
func (i *incident) worthTelling(d *decision) bool {
	v := &d.verdict
	switch {
	case v.state == Down && d.loop.wasTold():
		return !v.expected && d.loop.tellAgain(d.now)
	case i.toldState == v.state && !i.overdue && (i.toldBlocking || !v.blocking):
		return false
	case v.state == Down:
		return !v.expected
	case d.quiet.active(d.now), v.needsPerson():
		return false // expected, or told by a notice of its own
	case v.state == Starting || v.state == Unknown || v.state == Listening:
		return i.toldState == "" || i.overdue // the way back up is not worth an alert
	}
	return true
}

// tellAt is when the incident's state may be told: down and zombies at once,
// any state that may pass by itself after Policy.FlapAfter.
func (i *incident) tellAt(d *decision) time.Time {
	switch {
	case !i.open():
		return time.Time{}
	case d.verdict.state == Down || d.verdict.state == Zombies:
		return d.now
	}
	return latest(i.since, d.verdict.since).Add(d.p.FlapAfter)
}

func (i *incident) tell(d *decision, overdue bool) {
	overdue = overdue || i.overdue
	i.noteTold(d.verdict.state, d.now)
	i.toldBlocking = d.verdict.blocking
	i.overdue, i.loginOnly = false, false
	if d.verdict.state == Down && d.loop.isOne() {
		d.loop.told(d.now)
		d.notices.tell(d, i.id, loopNotice(d))
		return
	}
	d.notices.tell(d, i.id, dropNotice(d, overdue))
}

func (i *incident) noteTold(s State, now time.Time) { i.toldState, i.toldAt = s, now }

// recover ends the incident because the API can be used again.
func (i *incident) recover(d *decision) {
	was := *i
	i.end()
	if d.before.verdict.state != d.verdict.state && !d.action.restarting() {
		d.quiet.end()
	}
	switch {
	case isGone(was.toldState) && d.loop.isOne(),
		was.toldProblem != "" && d.verdict.unmonitored(d.p): // an open port does not prove that the login has gone on
		i.endReopenable(was.id, d.now)
		d.loop.settle(true)
	case was.toldState != "":
		d.notices.tell(d, was.id, recoveryNotice(d, was))
		i.endReopenable(was.id, d.now)
		d.loop.settle(false)
	case d.loop.settles && !d.now.Before(i.lastEndedAt.Add(reopenWithin)):
		d.notices.tell(d, i.lastID, loopEndedNotice(d, was.lastEndedAt))
		d.loop.settle(false)
	}
}

// tellLogin tells at once what a login needs from a person: a two-factor
// approval, or an answer to what keeps it from going on. The notice belongs to
// the incident, so that its alert is replaced when the login is done.
func (i *incident) tellLogin(d *decision) {
	v, problem := &d.verdict, d.process.loginProblem
	isNew := problem.Reason != "" && problem.Reason != i.toldProblem
	i.twoFactorUntold = v.phase == TwoFactor && (i.twoFactorUntold || d.before.verdict.phase != TwoFactor)
	switch {
	case v.state != Starting && v.phase == NoPhase:
	case i.twoFactorUntold:
		notice := twoFactorNotice(d)
		if !d.notices.mayTellLogin(d.now, notice.Kind, notice.Title) {
			return
		}
		if !i.open() {
			i.begin(d)
			i.loginOnly = true
		}
		i.twoFactorUntold = false
		i.noteTold(Starting, d.now)
		d.notices.tell(d, i.id, notice)
	case problem.Reason == LoginDialog && v.phase != NeedsYou: // IBC may answer it yet
	case isNew && v.phase != TwoFactor:
		notice := loginProblemNotice(d)
		if !d.notices.mayTellLogin(d.now, notice.Kind, notice.Title) {
			return
		}
		if !i.open() {
			i.begin(d)
		}
		i.loginOnly, i.toldProblem = false, problem.Reason
		i.noteTold(Starting, d.now)
		d.notices.tell(d, i.id, notice)
	}
}

// tellBudget tells that the login budget is spent. The same notice tells that
// the Gateway is stopped.
func (i *incident) tellBudget(d *decision) {
	i.noteToldDown(d)
	d.notices.tell(d, i.id, budgetNotice(d))
}

// tellFailed tells that an action has failed. The notice belongs to the
// incident, if there is one that the action could have changed. What nobody has
// asked for is tried again and again: that it has failed is told once an hour.
func (i *incident) tellFailed(d *decision, e ActionEnded, asked bool) {
	id := i.id // one alert, however often it fails
	switch {
	case e.Action == Start, e.Action != CopyConfig && d.verdict.state == Down:
		i.noteToldDown(d)
		id = i.id
	case id == 0 || e.Action == CopyConfig:
		id = d.notices.newID()
	}
	if n := failedNotice(d, e); asked || !d.notices.toldSince(d.now.Add(-loopPause), n) {
		d.notices.tell(d, id, n)
	}
}

// noteToldDown notes that people were told of the state down, so that another
// notice of it does not follow.
func (i *incident) noteToldDown(d *decision) {
	if !i.open() {
		i.begin(d)
	}
	i.noteTold(Down, d.now)
	i.loginOnly = false
}

// tellCleared tells that the zombies are cleared and ends their incident. since
// is when the clearing began.
func (i *incident) tellCleared(d *decision, since time.Time) {
	id := i.id
	if id == 0 {
		id = d.notices.newID()
	} else if at := i.unreachableSince; !at.IsZero() && at.Before(since) {
		since = at
	}
	d.notices.tell(d, id, clearedNotice(d, since))
	i.endReopenable(id, d.now)
}

// troubleSince is [Snapshot.TroubleSince]: when the incident began that people
// were told of, zero for none. A login that waits for its approval does not
// count.
func (i *incident) troubleSince(d *decision) time.Time {
	if i.toldState != "" && !i.loginOnly && !d.verdict.unmonitored(d.p) {
		return i.since
	}
	return time.Time{}
}

// remindWhenDue tells people of the incident's state again when it is time.
func (i *incident) remindWhenDue(d *decision) {
	due := i.reminderAt(d)
	if due.IsZero() || d.now.Before(due) {
		return
	}
	i.toldAt = d.now
	d.notices.tell(d, i.id, reminderNotice(d))
}

// reminderAt is when people are told again; zero: not at all. There is no
// reminder of what is expected, of what does not keep the API from answering,
// or while the Gateway starts.
func (i *incident) reminderAt(d *decision) time.Time {
	v := &d.verdict
	switch {
	case i.toldState == "" || v.state == Connected || v.unmonitored(d.p):
		return time.Time{}
	case v.state == Zombies && !v.blocking:
		return time.Time{}
	case v.needsPerson():
	case d.quiet.active(d.now), v.state == Starting && d.now.Before(v.since.Add(d.p.StartTimeout)):
		return time.Time{}
	}
	return reminderAfter(i.since, i.toldAt.Add(reminderPause))
}

func (i *incident) clampTo(now time.Time) {
	i.since, i.toldAt = notAfter(i.since, now), notAfter(i.toldAt, now)
	i.unreachableSince, i.lastEndedAt = notAfter(i.unreachableSince, now), notAfter(i.lastEndedAt, now)
}

func (i *incident) due(d *decision) []time.Time {
	return []time.Time{i.tellAt(d), i.reminderAt(d)}
}
