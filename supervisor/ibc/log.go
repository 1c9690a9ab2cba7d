package ibc

import (
	"strings"
	"time"

	"gatelight/supervisor"
)

// A logParser turns what IBC and its start script print into events. It reads
// the logs of IBC 3.8.1 to 3.24.1; texts.tsv lists what these versions print,
// and what is made of it.
type logParser struct {
	settings   runSettings
	unattended bool // no user asked for the start that this is the log of

	java       javaRun // the Java process that runs, or that ran last
	announced  bool    // the script has printed its start line, and Java nothing yet
	restarting bool    // this start needs no login
	told       supervisor.Phase
	dialogs    dialogs

	errorPart errorPart
	stamped   bool     // the newest line was IBC's
	message   *message // the last one of IBC, which lines without a time continue
	script    scriptWords
}

// A javaRun is what IBC has said in one Java process.
type javaRun struct {
	version   ibcVersion
	loginAt   time.Time // the newest login attempt
	loggedIn  bool
	closing   bool                  // the Gateway ends in order
	leaves    bool                  // IBC or the Gateway has begun to end it
	problem   reported              // why its login does not go on
	failure   meaning               // of its newest error
	code      int                   // with which IBC ended Java after an error; 0: it did not
	frame     bool                  // the Gateway has shown a window of its own
	codeCard  bool                  // the two-factor window wants the code of a card
	command   string                // that has begun its end: STOP, RESTART or PAUSE
	plan      string                // the key of config.ini with the time of its end
	logsOff   bool                  // it logs off at a set time
	cold      bool                  // IBC ends it in order to start it again with a new login
	planned   string                // why it ends on purpose
	endReason supervisor.ExitReason // of an end on purpose
}

// A message is what IBC says at one time. Its first line has the time in front;
// the others have none.
type message struct {
	at      time.Time
	text    string
	further []string
	isError bool // it stands between rows of exclamation marks
	isBox   bool // it is the text of a window of the Gateway
	emitted supervisor.LoginProblem
}

// Our own first line in IBC's log says whether a user asked for the start.
const (
	attendedStart   = "Started by Gatelight, as asked for"
	unattendedStart = "Started by Gatelight, by itself"
)

// An errorPart is how much of an error was read: its first row of exclamation
// marks, or its text, too. Its second row ends it.
type errorPart int

const (
	noError errorPart = iota
	errorBegins
	errorHasText
)

// maxFurther is how many lines of a message are read after its first one.
const maxFurther = 6

// events are what one line reports.
func (l *logParser) events(line string) []supervisor.Event {
	l.stamped = false
	if isErrorRow(line) {
		l.message = nil
		if l.errorPart == noError {
			l.errorPart = errorBegins
		} else {
			l.errorPart = noError
		}
		return nil
	}
	at, text, stamped := cutTimestamp(line)
	l.stamped = stamped
	if stamped {
		m := &message{at: at, text: text, isError: l.errorPart == errorBegins}
		l.message, l.errorPart = nil, noError
		if m.isError {
			l.errorPart = errorHasText
		}
		return l.messageEvents(m)
	}
	if events, known := l.scriptEvents(line); known {
		l.message = nil
		return events
	}
	l.script.note(l.settings.mask, line)
	return l.furtherLine(line)
}

// isErrorRow reports one of the two rows around an error (79 exclamation marks,
// IBC 3.24.1, Utils.java).
func isErrorRow(line string) bool {
	return len(line) >= 20 && strings.Trim(line, "!") == ""
}

// messageEvents are what the first line of a message reports.
func (l *logParser) messageEvents(m *message) []supervisor.Event {
	afterBox := l.dialogs.takeBox()
	if w, ok := cutWindow(m.text); ok {
		return l.windowEvents(m.at, w)
	}
	for _, take := range []func(*message) ([]supervisor.Event, bool){l.startEvents, l.clickEvents, l.twoFactorEvents, l.endEvents} {
		if events, taken := take(m); taken {
			return events
		}
	}
	if m.isBox = afterBox && !l.java.version.isBefore(3, 21, 1) && !isIBCsOwn(m.text); m.isBox && l.java.loggedIn {
		m.isBox, l.dialogs.question = false, time.Time{} // it says something, and is not about the end
	}
	return l.report(m)
}

// startEvents are about how far the start of a Java process has come.
func (l *logParser) startEvents(m *message) ([]supervisor.Event, bool) {
	switch {
	case hasStart(m.text, "version: "):
		return l.javaStarts(parseVersion(m.text[len("version: "):])), true
	case m.text == "Re-starting session":
		l.restarting = true
		return l.phase(supervisor.Restarting), true
	case strings.HasPrefix(m.text, "Starting session: "), hasStart(m.text, "Autorestart file contains invalid credentials"):
		l.restarting = false
		if l.told == supervisor.Restarting { // the script has found a file, and Java does not use it
			return l.phase(supervisor.Launching), true
		}
		return nil, true
	case m.text == "Login has completed", m.text == "Login completed":
		l.restarting, l.java.loggedIn, l.java.problem, l.dialogs = false, true, reported{}, dialogs{}
		return l.phase(supervisor.LoggedIn), true
	}
	return nil, false
}

// javaStarts notes that a Java process has begun. Before IBC 3.15 only the
// first one of a script has a start line.
func (l *logParser) javaStarts(v ibcVersion) (events []supervisor.Event) {
	if !l.announced {
		events = l.launch()
	}
	l.announced, l.java.version = false, v
	return events
}

// launch notes that a Java process is started.
func (l *logParser) launch() []supervisor.Event {
	l.java, l.dialogs, l.script = javaRun{}, dialogs{}, scriptWords{}
	if l.restarting {
		return append(l.phase(supervisor.Restarting), supervisor.LaunchSeen{})
	}
	return append(l.phase(supervisor.Launching), supervisor.LaunchSeen{})
}

func (l *logParser) phase(p supervisor.Phase) []supervisor.Event {
	l.told = p
	return []supervisor.Event{supervisor.PhaseSeen{Phase: p}}
}

// loginButtons are the labels of the button that sends a login (IBC 3.24.1,
// GatewayLoginFrameHandler.java; the last two are those of other languages).
// IBC clicks it once for each attempt, and says so in every version.
var loginButtons = []string{"Login", "Log In", "Paper Log In", "Paper-Login", "Log-In"}

func isLoginButton(label string) bool {
	for _, button := range loginButtons {
		if strings.EqualFold(label, button) {
			return true
		}
	}
	return false
}

// clickEvents are about the buttons that IBC clicks: a login attempt, or its
// answer to a window.
func (l *logParser) clickEvents(m *message) ([]supervisor.Event, bool) {
	label, click := strings.CutPrefix(m.text, "Click button: ")
	switch {
	case click && isLoginButton(label):
		l.java.loginAt = m.at
		return append(l.loginBegins(), supervisor.LoginSeen{At: m.at}), true
	case strings.HasPrefix(m.text, "Login attempt: "): // since 3.14, a moment before the click
		return l.loginBegins(), true
	case click:
		return l.windowAnswered(l.dialogs.answer()), true
	case m.text == "Re-login to session": // after another session has replaced this one
		return []supervisor.Event{supervisor.LoginSeen{At: m.at}}, true
	}
	return nil, false
}

// loginBegins notes that IBC logs in. What has kept an earlier attempt from
// going on is over.
func (l *logParser) loginBegins() []supervisor.Event {
	known := l.told == supervisor.Login && l.java.problem.problem.Reason == ""
	l.dialogs, l.java.problem = dialogs{}, reported{}
	if known {
		return nil
	}
	return l.phase(supervisor.Login)
}

// furtherLine takes in a line without a time that continues a message.
func (l *logParser) furtherLine(line string) []supervisor.Event {
	m := l.message
	if m == nil || !continues(line) {
		l.message = nil // a stack trace, or what another program prints
		return nil
	}
	m.further = append(m.further, line)
	events := l.report(m)
	if len(m.further) == maxFurther {
		l.message = nil
	}
	return events
}

// continues reports that a line may belong to a message. What is not wanted are
// the calls of a stack trace, what other programs print, and what is not text.
func continues(line string) bool {
	trimmed := strings.TrimSpace(line)
	return trimmed != "" && !strings.HasPrefix(trimmed, "at ") && !strings.HasPrefix(trimmed, "... ") && !startsWithDate(line) && !strings.Contains(line, ".sh: line ")
}

// startsWithDate reports a line of the Gateway's own log.
func startsWithDate(line string) bool {
	_, err := time.Parse("2006-01-02", line[:min(len(line), len("2006-01-02"))])
	return err == nil
}

// hasStart is strings.HasPrefix without regard to case: IBC prints a capital
// first letter up to 3.16.2 (Utils.java).
func hasStart(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
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
