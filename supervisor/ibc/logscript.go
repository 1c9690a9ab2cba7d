package ibc

import (
	"strings"

	"gatelight/supervisor"
)

// scriptWords are what was printed without a time and tells how a run ends: the
// errors of the start script, and of Java when it does not start.
type scriptWords struct {
	failed  bool    // the script has ended with an error of its own
	failure meaning // of that error, or of Java's
	usage   bool    // the script has explained how it is called
	last    string  // the newest line that says what is wrong
}

// isJavaStart reports the line that the start script prints before it starts
// the Gateway or TWS.
func isJavaStart(line string) bool {
	return strings.HasPrefix(line, "Starting Gateway with this command") || strings.HasPrefix(line, "Starting TWS with this command") ||
		strings.HasPrefix(line, "Starting IBC with this command") // StartIBC.bat
}

// isJavaEnd reports the line that the start script prints when Java has ended.
func isJavaEnd(line string) bool {
	return strings.HasPrefix(line, "IBC returned exit status ") || strings.HasPrefix(line, "Error level is ") // StartIBC.bat
}

// scriptEvents are what a line of the start script, which has no time, reports.
// known is false for a line that is not the script's.
func (l *logParser) scriptEvents(line string) (events []supervisor.Event, known bool) {
	switch {
	case line == unattendedStart:
		l.unattended = true
	case isJavaStart(line):
		l.announced = true
		return l.launch(), true
	case strings.HasPrefix(line, "Starting IBC version "):
		if l.restarting {
			return l.phase(supervisor.Restarting), true
		}
		return l.phase(supervisor.Launching), true
	case strings.HasPrefix(line, "autorestart file found at "):
		l.restarting = true
		return l.phase(supervisor.Restarting), true
	case strings.HasPrefix(line, "autorestart file not found"), strings.HasPrefix(line, "WARNING: deleting first autorestart file found"):
		l.restarting = false
	case strings.HasPrefix(line, "IBC will cold-restart shortly"):
		l.restarting = false
		return l.phase(supervisor.Launching), true
	case strings.HasPrefix(line, "IBC will restart shortly"): // the first word of the next start up to 3.14
		if l.told != supervisor.Launching && l.told != supervisor.Restarting {
			return l.phase(supervisor.Launching), true
		}
	case strings.HasPrefix(line, "Java VM Options="): // IBC 3.15 and 3.16 tell of the file only here
		if strings.Contains(line, " -Drestart=") {
			l.restarting = true
		}
	default:
		return nil, isJavaEnd(line) || isScriptChatter(line)
	}
	return nil, true
}

// isScriptChatter reports a line of the script that tells nothing here, and
// that no text of IBC's goes on with.
func isScriptChatter(line string) bool {
	for _, start := range []string{attendedStart, "IBC will ", "IBC is paused", "Gateway finished", "TWS finished", "Finding autorestart file", "Program has exited",
		"Normal exit", "AUTORESTART_OPTION is ", "sleep ", "WARNING: ", "Parsing arguments", "IBC Settings:", "System Properties"} {
		if strings.HasPrefix(line, start) {
			return true
		}
	}
	return false
}

// note keeps what a line without a time tells of the end of a run.
func (w *scriptWords) note(mask func(string) string, line string) {
	text := strings.TrimSpace(line)
	switch {
	case !continues(line) || strings.Trim(text, "*=+-") == "":
	case strings.Contains(text, "= An error has occurred ="):
		w.failed = true
	case strings.HasPrefix(text, "Runs IBC, thus loading"):
		w.usage = true
	default:
		if m, known := scriptFailure(text); known {
			w.failure = m
		} else if m, known := javaFailure(text); known {
			w.failure = m
		}
		if saysWhatIsWrong(text) {
			w.last = mask(text)
		}
	}
}

// saysWhatIsWrong reports a line that may be shown as the last words of a run.
// Others may be a part of IBC's settings or of Java's properties.
func saysWhatIsWrong(text string) bool {
	text = strings.ToLower(text)
	for _, word := range []string{"error", "exception", "cannot", "can't", "could not", "not found", "denied", "failed", "no such", "invalid"} {
		if strings.Contains(text, word) && !strings.Contains(text, "=") {
			return true
		}
	}
	return false
}
