package supervisor

import (
	"cmp"
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// This file is what people read: short, plain, and never a secret.

// Title names a state in two or three words, as the menu and notices say it.
func (s Snapshot) Title() string {
	switch {
	case s.State == Down && s.Expected:
		return "not running"
	case s.State == Down:
		return "down"
	case s.State == Starting && s.Phase == TwoFactor:
		return "waiting for two-factor approval"
	case s.State == Starting && s.Phase == Restarting:
		return "restarting"
	case s.State == Starting:
		return "starting"
	case s.State == Listening:
		return "open, API not proven"
	case s.State == Connected && !s.Verified:
		return "in use (not verified)"
	case s.State == Connected:
		return "connected"
	case s.State == CutOff:
		return "cut off from IBKR"
	case s.State == Zombies && s.Blocking:
		return "blocked by zombies"
	case s.State == Zombies:
		return "holding zombies"
	}
	return "unknown"
}

// Subject is the Gateway by name, marked when it is simulated.
func (s Snapshot) Subject() string {
	if s.Simulated {
		return "Simulated Gateway " + s.Name
	}
	return "Gateway " + s.Name
}

func (d *decision) subject() string { return d.Snapshot.Subject() }
func (d *decision) title() string   { return d.subject() + ": " + d.Snapshot.Title() }

// why says in one sentence what the state rests on, and in a second one what
// could not be seen, where that matters for it.
func (d *decision) why() string {
	if l := d.Listener; d.relayed() && d.State != Unknown && d.State != Down {
		return d.whyState() + fmt.Sprintf(". %s holds the port and hides the Gateway; to see it, run Gatelight %s", l.Relay, l.Behind)
	}
	return d.whyState()
}

func (d *decision) whyState() string {
	if d.mem.moved.code != 0 && d.API.State != SessionUp && !d.Expected &&
		(d.State == Down || d.State == Starting || d.State == Listening) {
		return d.whyMoved()
	}
	switch d.State {
	case Down:
		return d.whyDown()
	case Starting:
		return d.whyStarting()
	case Listening:
		return fmt.Sprintf("Port %d is open; %s", d.Port, d.whyNotProven())
	case Connected:
		return d.whyConnected()
	case CutOff:
		return fmt.Sprintf("The API answers, but %s (%d). It usually comes back by itself",
			cmp.Or(d.mem.lost.meaning, "the Gateway has lost IBKR"), d.mem.lost.code)
	case Zombies:
		return d.whyZombies()
	}
	return d.whyUnknown()
}

// whyMoved: nothing will come of waiting, so it says what to do.
func (d *decision) whyMoved() string {
	port := "the new one"
	if d.mem.moved.port != 0 {
		port = fmt.Sprint(d.mem.moved.port)
	}
	return fmt.Sprintf("The API port was changed in the Gateway's settings (%d). Set port to %s in Gatelight's settings", d.mem.moved.code, port)
}

func (d *decision) whyUnknown() string {
	switch {
	case d.mem.lookFailed != "":
		return "The port cannot be seen: " + d.mem.lookFailed + ". Nothing is done on a guess"
	case d.mem.lookedAt.IsZero():
		return "Not looked yet"
	}
	return "The port was last seen at " + clock(d.mem.lookedAt)
}

func (d *decision) whyDown() string {
	exit, where := d.Process.LastExit, ""
	if d.mem.view.OwnOnly {
		where = " among your own processes"
	}
	switch {
	case d.Expected && d.Process.PID != 0:
		return fmt.Sprintf("It is closing down; port %d is closed already", d.Port)
	case d.Expected && exit != nil:
		return "Stopped on purpose at " + When(exit.At, d.now)
	case d.Expected:
		return fmt.Sprintf("Nobody listens on port %d%s", d.Port, where)
	case exit != nil && d.mem.spent && d.mem.vain != "":
		return fmt.Sprintf("Stopped at %s after %s", When(exit.At, d.now), d.mem.vain)
	case exit != nil:
		return fmt.Sprintf("It ended at %s: %s", When(exit.At, d.now), exit.Why)
	}
	return fmt.Sprintf("Nobody listens on port %d%s any more", d.Port, where)
}

func (d *decision) whyStarting() string {
	hint := d.mem.hint
	if hint != "" {
		hint = "; " + hint
	}
	switch d.Phase {
	case Launching:
		return "IBC is launching the Gateway" + hint
	case Login:
		return "IBC is logging in" + hint
	case TwoFactor:
		return "Approve the login in IBKR Mobile; it has waited for " + span(d.now.Sub(d.mem.asked)) + ", and nothing is restarted meanwhile"
	case LoggedIn:
		return fmt.Sprintf("Logged in; port %d is not open yet", d.Port)
	case Restarting:
		return "Restarting without a new login"
	}
	return fmt.Sprintf("The Gateway process lives; port %d is not open", d.Port)
}

func (d *decision) whyNotProven() string {
	switch {
	case !d.p.Monitor && d.relayed():
		return d.whyNotAsked() + ", so nothing tells whether the Gateway answers"
	case !d.p.Monitor:
		return "nobody is connected, and " + d.whyNotAsked()
	case d.API.State == SessionUp:
		return "last answer " + span(d.now.Sub(d.API.AnsweredAt)) + " ago"
	case d.unanswered():
		return "the API has not answered for " + span(d.now.Sub(d.API.Since))
	case d.API.State == SessionConnecting:
		return "waiting for the API to answer"
	case d.mem.idsTaken == clientIDs:
		return d.whyNoID()
	case d.mem.failures > 0:
		return "our API session has ended: " + d.API.Closed
	}
	return "about to ask whether the API answers"
}

func (d *decision) whyNotAsked() string {
	if d.p.OneShot {
		return "no Gatelight is running that would ask the API"
	}
	return "the monitor is off"
}

func (d *decision) whyNoID() string {
	first := d.p.ClientID
	return fmt.Sprintf("client ids %d, %d and %d are all in use (%d); next try at %s",
		first, first+1, first+2, idInUse, clock(d.mem.sessionAt))
}

func (d *decision) whyConnected() string {
	others := 0
	for _, c := range d.Clients {
		if !c.Self {
			others++
		}
	}
	who := count(others, "client", "clients")
	switch {
	case !d.Verified:
		return who + " connected; whether the API answers was not asked"
	case d.mem.lookFailed != "":
		return "The API answers; the port itself cannot be seen: " + d.mem.lookFailed
	case others == 0:
		return "The API answers; no other client is connected"
	}
	return "The API answers; " + who + " connected"
}

func (d *decision) whyZombies() string {
	stuck := count(len(d.Zombies), "socket", "sockets") + " stuck in CLOSE_WAIT; "
	switch {
	case d.unanswered():
		return stuck + "the API has not answered for " + span(d.now.Sub(d.API.Since))
	case d.Blocking:
		return stuck + "new connections are not served"
	case d.API.State == SessionUp:
		return stuck + "the API still answers"
	}
	return stuck + "whether the API answers is not known"
}

// Span says a duration in at most two units: "41 s", "3 min", "2 h 05 min", "4 d".
func Span(d time.Duration) string { return span(d) }

func span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// clock is a time of day where the user is.
func clock(t time.Time) string { return t.Local().Format("15:04:05") }

// When is a time of day where the user is, with the date unless it is today's.
func When(t, now time.Time) string {
	t, now = t.Local(), now.Local()
	if t.YearDay() == now.YearDay() && t.Year() == now.Year() {
		return t.Format("15:04:05")
	}
	return t.Format("2 Jan 15:04")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Capitalise begins a text with a capital letter, as a sentence begins.
func Capitalise(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
