package supervisor

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// This file has the texts that people read. They are short and plain, and have
// no secrets in them.

// Title names the state in a few words, for the menu and the notices.
func (s Snapshot) Title() string { return s.shown().title() }

func (v verdict) title() string {
	switch {
	case v.state == Down && v.expected:
		return "not running"
	case v.state == Down:
		return "down"
	case v.phase == TwoFactor:
		return "approve login"
	case v.phase == NeedsYou:
		return "waiting for you"
	case v.state == Starting && v.phase == Restarting:
		return "restarting"
	case v.state == Starting:
		return "starting"
	case v.state == Listening && v.phase != NoPhase:
		return "open, not logged in yet"
	case v.state == Listening:
		return "open, API not proven"
	case v.state == Silent:
		return "not responding"
	case v.state == Connected && !v.verified:
		return "in use (not verified)"
	case v.state == Connected:
		return "connected"
	case v.state == CutOff:
		return "cut off from IBKR"
	case v.state == Zombies && v.blocking:
		return "API blocked"
	case v.state == Zombies:
		return "stuck sockets"
	}
	return "unknown"
}

// Subject names the Gateway, and says when it is simulated.
func (s Snapshot) Subject() string {
	if s.Simulated {
		return "Simulated Gateway " + s.Name
	}
	return "Gateway " + s.Name
}

// Label is the Gateway's name, and whether that is real money or a simulation.
func (s Snapshot) Label() string {
	switch {
	case s.Simulated:
		return s.Name + " (simulated)"
	case s.Live && strings.EqualFold(s.Name, "live"):
		return "LIVE"
	case s.Live:
		return s.Name + " (LIVE)"
	}
	return s.Name
}

// Headline is the state first, and then which Gateway: what is cut off at the end of a
// narrow bubble has to be the name.
func (s Snapshot) Headline() string { return Capitalise(s.Title()) + ": " + s.Label() }

// headline begins a notice.
func (d *decision) headline(what string) string { return Capitalise(what) + ": " + d.last.Label() }

func (d *decision) subject() string { return d.last.Subject() }

// why says in one sentence what the evidence for the state is. A second one
// says what could not be seen, if that matters.
func why(d *decision) string {
	if l := d.port.view.Listener; d.port.relayed() && d.verdict.state != Unknown && d.verdict.state != Down {
		return whyState(d) + fmt.Sprintf(". %s holds the port and hides the Gateway; to see it, run Gatelight %s", l.Relay, l.Behind)
	}
	if l := d.port.listener(d.session.State == SessionUp); l != nil && l.NoGateway && (d.verdict.state == Listening || d.verdict.state == Silent) {
		return whyState(d) + ". " + l.Process.Label() + " listens there, and is no Gateway or TWS"
	}
	return whyState(d)
}

func whyState(d *decision) string {
	if d.session.portChanged.code != 0 && d.session.State != SessionUp && !d.verdict.expected &&
		(d.verdict.state == Down || d.verdict.state == Starting || d.verdict.state == Listening || d.verdict.state == Silent) {
		return whyPortChanged(d)
	}
	switch d.verdict.state {
	case Down:
		return whyDown(d)
	case Starting:
		return whyStarting(d)
	case Listening:
		if d.verdict.phase != NoPhase {
			return fmt.Sprintf("Port %d is open already. %s", d.p.Port, whyStarting(d))
		}
		return fmt.Sprintf("Port %d is open; %s", d.p.Port, whyNotProven(d))
	case Silent:
		return whySilent(d)
	case Connected:
		return whyConnected(d)
	case CutOff:
		return fmt.Sprintf("The API answers, but %s (%d). It usually comes back by itself",
			cmp.Or(d.session.linkLost.meaning, "the Gateway has lost IBKR"), d.session.linkLost.code)
	case Zombies:
		return whyZombies(d)
	}
	return whyUnknown(d)
}

// loopReason says why a login loop was stopped.
func loopReason(d *decision) string {
	what := count(d.logins.used(), "login", "logins") + " that nobody asked for"
	if d.logins.launchesFailed(d) {
		what = count(d.logins.launches-1, "start", "starts") + " that came to nothing"
	}
	if problem := d.process.loginProblem.Text; problem != "" {
		what += "; " + problem
	}
	return what
}

// whyPortChanged says what to do, since waiting does not help.
func whyPortChanged(d *decision) string {
	port := "the new one"
	if d.session.portChanged.port != 0 {
		port = fmt.Sprint(d.session.portChanged.port)
	}
	return fmt.Sprintf("The API port was changed in the Gateway's settings (%d). Set port to %s in Gatelight's settings", d.session.portChanged.code, port)
}

func whyUnknown(d *decision) string {
	switch {
	case d.port.lookError != "":
		return "The port cannot be seen: " + d.port.lookError + ". Actions are disabled meanwhile"
	case d.port.lookedAt.IsZero():
		return "Not looked yet"
	case d.evidence.unproven && d.evidence.lookFresh:
		return "It cannot be told whether the Gateway runs: " + d.process.unknownWhy
	case d.evidence.hidden:
		return fmt.Sprintf("A program on this machine is connected to port %d, but nobody is seen to listen there: the Gateway is hidden from here (%s)",
			d.p.Port, d.port.view.Hidden)
	}
	return "The port was last seen at " + clock(d.port.lookedAt)
}

func whyDown(d *decision) string {
	exit, where := d.process.LastExit, ""
	if d.port.view.OwnOnly {
		where = " among your own processes"
	}
	switch {
	case d.verdict.expected && d.process.PID != 0:
		return fmt.Sprintf("It is closing down; port %d is closed already", d.p.Port)
	case d.verdict.expected && exit != nil && d.process.plannedEnd != "":
		return fmt.Sprintf("It ended at %s: %s", When(exit.At, d.now), d.process.plannedEnd)
	case d.verdict.expected && exit != nil:
		return "Stopped on purpose at " + When(exit.At, d.now)
	case d.verdict.expected:
		return fmt.Sprintf("Nobody listens on port %d%s", d.p.Port, where)
	case exit != nil && d.logins.spent && d.logins.loopReason != "":
		return fmt.Sprintf("Stopped at %s after %s", When(exit.At, d.now), d.logins.loopReason)
	case exit != nil:
		return fmt.Sprintf("It ended at %s: %s", When(exit.At, d.now), exit.Why)
	case d.port.listenerSince.IsZero():
		return fmt.Sprintf("Nobody listens on port %d%s", d.p.Port, where)
	}
	return fmt.Sprintf("Nobody listens on port %d%s any more", d.p.Port, where)
}

// restartLimit is how long a restart without a login takes at most. IBC's log
// does not say when one waits for a login after all.
const restartLimit = 3 * time.Minute

func whyStarting(d *decision) string {
	problem := d.process.loginProblem.Text
	if problem != "" {
		problem = "; " + problem
	}
	switch d.verdict.phase {
	case Launching:
		return "IBC is launching the Gateway" + problem
	case Login:
		return "IBC is logging in" + problem
	case TwoFactor:
		return twoFactorRequest(d) + "; it has waited since " + clock(d.process.phaseSince)
	case NeedsYou:
		return Capitalise(d.process.loginProblem.Text)
	case LoggedIn:
		return fmt.Sprintf("Logged in; port %d is not open yet", d.p.Port)
	case Restarting:
		if d.now.Sub(d.process.phaseSince) > restartLimit {
			return "Restarting without a new login; it takes too long and may wait at its login window"
		}
		return "Restarting without a new login"
	}
	return fmt.Sprintf("The Gateway process lives; port %d is not open", d.p.Port)
}

// approveLogin is what has to be done when nothing else is known.
const approveLogin = "Approve the login in IBKR Mobile"

// twoFactorRequest says what a person has to do, and by when.
func twoFactorRequest(d *decision) string {
	do := cmp.Or(d.process.twoFactor.Do, approveLogin)
	if until := d.process.twoFactor.Until; !until.IsZero() {
		do += " before " + clock(until)
	}
	return do
}

func whySilent(d *decision) string {
	text := fmt.Sprintf("Port %d is open, and the API has not answered since %s", d.p.Port, clock(d.session.silentSince()))
	if problem := d.process.loginProblem.Text; problem != "" {
		return text + "; " + problem
	}
	if d.port.otherProgram != 0 {
		return text
	}
	return text + ". A restart usually helps"
}

func whyNotProven(d *decision) string {
	switch {
	case !d.p.Monitor && d.port.relayed():
		return whyNotAsked(d) + ", so nothing tells whether the Gateway answers"
	case !d.p.Monitor:
		return "nobody is connected, and " + whyNotAsked(d)
	case d.session.lost:
		return "our API session was with the Gateway before this one"
	case d.session.State == SessionUp && !d.session.AnsweredAt.IsZero():
		return "its last answer came at " + clock(d.session.AnsweredAt)
	case d.session.State == SessionConnecting, d.session.State == SessionUp:
		return "waiting for the API to answer"
	case d.session.idsInUse == clientIDs:
		return whyNoID(d)
	case d.session.failures > 0:
		return "our API session has ended: " + d.session.Closed
	}
	return "about to ask whether the API answers"
}

func whyNotAsked(d *decision) string {
	if d.p.OneShot {
		return "no Gatelight is running that would ask the API"
	}
	return "the monitor is off"
}

func whyNoID(d *decision) string {
	first := d.p.ClientID
	return fmt.Sprintf("client ids %d, %d and %d are all in use (%d); next try at %s",
		first, first+1, first+2, codeIDInUse, clock(d.session.retryAt))
}

func whyConnected(d *decision) string {
	others := 0
	for _, c := range d.peers.clients {
		if !c.Self {
			others++
		}
	}
	who := count(others, "client", "clients")
	switch {
	case !d.verdict.verified:
		return who + " connected; whether the API answers was not asked"
	case d.port.lookError != "":
		return "The API answers; the port itself cannot be seen: " + d.port.lookError
	case others == 0:
		return "The API answers; no other client is connected"
	}
	return "The API answers; " + who + " connected"
}

func whyZombies(d *decision) string {
	stuck := count(len(d.peers.zombies), "socket", "sockets") + " stuck in CLOSE_WAIT; "
	switch {
	case d.session.handshakeLate(d.now, d.p.HandshakeLate):
		return stuck + "the API has not answered for " + Span(d.now.Sub(d.session.Since))
	case d.verdict.blocking:
		return stuck + "new connections are not served"
	case d.session.State == SessionUp:
		return stuck + "our own session is still answered, new ones may not be"
	}
	return stuck + "whether the API answers is not known"
}

// Span is a duration in words, in at most two units and rounded down: "41 s",
// "3 min", "2 h 05 min", "6 d 18 h". A negative one is "0 s".
func Span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h %02d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// clock is a time of day in the local time zone.
func clock(t time.Time) string { return Local(t).Format("15:04:05") }

// When is a time in the local time zone: the time of day if it is on the day of
// now ("15:04:05"), else the date, too ("2 Jan 15:04").
func When(t, now time.Time) string {
	t, now = Local(t), Local(now)
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

// Capitalise returns the text with a capital first letter, as at the beginning
// of a sentence.
func Capitalise(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
