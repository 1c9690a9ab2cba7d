package ibc

import (
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
)

// questionLimit is how long the Gateway takes at most from its question whether
// to end to the end, if the answer was yes.
const questionLimit = 10 * time.Second

// endEvents are about the end of a Gateway: who has decided it, and how IBC has
// ended Java.
func (l *logParser) endEvents(m *message) ([]supervisor.Event, bool) {
	if command, sent := strings.CutPrefix(m.text, "CommandServer received command: "); sent {
		return l.commandEvents(strings.ToUpper(strings.TrimSpace(command))), true
	}
	switch {
	case hasStart(m.text, "Exiting with exit code="), hasStart(m.text, "Exiting after error with exit code="): // the latter since 3.24
		l.java.code, _ = strconv.Atoi(m.text[strings.LastIndex(m.text, "=")+1:])
		return nil, true
	case strings.HasPrefix(m.text, "Login has completed: exiting via "), m.text == "Login has not completed: exiting immediately":
		return l.ibcEnds(), true
	case strings.HasPrefix(m.text, "Cold restart in progress"), strings.HasSuffix(m.text, "initiate cold restart"):
		l.java.cold = true
		return nil, true
	case strings.HasPrefix(m.text, "End this session and let the other session proceed"), strings.HasPrefix(m.text, "Other session "):
		return l.otherSessionKept(), true
	case strings.HasPrefix(m.text, "ExistingSessionDetectedAction has an invalid value"):
		return nil, true
	}
	return nil, l.java.notePlan(m.text)
}

// notePlan takes in an end that is set for later.
func (j *javaRun) notePlan(text string) (known bool) {
	switch {
	case strings.HasPrefix(text, "Gateway will be shut down at "), strings.HasPrefix(text, "TWS will be shut down at "):
		j.plan = "ClosedownAt"
	case strings.HasPrefix(text, "Gateway will be cold restarted at "), strings.HasPrefix(text, "TWS will be cold restarted at "):
		j.plan = "ColdRestartTime"
	case strings.HasPrefix(text, "Auto logoff time "):
		j.logsOff = true
	case strings.HasPrefix(text, "Auto restart time "):
		j.logsOff = false
	default:
		return false
	}
	return true
}

// commandEvents are about a command that somebody has sent to IBC. Commands are
// logged as they were sent.
func (l *logParser) commandEvents(command string) []supervisor.Event {
	takesRestart := !l.java.version.isBefore(3, 16, 0)
	takesPause := !l.java.version.isBefore(3, 24, 0)
	switch {
	case command == "STOP":
		l.java.command = command
		return l.java.endsOnPurpose(supervisor.ExitPlanned, "")
	case command == "RESTART" && takesRestart:
		l.java.command = command
		return l.phase(supervisor.Restarting)
	case command == "PAUSE" && takesPause:
		l.java.command = command
		return l.java.endsOnPurpose(supervisor.ExitPlanned, "somebody has sent PAUSE to IBC; the next start needs no login")
	}
	return nil
}

// endsOnPurpose reports an end that somebody has decided. why is as in
// [supervisor.PlannedEndSeen].
func (j *javaRun) endsOnPurpose(reason supervisor.ExitReason, why string) []supervisor.Event {
	j.planned, j.endReason = why, reason
	return []supervisor.Event{supervisor.PlannedEndSeen{Why: why}}
}

// ibcEnds takes in that IBC ends the Gateway by itself: for a command, for a
// login that has failed, or at a time that is set in config.ini.
func (l *logParser) ibcEnds() []supervisor.Event {
	l.java.leaves = true
	switch {
	case l.java.command != "" || l.java.cold || l.java.endReason != "":
		return nil
	case l.java.coldRestartIsDue(l.settings):
		l.java.cold = true
		return l.phase(supervisor.Restarting)
	}
	return l.java.endsOnPurpose(supervisor.ExitPlanned, "at the time set as ClosedownAt in config.ini")
}

// coldRestartIsDue reports that the time set in config.ini is that of a cold
// restart, not of the end. From 3.16 to 3.20 IBC does not say which.
func (j *javaRun) coldRestartIsDue(s runSettings) bool {
	if j.plan != "" {
		return j.plan == "ColdRestartTime"
	}
	return s.coldRestarts && !s.closesDown && !j.version.isBefore(3, 19, 0)
}

// otherSessionKept takes in that IBC ends this session in favour of another
// one. To start it again would only bring the same question.
func (l *logParser) otherSessionKept() []supervisor.Event {
	p := supervisor.LoginProblem{Reason: supervisor.LoginExistingSession, Title: "logged in elsewhere",
		Text: "this user is logged in elsewhere, and IBC has ended this session for the other one (ExistingSessionDetectedAction in config.ini)"}
	l.dialogs.told = nil
	return append([]supervisor.Event{supervisor.LoginProblemSeen{LoginProblem: p}}, l.java.endsOnPurpose(supervisor.ExitSessionElsewhere, p.Text)...)
}

// shutdownBegins takes in that the Gateway ends in order. If nobody has told
// IBC, it is a person at its window, or the Gateway itself.
func (l *logParser) shutdownBegins(at time.Time) []supervisor.Event {
	if l.java.closing {
		return nil
	}
	l.java.closing, l.java.leaves = true, true
	asked := l.dialogs.question
	switch {
	case l.java.command != "" || l.java.cold || l.java.endReason != "":
		return nil
	case !asked.IsZero() && at.Sub(asked) < questionLimit:
		return l.java.endsOnPurpose(supervisor.ExitPlanned, "somebody has closed its window")
	case l.java.logsOff:
		return l.java.endsOnPurpose(supervisor.ExitPlanned, "at the time set as AutoLogoffTime in config.ini")
	}
	return nil
}
