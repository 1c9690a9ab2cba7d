package supervisor

import (
	"fmt"
	"slices"
	"time"
)

// session is our one API session: what it has received, and when the next one
// may be opened.
type session struct {
	Session
	failures       int       // failed sessions in a row
	failedFrom     time.Time // when the newest one of them began
	retryAt        time.Time // no session is opened before then
	idInUse        bool      // the Gateway told the pending session that its client id is in use (326)
	idsInUse       int       // how many of our client ids are in use, in a row
	linkLost       linkCode  // the code that told that the Gateway has lost IBKR
	answerableFrom time.Time // it could not answer before: the machine slept, or the login was not done
	portChanged    linkCode  // the API port was changed in the Gateway's settings (1300)
	openedTo       int       // pid of the process that listened when the session was opened; 0: unknown
	lost           bool      // another process listens now, and the session has no connection to it
}

// A linkCode is a code of the Gateway that Why names.
type linkCode struct {
	code    int // 0: none
	meaning string
	port    int // the new API port; 0: not said
}

func newSession(now time.Time) session {
	return session{Session: Session{State: SessionOff, Since: now, Link: LinkUnknown}}
}

// clientIDs is how many client ids our session tries, beginning with
// Policy.ClientID, when they are in use (326).
const clientIDs = 3

// The codes of the Gateway on which [Decide] acts.
const (
	codeIDInUse     = 326  // somebody else has our client id
	codePortChanged = 1300 // the API port was changed in the Gateway's settings
)

// failsBefore is how long a session has to last so that its end is no failure.
// A Gateway that accepts every session and closes it soon must not be asked
// every second.
const failsBefore = time.Minute

func (s *session) started(e SessionStarted) { s.PID = e.PID }

func (s *session) ready(d *decision, e SessionReady) {
	s.State, s.Since = SessionUp, d.now
	s.ServerVersion, s.AnsweredAt = e.ServerVersion, d.now
	if s.Link == LinkUnknown {
		s.Link = LinkUp // until told otherwise: 1100 comes at once when IBKR is lost
	}
	s.idsInUse, s.portChanged = 0, linkCode{}
	d.do(LookNow{}) // to see our own session among the clients
	d.record(Entry{Kind: EntrySession, Text: fmt.Sprintf("API session ready, server version %d", e.ServerVersion)})
}

func (s *session) answered(now time.Time, e HeartbeatAnswered) { s.AnsweredAt, s.RTT = now, e.RTT }

// codeReceived notes the newest code and what it says. A code is no proof that
// the API answers: a Gateway can send codes and answer nothing.
func (s *session) codeReceived(now time.Time, e CodeReceived) {
	s.LastCode, s.LastText, s.LastMeaning, s.LastCodeAt = e.Code, e.Text, e.Meaning, now
	if e.Link != "" {
		s.Link = e.Link
	}
	said := linkCode{code: e.Code, meaning: e.Meaning, port: e.NewPort}
	if e.Link == LinkDown {
		s.linkLost = said
	}
	if e.Farm.Kind != "" {
		e.Farm.At = now
		s.Farms = withFarm(s.Farms, e.Farm)
	}
	switch {
	case e.Code == codeIDInUse && s.State == SessionConnecting:
		s.idInUse = true
	case e.Code == codePortChanged:
		s.portChanged = said
	}
}

func (s *session) codesOmitted(d *decision, e CodesOmitted) {
	d.record(Entry{Kind: EntrySession, Text: fmt.Sprintf("The Gateway sends too much: %s left out",
		count(e.Count, "message was", "messages were"))})
}

func (s *session) closed(d *decision, e SessionClosed) {
	switch {
	case s.idInUse:
		s.idsInUse++
		s.retryAt = d.now.Add(d.p.SettleTime)
		if s.idsInUse == clientIDs {
			s.retryAt = d.now.Add(pause(d.p.SessionRetry, len(d.p.SessionRetry)))
		}
	case s.State == SessionUp && !d.now.Before(s.Since.Add(failsBefore)):
		s.failures = 0
		s.retryAt = d.now.Add(d.p.SettleTime)
	default:
		s.retryAt = d.now.Add(pause(d.p.SessionRetry, s.failures))
		s.failures++
		s.failedFrom = s.Since
	}
	s.idInUse = false
	s.renew(SessionDone, d.now)
	s.Closed = e.Why
	d.record(Entry{Kind: EntrySession, Text: "API session closed: " + e.Why})
	d.do(LookNow{})
}

// renew replaces the session by a new one. Of what the last one has received,
// only the newest code is kept.
func (s *session) renew(state SessionState, now time.Time) {
	s.Session = Session{State: state, Since: now, Link: LinkUnknown, ClientID: s.ClientID,
		LastCode: s.LastCode, LastText: s.LastText, LastMeaning: s.LastMeaning, LastCodeAt: s.LastCodeAt}
}

// listenerReplaced forgets what is true only of the process that listened
// before.
func (s *session) listenerReplaced() {
	s.failures, s.idsInUse, s.retryAt, s.portChanged = 0, 0, time.Time{}, linkCode{}
}

// looked notes a session that ended with its Gateway, and whose end is not
// reported yet: another process listens, and the session is not among its
// clients. It proves nothing about the new Gateway.
func (s *session) looked(is *Listener, clients []Client) {
	other := is != nil && is.Process.PID != 0 && s.openedTo != 0 && is.Process.PID != s.openedTo
	s.lost = other && !slices.ContainsFunc(clients, func(c Client) bool { return c.Self })
}

func (s *session) forgetPortChange() { s.portChanged = linkCode{} }

// handshakeLate reports a handshake that has been pending for too long.
func (s *session) handshakeLate(now time.Time, limit time.Duration) bool {
	return s.State == SessionConnecting && !now.Before(latest(s.Since, s.answerableFrom).Add(limit))
}

// answering reports that the session is ready and its heartbeat is fresh.
func (s *session) answering(now time.Time, p Policy) bool {
	return s.State == SessionUp && !s.lost && fresh(s.AnsweredAt, now, p.HeartbeatLate)
}

// silent reports that the Gateway was asked and does not answer: the handshake
// or the heartbeat is late.
func (s *session) silent(now time.Time, p Policy) bool {
	return s.handshakeLate(now, p.HandshakeLate) ||
		s.State == SessionUp && !fresh(latest(s.AnsweredAt, s.answerableFrom), now, p.HeartbeatLate)
}

func (s *session) answerable(now time.Time) { s.answerableFrom = now }

// silentSince is when it was asked what it has not answered.
func (s *session) silentSince() time.Time {
	switch {
	case s.State != SessionUp:
		return s.Since
	case s.AnsweredAt.IsZero(): // it is not known any more when it has answered
		return s.answerableFrom
	}
	return s.AnsweredAt
}

// mayOpen reports that a session may be opened: there is one per Gateway, and
// only where it does no harm.
func (s *session) mayOpen(d *decision) bool {
	free := s.State == SessionOff || s.State == SessionDone
	// A CLOSE_WAIT that is too young to judge may come from our own last
	// session. Another session could leave another one.
	// What listens may be no Gateway, and close nothing: each session that fails
	// there leaves one, so there is no second before that process has ended.
	if s.failures > 0 && d.peers.leftByMonitor(s.failedFrom) {
		return false
	}
	return d.p.Monitor && free && !d.action.endsSessions() && !d.verdict.blocking &&
		!d.peers.unjudged() && d.evidence.lookFresh && d.evidence.listener
}

// openAt is the earliest time of the next session.
func (s *session) openAt(d *decision) time.Time {
	return latest(s.retryAt, d.port.listenerSince.Add(d.p.SettleTime))
}

// openWhenDue opens a session when it is time. Decide never closes one: a
// session ends with its connection, and a pending handshake waits for as long
// as the Gateway runs, since closing it would leave a zombie.
func (s *session) openWhenDue(d *decision) {
	if !s.mayOpen(d) || d.now.Before(s.openAt(d)) {
		return
	}
	if s.idsInUse == clientIDs {
		s.idsInUse = 0
	}
	s.renew(SessionConnecting, d.now)
	s.ClientID = d.p.ClientID + s.idsInUse
	s.openedTo, s.lost = d.port.view.Listener.Process.PID, false
	d.do(OpenSession{ClientID: s.ClientID})
}

func (s *session) clampTo(now time.Time) {
	s.retryAt, s.AnsweredAt = time.Time{}, notFromFuture(s.AnsweredAt, now)
	s.failedFrom = notAfter(s.failedFrom, now)
	s.Since, s.answerableFrom = notAfter(s.Since, now), notAfter(s.answerableFrom, now)
}

func (s *session) due(d *decision) []time.Time {
	var due []time.Time
	switch s.State {
	case SessionUp:
		due = append(due, s.AnsweredAt.Add(d.p.HeartbeatLate), s.answerableFrom.Add(d.p.HeartbeatLate))
	case SessionConnecting:
		due = append(due, latest(s.Since, s.answerableFrom).Add(d.p.HandshakeLate))
	}
	if s.mayOpen(d) {
		due = append(due, s.openAt(d))
	}
	return due
}
