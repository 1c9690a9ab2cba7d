package supervisor

import (
	"fmt"
	"time"
)

// This file is the one API session: when it is opened, and what it has told.

// doubtFor is how long the state is held when a session has closed, for a look
// that was taken after it. One takes milliseconds.
const doubtFor = time.Second

// clientIDs is how many client ids our session tries, from Policy.ClientID up,
// when they are in use (326).
const clientIDs = 3

func (d *decision) sessionReady(e SessionReady) {
	d.API.State, d.API.Since = SessionUp, d.now
	d.API.ServerVersion, d.API.AnsweredAt = e.ServerVersion, d.now
	if d.API.Link == LinkUnknown {
		d.API.Link = LinkUp // until told otherwise: 1100 comes at once when it is lost
	}
	d.mem.idsTaken, d.mem.moved = 0, coded{}
	d.do(LookNow{}) // to see ourselves among the clients
	d.record(EntrySession, fmt.Sprintf("API session ready, server version %d", e.ServerVersion))
}

const (
	idInUse   = 326  // somebody else has our client id
	portMoved = 1300 // the API port was changed in the Gateway's settings
)

// sessionCoded keeps the newest code and what it says. It is no proof of life:
// a Gateway can go on talking and answer nothing.
func (d *decision) sessionCoded(e CodeReceived) {
	m := &d.mem
	d.API.LastCode, d.API.LastText, d.API.LastMeaning, d.API.LastCodeAt = e.Code, e.Text, e.Meaning, d.now
	if e.Link != "" {
		d.API.Link = e.Link
	}
	said := coded{code: e.Code, meaning: e.Meaning, port: e.NewPort}
	if e.Link == LinkDown {
		m.lost = said
	}
	if e.Farm.Kind != "" {
		e.Farm.At = d.now
		d.API.Farms = withFarm(d.API.Farms, e.Farm)
	}
	switch {
	case e.Code == idInUse && d.API.State == SessionConnecting:
		m.idTaken = true
	case e.Code == portMoved:
		m.moved = said
	}
}

// briefly is how long a session has to last, so that its end is no failure. A
// Gateway that lets every session in and drops it is not to be asked every second.
const briefly = time.Minute

func (d *decision) sessionClosed(e SessionClosed) {
	m := &d.mem
	if d.API.State == SessionUp {
		// The newest look was taken before: look again before judging the port.
		m.doubt = d.now.Add(doubtFor)
	}
	switch {
	case m.idTaken:
		m.idsTaken++
		m.sessionAt = d.now.Add(d.p.SettleTime)
		if m.idsTaken == clientIDs {
			m.sessionAt = d.now.Add(pause(d.p.SessionRetry, len(d.p.SessionRetry)))
		}
	case d.API.State == SessionUp && !d.now.Before(d.API.Since.Add(briefly)):
		m.failures = 0
		m.sessionAt = d.now.Add(d.p.SettleTime)
	default:
		m.sessionAt = d.now.Add(pause(d.p.SessionRetry, m.failures))
		m.failures++
	}
	m.idTaken = false
	d.API = d.API.next(SessionDone, d.now)
	d.API.Closed = e.Why
	d.record(EntrySession, "API session closed: "+e.Why)
	d.do(LookNow{})
}

// next is the session as it begins anew: of what the last one has heard, only
// the newest code is kept.
func (s Session) next(state SessionState, now time.Time) Session {
	return Session{State: state, Since: now, Link: LinkUnknown, ClientID: s.ClientID,
		LastCode: s.LastCode, LastText: s.LastText, LastMeaning: s.LastMeaning, LastCodeAt: s.LastCodeAt}
}

// wantsSession: one session per Gateway, and only where it can do no harm.
func (d *decision) wantsSession() bool {
	free := d.API.State == SessionOff || d.API.State == SessionDone
	doing := d.mem.doing
	busy := doing != nil && !doing.verify && (doing.action == Stop || d.mem.restarting())
	// A CLOSE_WAIT that is not judged yet may be the one that our own last
	// session has left: one more would not help.
	return d.p.Monitor && free && !busy && !d.Blocking && len(d.Zombies) == len(d.mem.waits) && d.evidence().looking && d.mem.view.Listener != nil
}

// sessionDue is when the next session may be opened.
func (d *decision) sessionDue() time.Time {
	return latest(d.mem.sessionAt, d.mem.listens.Add(d.p.SettleTime))
}

// tendSession opens the session when it is due. It never closes one: a session
// ends by itself with its connection, and a pending handshake is left waiting
// for as long as the Gateway lives, since dropping it would leave a zombie.
func (d *decision) tendSession() {
	if !d.wantsSession() || d.now.Before(d.sessionDue()) {
		return
	}
	if d.mem.idsTaken == clientIDs {
		d.mem.idsTaken = 0
	}
	d.API = d.API.next(SessionConnecting, d.now)
	d.API.ClientID = d.p.ClientID + d.mem.idsTaken
	d.do(OpenSession{ClientID: d.API.ClientID})
}
