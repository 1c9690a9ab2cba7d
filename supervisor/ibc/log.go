package ibc

import (
	"strings"
	"time"

	"gatelight/supervisor"
)

// A logParser turns IBC's output into events. The lines are those that IBC
// 3.24.1 and its ibcstart.sh print.
type logParser struct {
	restarting bool // an autorestart file was found: no login is needed
	unattended bool // no user asked for the start that this is the log of
}

// Our own first line in IBC's log says whether a user asked for the start.
const (
	attendedStart   = "Started by Gatelight, as asked for"
	unattendedStart = "Started by Gatelight, by itself"
)

// events are what one line reports.
func (l *logParser) events(line string) []supervisor.Event {
	at, text, stamped := cutTimestamp(line)
	if !stamped {
		return l.scriptEvents(line)
	}
	phase := func(p supervisor.Phase) []supervisor.Event {
		return []supervisor.Event{supervisor.PhaseSeen{Phase: p}}
	}
	switch {
	case strings.HasPrefix(text, "Login attempt: "):
		return append(phase(supervisor.Login), supervisor.LoginSeen{At: at})
	case text == "Second Factor Authentication initiated":
		return phase(supervisor.TwoFactor)
	case strings.HasPrefix(text, "Duration since login: "):
		return phase(supervisor.Login) // the approval window has closed
	case text == "Login has completed": // the whole text: "… : exiting via [File, Close] menu" is a stop
		l.restarting = false
		return phase(supervisor.LoggedIn)
	case text == "Re-starting session":
		return phase(supervisor.Restarting)
	}
	if problem, known := loginProblem(text); known {
		return []supervisor.Event{supervisor.LoginProblemSeen{LoginProblem: problem}}
	}
	command, sent := strings.CutPrefix(text, "CommandServer received command: ")
	switch { // commands are logged as they were sent, in any case
	case sent && strings.EqualFold(command, "STOP"):
		return []supervisor.Event{supervisor.PlannedEndSeen{}}
	case sent && strings.EqualFold(command, "RESTART"):
		return phase(supervisor.Restarting)
	}
	return nil
}

// loginProblem is what a line reports about a login that does not go on; the
// zero value when the problem is over. No words of IBC's own go into it: a
// dialog may quote what was typed.
func loginProblem(text string) (problem supervisor.LoginProblem, known bool) {
	switch {
	case text == "detected dialog entitled: Existing session detected; event=Opened":
		return supervisor.LoginProblem{Reason: supervisor.LoginExistingSession, Title: "logged in elsewhere", Waits: true,
			Text: "IBKR says that this user is logged in elsewhere, and asks which session to keep; answer in the Gateway's window, or set ExistingSessionDetectedAction in config.ini"}, true
	case text == "detected dialog entitled: Existing session detected; event=Closed":
		return supervisor.LoginProblem{}, true
	case text == "Login failed":
		return supervisor.LoginProblem{Reason: supervisor.LoginRefused, Title: "login refused",
			Text: "IBKR has refused the login; look at the user name, password and TradingMode in config.ini"}, true
	case strings.HasPrefix(text, "Connection to server failed"):
		return supervisor.LoginProblem{Reason: supervisor.LoginNoServer, Title: "IBKR not reached",
			Text: "IBKR's server could not be reached; look at the network"}, true
	case strings.HasPrefix(text, "Too many failed login attempts"):
		return supervisor.LoginProblem{Reason: supervisor.LoginTooManyAttempts, Title: "too many failed logins", Waits: true,
			Text: "IBKR refuses logins for a while, since too many have failed; wait before you try again"}, true
	case strings.HasPrefix(text, "IBC closing after TWS/Gateway failed to display login dialog"):
		return supervisor.LoginProblem{Reason: supervisor.LoginNoDialog, Title: "no login dialog", Text: "the login dialog did not appear"}, true
	case strings.HasPrefix(text, "IBC closing because login has not completed after Second Factor Authentication"):
		return supervisor.LoginProblem{Reason: supervisor.LoginMissed, Title: "login not completed", Text: "the login did not go on after the two-factor approval"}, true
	}
	return supervisor.LoginProblem{}, false
}

// isJavaStart reports the line that the start script prints before it starts
// the Gateway or TWS.
func isJavaStart(line string) bool {
	return strings.HasPrefix(line, "Starting Gateway with this command") || strings.HasPrefix(line, "Starting TWS with this command") ||
		strings.HasPrefix(line, "Starting IBC with this command") // StartIBC.bat
}

// unixStatus translates an exit status of Windows into that of Unix: Java's own
// modulo 256, and 1 into SIGKILL's, since 1 is all that is left of a Java that
// was killed (IBC's DisplayBannerAndLaunch.bat).
func unixStatus(status int) int {
	if status == 1 {
		return signalStatus + 9
	}
	return status & 0xff
}

// scriptEvents are what a line of the start script, which has no time, reports.
func (l *logParser) scriptEvents(line string) []supervisor.Event {
	switch {
	case line == unattendedStart:
		l.unattended = true
		return nil
	case strings.HasPrefix(line, "autorestart file found at "):
		l.restarting = true
	case strings.HasPrefix(line, "autorestart file not found"), strings.HasPrefix(line, "WARNING: deleting first autorestart file found"):
		l.restarting = false
		return nil
	case strings.HasPrefix(line, "IBC will cold-restart shortly"):
		l.restarting = false
	case !isJavaStart(line) && !strings.HasPrefix(line, "Starting IBC version "):
		return nil
	}
	phase := supervisor.PhaseSeen{Phase: supervisor.Launching}
	if l.restarting {
		phase.Phase = supervisor.Restarting
	}
	if isJavaStart(line) {
		return []supervisor.Event{phase, supervisor.LaunchSeen{}}
	}
	return []supervisor.Event{phase}
}

// cutTimestamp splits "2026-11-23 14:55:57:403 IBC: Login attempt: 1". IBC
// writes the local time.
func cutTimestamp(line string) (at time.Time, text string, ok bool) {
	const layout = "2006-01-02 15:04:05"
	head, text, ok := strings.Cut(line, " IBC: ")
	if !ok || len(head) != len(layout)+len(":000") {
		return time.Time{}, "", false
	}
	at, err := time.ParseInLocation(layout, head[:len(layout)], time.Local)
	return at, text, err == nil
}
