package supervisor

import (
	"slices"
	"time"
)

// logins are the login attempts of the last hour and their budget, since IBKR
// locks accounts after too many. It also begins the starts without a request,
// each of which is a login.
type logins struct {
	attempts     []login
	attendedFrom time.Time // the user's last start, until its login is seen; zero: none
	countedAhead bool      // the login of an unattended start was counted when the start began
	budgetFrom   time.Time // the user's last start: only later logins count
	spent        bool      // the budget is spent, so that only the user starts the Gateway
	loopReason   string    // why a login loop was stopped
	stopAgainAt  time.Time // no further attempt to stop a login loop before then
	launches     int       // by IBC in a row, without a completed login
	failed       bool      // the newest login has, and IBC tries again or ends

	keepRunning bool      // it is started again when it goes down without a request
	starts      int       // without a request, in a row
	startAt     time.Time // of the next start without a request; zero: none
}

func newLogins(p Policy) logins { return logins{keepRunning: p.KeepRunning} }

// A login is one login attempt, or several that came together.
type login struct {
	at       time.Time // of the newest one
	attended bool      // the user has started it, so that he sees what happens
	more     int       // how many there are besides the first one
	from     time.Time // of the first one
}

const (
	// loginWindow is the time for which the login budget holds.
	loginWindow = time.Hour
	// stopPause is the pause between two attempts to stop a login loop, and
	// stopRetry the pause after one that has failed: IBC may log in again within
	// ten seconds.
	stopPause, stopRetry = 20 * time.Second, 2 * time.Second
	// maxRelaunches is how many times IBC may launch the Gateway again without
	// a completed login. It would go on for ever, for instance when a server
	// cannot be reached or the login dialog does not appear.
	maxRelaunches = 5
)

// seen counts one login attempt. The first one after the user's own start is
// attended; every other one is unattended, also when IBC tries again.
func (l *logins) seen(d *decision, e LoginSeen) {
	at := e.At
	if at.IsZero() || at.After(d.now) {
		at = d.now // IBC's log has no time, or one in the future
	}
	l.failed = false
	switch {
	case e.Attended:
		l.add(login{at: at, attended: true})
	case l.countedAhead:
		l.countedAhead = false
	default:
		attended := !l.attendedFrom.IsZero() && d.now.Before(l.attendedFrom.Add(d.p.AttendedFor))
		l.attendedFrom = time.Time{}
		l.add(login{at: at, attended: attended})
	}
	if e.More > 0 {
		l.add(login{at: at, more: e.More - 1})
	}
}

// loginsTogether is for how long logins without a request are kept as one entry:
// a log can tell of a hundred thousand. The entry has the time of the newest one.
const loginsTogether = time.Second

func (l *logins) add(one login) {
	one.from = one.at
	n := len(l.attempts)
	if n > 0 && !one.attended {
		last := l.attempts[n-1]
		if !last.attended && !one.at.Before(last.at) && one.at.Sub(last.from) < loginsTogether {
			one.from, one.more = last.from, one.more+last.more+1
			n--
		}
	}
	l.attempts = append(l.attempts[:n:n], one)
}

// count is how many login attempts there were in the last hour.
func (l *logins) count() (n int) {
	for _, one := range l.attempts {
		n += 1 + one.more
	}
	return n
}

func (l *logins) launchSeen(e LaunchSeen) { l.launches += 1 + e.More }

func (l *logins) problemSeen(e LoginProblemSeen) { l.failed = e.Reason != "" && !e.Waits }

// completed notes that a login has ended well.
func (l *logins) completed() { l.launches, l.failed = 0, false }

func (l *logins) gatewayEnded() { l.countedAhead, l.failed = false, false }
func (l *logins) cancelStart()  { l.startAt = time.Time{} }

// actionFailed notes that an action has failed. The login of a start does not come
// any more; one that comes all the same is nobody's.
func (l *logins) actionFailed(a Action, now time.Time) {
	l.countedAhead = false
	switch a {
	case Start, Restart:
		l.attendedFrom = time.Time{}
	case Stop:
		if !l.stopAgainAt.IsZero() {
			l.stopAgainAt = now.Add(stopRetry)
		}
	}
}

// startRequested notes that the user starts it: he knows of the logins before,
// so that the budget begins anew.
func (l *logins) startRequested(now time.Time) {
	l.spent, l.starts, l.launches, l.countedAhead, l.failed, l.loopReason = false, 0, 0, false, false, ""
	l.attendedFrom, l.budgetFrom, l.stopAgainAt = now, now, time.Time{}
}

// forgetOld drops the logins that are older than the window.
func (l *logins) forgetOld(now time.Time) {
	old := func(one login) bool { return !now.Before(one.at.Add(loginWindow)) }
	if slices.ContainsFunc(l.attempts, old) {
		l.attempts = slices.DeleteFunc(slices.Clone(l.attempts), old)
	}
}

// used is how much of the budget is used: the unattended logins within
// loginWindow, and since the user last started the Gateway.
func (l *logins) used() int {
	n := 0
	for _, one := range l.attempts {
		if !one.attended && one.at.After(l.budgetFrom) {
			n += 1 + one.more
		}
	}
	return n
}

// enforceBudget stops a login loop when the budget is used up. Within the
// budget it starts a Gateway again that is kept running.
func (l *logins) enforceBudget(d *decision) {
	l.forgetOld(d.now)
	if d.verdict.state == Connected {
		l.starts, l.launches, l.startAt = 0, 0, time.Time{}
	}
	loops := l.overBudget(d) || l.launchesFailed(d)
	if loops { // people are told even while nothing may be done about it
		l.spend(d)
	}
	state := d.verdict.state
	if state == Unknown || d.action.underWay() {
		return
	}
	if loops && (state == Starting || state == Listening) && !d.now.Before(l.stopAgainAt) {
		l.stopAgainAt, l.loopReason = d.now.Add(stopPause), loopReason(d)
		d.perform(Stop, 0)
		return
	}
	l.startAgain(d)
}

// overBudget reports that IBC is about to log in more often than the budget
// allows, or already does. It is about to when it launches Java, and when a
// login has failed: after a two-factor request that was missed it logs in again
// in the same Java. A start whose login does not count any more may go
// on: the user's own, or an unattended one that was counted when it began.
func (l *logins) overBudget(d *decision) bool {
	if d.process.PID == 0 || !l.attendedFrom.IsZero() || l.countedAhead {
		return false
	}
	used, phase := l.used(), d.process.phase
	again := phase == Launching || phase == Login && l.failed
	return used >= d.p.LoginBudget && again || used > d.p.LoginBudget && phase == Login
}

// launchesFailed reports that IBC has launched the Gateway more than
// maxRelaunches times again without a completed login.
func (l *logins) launchesFailed(d *decision) bool {
	return d.process.PID != 0 && d.process.phase == Launching && l.launches > maxRelaunches+1
}

// spend notes that the budget is spent, and tells people once.
func (l *logins) spend(d *decision) {
	if !l.spent {
		l.spent = true
		d.incident.tellBudget(d)
	}
}

// startAgain starts a Gateway again that went down although nobody stopped it,
// after a pause. It does not start one that somebody else's script has started:
// that script may start it, too, and each would end the login of the other. For
// the same reason it does not start one that gave way to another session.
func (l *logins) startAgain(d *decision) {
	v := d.verdict
	if !l.keepRunning || v.state != Down || v.expected || l.spent || d.process.PID != 0 || !d.process.ours || d.process.gaveWay() {
		l.startAt = time.Time{}
		return
	}
	if l.used() >= d.p.LoginBudget {
		l.startAt = time.Time{}
		l.spend(d)
		return
	}
	if l.startAt.IsZero() {
		l.startAt = d.now.Add(pause(d.p.StartRetry, l.starts))
	}
	if d.now.Before(l.startAt) {
		return
	}
	l.starts++
	l.countedAhead, l.attendedFrom = true, time.Time{}
	l.add(login{at: d.now})
	d.quiet.expectUntil(d.now.Add(d.p.StartTimeout))
	d.record(Entry{Kind: EntryCommand, Text: "start, by itself"})
	d.perform(Start, 0)
}

// setKeepRunning notes whether the Gateway is kept running, and saves it into
// the settings for the time after this Gatelight.
func (l *logins) setKeepRunning(d *decision, r ActionRequested) {
	l.keepRunning = r.Action == KeepRunningOn
	text := "keep-running off"
	if l.keepRunning {
		text = "keep-running on"
	}
	d.record(Entry{Kind: EntryCommand, Text: text})
	d.do(SaveKeepRunning{ID: r.ID, KeepRunning: l.keepRunning})
}

func (l *logins) keepRunningSaved(d *decision, e KeepRunningSaved) {
	var err *ActionError
	if e.Err != "" {
		err = &ActionError{Action: KeepRunningOn, Gateway: d.p.Name, Reason: ReasonUnsaved,
			Text: "it holds until Gatelight stops, but not after that: " + e.Err}
		d.record(Entry{Kind: EntryCommand, Text: "keep_running: " + err.Text, Reason: string(err.Reason)})
	}
	d.do(Reply{ID: e.ID, Err: err})
}

func (l *logins) clampTo(now time.Time) {
	l.startAt, l.stopAgainAt = time.Time{}, time.Time{}
	l.budgetFrom, l.attendedFrom = notAfter(l.budgetFrom, now), notAfter(l.attendedFrom, now)
	attempts := make([]login, len(l.attempts))
	for i, one := range l.attempts {
		one.at, one.from = notAfter(one.at, now), notAfter(one.from, now)
		attempts[i] = one
	}
	l.attempts = attempts
}

func (l *logins) due(*decision) []time.Time {
	due := []time.Time{l.startAt, l.stopAgainAt}
	if len(l.attempts) > 0 {
		due = append(due, l.attempts[0].at.Add(loginWindow))
	}
	return due
}
