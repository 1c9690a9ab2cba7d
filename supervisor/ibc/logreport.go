package ibc

import (
	"strings"

	"gatelight/supervisor"
)

// report is what a message says about a login that does not go on, or about an
// error. It is called again with each further line of the message, and repeats
// nothing.
func (l *logParser) report(m *message) []supervisor.Event {
	known, tells := l.explain(m)
	if !tells {
		return nil
	}
	l.message = m
	if m.isError && known.exit != "" {
		l.java.failure = meaning{known.exit, known.problem.Text}
	}
	if known.problem.Reason == "" || l.java.loggedIn && !known.window || l.java.closing || known.problem == m.emitted {
		return nil
	}
	m.emitted, l.java.problem, l.dialogs.told = known.problem, known.reported, nil
	if known.window && l.dialogs.index(l.dialogs.last) >= 0 {
		title := l.dialogs.last
		l.dialogs.told = &title
	}
	return []supervisor.Event{supervisor.LoginProblemSeen{LoginProblem: known.problem}}
}

// explain finds out what a message means. tells is false when it is none that
// matters here. A known text of the Gateway's says more than what IBC says
// around it, and a text that nobody knows is shown as it is, masked.
func (l *logParser) explain(m *message) (k knownText, tells bool) {
	k, known := ibcText(m.text)
	switch {
	case known && k.words:
		return l.withWords(k, m), true
	case known:
		if k.text == "Login failed" && (m.text != k.text || l.java.closing) { // it may fail while it ends
			return k, false
		}
		if k.problem.Reason == supervisor.LoginNoDialog && l.java.frame && k.exit == supervisor.ExitNoLoginDialog {
			k.problem.Text = l.java.noLoginDialog().text
		}
		k.problem.Waits = k.problem.Waits || k.text == "Login failed" && l.java.version.isBefore(3, 20, 0) // which do nothing more
		return k, true
	case !m.isError && !m.isBox:
		return k, false
	}
	words := strings.Join(append([]string{m.text}, m.further...), " ")
	shown := l.settings.mask(words)
	if failure, ok := javaFailure(words); ok {
		return fatal(failure), true
	}
	if m.isBox {
		if k, known = gatewayText(words); known {
			return k.inWindow(), true
		}
		return problem("", supervisor.LoginMessage, supervisor.ExitLoginFailed, "a window waits for an answer",
			"the Gateway says: "+shown+"; look at its window").inWindow(), true
	}
	if failure, ok := configFailure(m.text); ok {
		return fatal(failure), true
	}
	return problem("", supervisor.LoginMessage, supervisor.ExitIBCError, "error in IBC", "IBC says: "+shown), true
}

// fatal is a failure that ends Java at once, so that its end tells of it, and
// nothing before.
func fatal(m meaning) knownText {
	return problem("", "", m.reason, "", m.text)
}

// withWords puts the Gateway's or Java's words into what IBC's text means.
func (l *logParser) withWords(k knownText, m *message) knownText {
	waits := k.text == loginError && l.java.version.isBefore(3, 20, 0) // which do nothing more
	_, rest, _ := strings.Cut(m.text, ":")
	if strings.HasPrefix(rest, " ibgateway.") { // the name of the entry point
		rest = ""
	}
	words := strings.TrimSpace(strings.Join(append([]string{rest}, m.further...), " "))
	if failure, ok := javaFailure(words); ok && m.isError {
		return fatal(failure)
	}
	if m.isError && strings.Contains(words, "Address already in use") { // the command server's, which a login does not need
		return knownText{}
	}
	if better, ok := gatewayText(words); ok && !m.isError && better.problem.Reason != k.problem.Reason {
		better.problem.Waits = waits
		return better
	}
	shown := l.settings.mask(words)
	k.problem.Waits = waits
	switch {
	case k.problem.Reason == supervisor.LoginNoServer && shown != "":
		k.problem.Text = strings.Replace(k.problem.Text, ";", " ("+shown+");", 1)
	case k.problem.Reason == supervisor.LoginNoServer:
	case shown == "" || shown == "null":
		return knownText{} // nothing to say yet
	default:
		k.problem.Text += shown
	}
	return k
}
