package ibc

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
)

// A windowEvent is what IBC has seen happen to a window.
type windowEvent struct {
	title, event string
	dialog       bool // it is no frame
}

// cutWindow splits "detected dialog entitled: Warning; event=Opened".
func cutWindow(text string) (w windowEvent, ok bool) {
	rest := ""
	switch {
	case hasStart(text, "detected dialog entitled: "):
		w.dialog, rest = true, text[len("detected dialog entitled: "):]
	case hasStart(text, "detected frame entitled: "):
		rest = text[len("detected frame entitled: "):]
	default:
		return w, false
	}
	at := strings.LastIndex(rest, "; event=")
	if at < 0 {
		return w, false
	}
	w.title, w.event = rest[:at], rest[at+len("; event="):]
	if w.title == "** no title **" || w.title == "null" { // the latter up to IBC 3.8.2
		w.title = ""
	}
	return w, true
}

// shows reports that the window is there: one that is shown again is not opened
// again.
func (w windowEvent) shows() bool {
	return w.event == "Opened" || w.event == "Activated" || w.event == "Focused"
}

func (w windowEvent) titleHas(words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(w.title, word) })
}

// dialogs are those of the Gateway that are open.
type dialogs struct {
	open     []openDialog // the newest last
	last     string       // the title of the dialog that the newest event was about
	box      bool         // IBC's next words may be the text of that dialog
	told     *string      // the title of the one whose question was reported last; nil: none
	question time.Time    // when the Gateway has asked whether to end, and IBC did not answer; zero: it has not
}

// maxDialogs is how many open dialogs are remembered, the newest ones.
const maxDialogs = 32

// An openDialog is a dialog that is open.
type openDialog struct {
	title    string
	answered bool // by IBC
}

// takeBox reports that the event before was about a dialog whose text IBC may
// print (3.21.1 and newer, GatewayDialogHandler.java).
func (ds *dialogs) takeBox() bool {
	box := ds.box
	ds.box = false
	return box
}

func (ds *dialogs) index(title string) int {
	return slices.IndexFunc(ds.open, func(w openDialog) bool { return w.title == title })
}

// show notes that a dialog is there. isNew is false when that is known.
func (ds *dialogs) show(w windowEvent) (isNew bool) {
	i := ds.index(w.title)
	if i >= 0 && !(w.event == "Opened" && ds.open[i].answered) {
		return false
	}
	if i >= 0 {
		ds.open = slices.Delete(ds.open, i, i+1)
	}
	if len(ds.open) == maxDialogs {
		ds.open = slices.Delete(ds.open, 0, 1)
	}
	ds.open = append(ds.open, openDialog{title: w.title})
	return true
}

// close notes that a dialog is closed.
func (ds *dialogs) close(title string) {
	if i := ds.index(title); i >= 0 {
		ds.open = slices.Delete(ds.open, i, i+1)
	}
}

// answer notes that IBC has clicked a button of the last dialog, and returns
// its title.
func (ds *dialogs) answer() string {
	if i := ds.index(ds.last); i >= 0 {
		ds.open[i].answered = true
	}
	ds.question = time.Time{}
	return ds.last
}

// waiting is the newest dialog that nobody has answered.
func (ds *dialogs) waiting() (title string, ok bool) {
	for _, w := range slices.Backward(ds.open) {
		if !w.answered {
			return w.title, true
		}
	}
	return "", false
}

// windowEvents are what an event of a window reports.
func (l *logParser) windowEvents(at time.Time, w windowEvent) []supervisor.Event {
	switch {
	case !w.dialog:
		l.java.frame = l.java.frame || w.titleHas("Gateway", "Trader Workstation", "Login")
		return nil
	case w.titleHas("Shutdown progress"):
		if w.shows() {
			return l.shutdownBegins(at)
		}
		return nil
	case w.titleHas("Second Factor Authentication", "Security Code Card"):
		l.dialogs.last = w.title
		return l.twoFactorWindow(at, w)
	}
	l.dialogs.last = w.title
	l.dialogs.box = w.event == "Opened" && w.titleHas("Gateway")
	switch {
	case l.java.loggedIn && w.titleHas("Gateway", "Trader Workstation") && !w.titleHas("Configuration"):
		l.dialogs.question = at // whether to end, or whatever else
		return nil
	case w.event == "Closed":
		l.dialogs.close(w.title)
		return l.windowAnswered(w.title)
	case w.shows() && l.java.asksAPerson(w) && l.dialogs.show(w):
		return l.tellQuestion(w.title)
	}
	return nil
}

// asksAPerson reports that a dialog may keep the Gateway from going on.
func (j *javaRun) asksAPerson(w windowEvent) bool {
	switch {
	case j.closing || j.command != "":
		return false
	case j.loggedIn: // any other window does not keep the API from answering
		return w.titleHas("Existing session detected", "Re-login is required") || w.title == "Warning"
	}
	// A refused login is told by IBC's own words, the settings are IBC's work.
	return !w.titleHas("Configuration", "Login failed")
}

// tellQuestion reports a dialog that waits for an answer.
func (l *logParser) tellQuestion(title string) []supervisor.Event {
	l.dialogs.told = &title
	p := windowProblem(l.settings.mask(title))
	l.java.problem = reported{p, supervisor.ExitLoginFailed}
	return []supervisor.Event{supervisor.LoginProblemSeen{LoginProblem: p}}
}

// windowAnswered reports that a dialog waits no longer, if it was reported. The
// one below it waits then.
func (l *logParser) windowAnswered(title string) []supervisor.Event {
	if l.dialogs.told == nil || *l.dialogs.told != title {
		return nil
	}
	l.dialogs.told = nil
	if next, ok := l.dialogs.waiting(); ok {
		return l.tellQuestion(next)
	}
	l.java.problem = reported{}
	return []supervisor.Event{supervisor.LoginProblemSeen{}}
}

// windowProblem is what is known of a dialog by its title.
func windowProblem(title string) supervisor.LoginProblem {
	if known, ok := gatewayText(title); ok {
		p := known.waits().problem
		if p.Reason == supervisor.LoginExistingSession { // IBC answers it, or says that it does not
			p.Reason = supervisor.LoginDialog
		}
		return p
	}
	name := fmt.Sprintf("the window %q", title)
	switch title {
	case "":
		name = "a window without a title"
	case "Warning":
		return supervisor.LoginProblem{Reason: supervisor.LoginDialog, Title: "a warning waits", Waits: true,
			Text: "the Gateway's window \"Warning\" waits for an answer, and the API does not answer before; answer it there, or set AcceptNonBrokerageAccountWarning=yes in config.ini if it is about a paper account"}
	}
	return supervisor.LoginProblem{Reason: supervisor.LoginDialog, Title: "a window waits for an answer", Waits: true,
		Text: name + " of the Gateway waits for an answer, and IBC does not give one; answer it there"}
}

// twoFactorWindow takes in an event of the window that asks for the second
// factor. IBC's own words tell of it since 3.8.3.
func (l *logParser) twoFactorWindow(at time.Time, w windowEvent) []supervisor.Event {
	l.java.codeCard = w.titleHas("Security Code Card")
	switch {
	case !l.java.version.isBefore(3, 8, 3) || l.java.loggedIn:
	case w.shows() && l.told != supervisor.TwoFactor:
		return l.twoFactor(at)
	case w.event == "Closed" && l.told == supervisor.TwoFactor:
		return l.phase(supervisor.Login)
	}
	return nil
}
