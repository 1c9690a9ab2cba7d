package ibc

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"gatelight/supervisor"
)

// scriptStatuses are the exit statuses of ibcstart.sh itself, before or without
// Java (IBC 3.24.1). StartIBC.bat adds 1000.
var scriptStatuses = map[int]meaning{
	1: {supervisor.ExitNoJava, "IBC found no Java; install the Gateway again, which brings its own"},
	2: {supervisor.ExitBadCall, "IBC was not told which Gateway version to start"},
	3: {supervisor.ExitBadCall, "IBC did not understand how it was called"},
	4: {supervisor.ExitBadInstall, "that Gateway version is not installed"},
	5: {supervisor.ExitBadInstall, "a folder IBC needs is missing"},
	6: {supervisor.ExitBadConfig, "IBC's config.ini is missing"},
	7: {supervisor.ExitBadInstall, "the Gateway's vmoptions file is missing"},
	8: {supervisor.ExitIBCError, "IBC does not know this operating system"},
}

// windowsStatuses is what StartIBC.bat adds to the script's own statuses.
const windowsStatuses = 1000

// javaCodes are the codes with which IBC ends Java (ErrorCodes.java). The
// script has them modulo 256.
var javaCodes = map[int]meaning{
	1100: {supervisor.ExitIBCError, "IBC met an error it did not expect; its log has the details"},
	1101: {supervisor.ExitIBCError, "IBC did not find its way in the Gateway's windows; this Gateway version may be too new for it"},
	1102: {supervisor.ExitBadCall, "IBC was called with a wrong number of arguments"},
	1103: {supervisor.ExitBadConfig, "IBC's config.ini does not exist"},
	1104: {supervisor.ExitBadConfig, "TradingMode in config.ini is neither live nor paper"},
	1105: {supervisor.ExitBadConfig, "a value in config.ini is not valid: ClosedownAt, ColdRestartTime or a Bypass… setting"},
	1106: {supervisor.ExitBadInstall, "IBC could not create the Gateway's settings folder"},
	1107: {supervisor.ExitIBCError, "the Gateway could not be started; is there a display, and is it complete? This version may also be too new for IBC"},
	1108: {supervisor.ExitBadInstall, "the path of the Gateway's jts.ini is not valid"},
	1109: {supervisor.ExitBadInstall, "the Gateway's jts.ini could not be read or written"},
	1110: {supervisor.ExitIBCError, "IBC came into a state it does not know; its log has the details"},
	1111: {supervisor.ExitTwoFactorTimeout, "the two-factor request has ended, and the login did not go on; it was refused, or came too late"},
	1112: {supervisor.ExitNoLoginDialog, "the login dialog never appeared"},
	// Of an error while the end was being planned.
	99999: {supervisor.ExitIBCError, "IBC met an error while it waited for the login; its log has the details"},
}

// signalStatuses are those of a shell whose child was ended by a signal.
var signalStatuses = map[int]meaning{
	129: {supervisor.ExitSignal, "its terminal was closed"}, // SIGHUP
	130: {supervisor.ExitSignal, "it was interrupted"},
	134: {supervisor.ExitCrashed, "Java crashed"},
	137: {supervisor.ExitKilled, "it was killed"},
	139: {supervisor.ExitCrashed, "Java crashed"},
	143: {supervisor.ExitSignal, "SIGTERM"},
}

// signalStatus is where a shell's statuses for signals begin.
const signalStatus = 128

// unixStatus translates an exit status of Java's on Windows into that of Unix,
// which is modulo 256.
func unixStatus(status int) int { return status & 0xff }

// exit is the end of the run of this log, with that exit status of IBC's
// script; -1 when it is not known.
func (l *runLog) exit(at time.Time, status int) supervisor.Exit {
	m := ending{l.parser.java, l.parser.script}.meaning(status, l.status >= 0)
	return supervisor.Exit{At: at, Status: status, Reason: m.reason, Why: m.text}
}

// An ending is what a log says about the end of a run.
type ending struct {
	java   javaRun
	script scriptWords
}

// meaning is why the run has ended. The last words of the log count more than
// the status, since several failures share one. fromJava says that the status
// is Java's, and not one of the script itself.
func (e ending) meaning(status int, fromJava bool) meaning {
	own := status - windowsStatuses
	if 1 <= status && status <= 8 {
		own = status
	}
	script, isScripts := scriptStatuses[own]
	signal, isSignal := signalStatuses[status]
	code := e.javaCode(status)
	switch {
	case isScripts && !fromJava:
		return e.scriptEnd(script)
	case status == 0:
		return e.cleanEnd()
	case code != 0:
		return e.javaEnd(code)
	case isSignal && e.script.failure.reason == supervisor.ExitNoMemory: // a Java that has no memory left ends itself
		return e.script.failure
	case isSignal:
		return signal
	case status == 1:
		return e.javaFailed()
	case status < 0 && e.java.endReason != "" && e.java.leaves: // that somebody has asked for it is no proof that it came to that
		return e.cleanEnd()
	case status < 0 && e.script.failed: // on Windows nobody sees the status of the script
		return e.scriptEnd(meaning{supervisor.ExitUnknown, "nobody saw how" + e.lastWords()})
	case status < 0:
		return meaning{supervisor.ExitUnknown, "nobody saw how"}
	case e.script.failure.text != "":
		return e.script.failure
	case status == 126:
		return meaning{supervisor.ExitBadJava, "the script or its Java cannot be run; it may be for another processor, or lack the right to be run"}
	case status == 127:
		return meaning{supervisor.ExitBadInstall, "a program that IBC's script needs was not found" + e.lastWords()}
	case status > signalStatus && status < signalStatus+32 && status != 99999%256:
		return meaning{supervisor.ExitSignal, fmt.Sprintf("it was ended by signal %d", status-signalStatus)}
	}
	return meaning{supervisor.ExitOther, fmt.Sprintf("IBC ended with status %d", status) + e.lastWords()}
}

// javaCode is the code with which IBC has ended Java, 0 for none: it tells that
// itself, and the script has it modulo 256.
func (e ending) javaCode(status int) int {
	if e.java.code != 0 && (status < 0 || unixStatus(e.java.code) == unixStatus(status)) {
		return e.java.code
	}
	for code := range javaCodes {
		if status == unixStatus(code) {
			return code
		}
	}
	return 0
}

// scriptEnd is an end by the script, which says what is wrong.
func (e ending) scriptEnd(m meaning) meaning {
	if e.script.failure.text != "" {
		return e.script.failure
	}
	return m
}

// javaEnd is an end by IBC after an error, which it prints before (3.22 and
// 3.23 do not).
func (e ending) javaEnd(code int) meaning {
	m, known := javaCodes[code]
	switch {
	case code == 1112:
		return e.java.noLoginDialog()
	case e.java.failure.text != "":
		return e.java.failure
	case e.script.failure.text != "":
		return e.script.failure
	case !known:
		return meaning{supervisor.ExitOther, fmt.Sprintf("IBC ended with code %d", code) + e.lastWords()}
	}
	return m
}

// noLoginDialog tells a login dialog that did not appear from one that IBC does
// not know: up to 3.16 none that is titled IBKR Gateway.
func (j javaRun) noLoginDialog() meaning {
	m := javaCodes[1112]
	switch {
	case j.frame && j.version.isBefore(3, 17, 0):
		m.text = "this IBC is too old for this Gateway: it does not know its login dialog; install IBC 3.24 or newer"
	case j.frame:
		m.text = "the Gateway has shown a window, but IBC did not find the login dialog in it; IBC knows only that of a Gateway in English"
	}
	return m
}

// javaFailed is an end of Java with status 1, which is its own and not IBC's.
// Since 3.22 the script throws away what Java says then.
func (e ending) javaFailed() meaning {
	switch {
	case e.script.failure.text != "":
		return e.script.failure
	case e.java.version == ibcVersion{}:
		return meaning{supervisor.ExitBadJava, "Java did not start; it refuses its options (ibgateway.vmoptions), or IBC needs a newer one (IBC 3.24.1: Java 17)"}
	}
	return meaning{supervisor.ExitOther, "Java ended with status 1; was its display (X server) closed?"}
}

// cleanEnd is an end with status 0, which is that of many ends.
func (e ending) cleanEnd() meaning {
	problem := e.java.problem
	switch {
	case e.script.usage:
		return meaning{supervisor.ExitBadCall, "IBC was called without a Gateway version"}
	case e.java.endReason != "":
		return meaning{e.java.endReason, cmp.Or(e.java.planned, "it closed normally")}
	case problem.problem.Text != "" && !e.java.loggedIn:
		return meaning{problem.exit, problem.problem.Text}
	case e.java.cold && e.java.loggedIn:
		return meaning{supervisor.ExitIBCError, "a cold restart was due, and this IBC did not start the Gateway again; install IBC 3.24 or newer"}
	case e.java.cold:
		return meaning{supervisor.ExitLoginFailed, "the login has failed; IBC's log has the details"}
	}
	return meaning{supervisor.ExitClosed, "it closed normally"}
}

// A failureText is a part of what Java or the script prints, in small letters,
// and what it means.
type failureText struct {
	text string
	meaning
}

// javaFailures are errors of Java and of the system below it.
var javaFailures = []failureText{
	{"no x11 display", meaning{supervisor.ExitNoDisplay, "there is no display; the Gateway needs one (DISPLAY is not set)"}},
	{"can't connect to x11", meaning{supervisor.ExitNoDisplay, "the display could not be reached; the Gateway needs one (is the X server of DISPLAY running?)"}},
	{"x connection to", meaning{supervisor.ExitNoDisplay, "its display went away; the Gateway needs one"}},
	{"headlessexception", meaning{supervisor.ExitNoDisplay, "there is no display; the Gateway needs one (DISPLAY is not set, or this Java has no windows)"}},
	{"headless environment", meaning{supervisor.ExitNoDisplay, "there is no display; the Gateway needs one"}},
	{"ibgateway/gwclient", meaning{supervisor.ExitBadInstall, "the Gateway's folder jars holds no Gateway; install the Gateway again"}},
	{"classnotfoundexception: ibgateway.gwclient", meaning{supervisor.ExitBadInstall, "the Gateway's folder jars holds no Gateway; install the Gateway again"}},
	{"outofmemoryerror", meaning{supervisor.ExitNoMemory, "Java has no memory left; give it more with -Xmx in ibgateway.vmoptions"}},
	{"java heap space", meaning{supervisor.ExitNoMemory, "Java has no memory left; give it more with -Xmx in ibgateway.vmoptions"}},
	{"could not reserve enough space", meaning{supervisor.ExitNoMemory, "this machine has not as much memory as Java wants; lower -Xmx in ibgateway.vmoptions"}},
	{"insufficient memory", meaning{supervisor.ExitNoMemory, "this machine has no memory left for Java"}},
	{"cannot allocate memory", meaning{supervisor.ExitNoMemory, "this machine has no memory left for Java"}},
	{"no space left on device", meaning{supervisor.ExitDiskFull, "the disk is full"}},
	{"unsupportedclassversionerror", meaning{supervisor.ExitBadJava, "IBC needs a newer Java than this Gateway brings; install a newer Gateway, or IBC 3.24.0"}},
	{"invalid maximum heap size", badOptions}, {"invalid initial heap size", badOptions}, {"unrecognized vm option", badOptions},
	{"unrecognized option", badOptions}, {"could not create the java virtual machine", badOptions}, {"error occurred during initialization of vm", badOptions},
	{"exec format error", meaning{supervisor.ExitBadJava, "this Java is for another processor"}},
	{"bad cpu type", meaning{supervisor.ExitBadJava, "this Java is for another processor"}},
	{"jts.ini already exists but is a directory", meaning{supervisor.ExitBadInstall, "the path of the Gateway's jts.ini is a folder"}},
}

var badOptions = meaning{supervisor.ExitBadJava, "Java refuses its options; look at ibgateway.vmoptions"}

// configFailures are how IBC's errors about config.ini and its call begin.
var configFailures = []failureText{
	{"ini file ", javaCodes[1103]},
	{"invalid trading mode argument", javaCodes[1104]},
	{"invalid closedownat setting", meaning{supervisor.ExitBadConfig, "ClosedownAt in config.ini is not a day and time"}},
	{"invalid coldrestarttime setting", meaning{supervisor.ExitBadConfig, "ColdRestartTime in config.ini is not a time"}},
	{"invalid setting value for ", meaning{supervisor.ExitBadConfig, "a Bypass… setting in config.ini is neither yes nor no"}},
	{"can't find api - precautions settings", meaning{supervisor.ExitIBCError, "IBC does not find the Gateway's API precautions, which config.ini sets"}},
	{"failed to create tws settings directory", javaCodes[1106]},
	{"unexpected ioexception on ", javaCodes[1109]},
	{"problem creating ", javaCodes[1109]},
	{"problem writing to ", javaCodes[1109]},
	{"incorrect number of arguments", javaCodes[1102]},
	{"isrestart() called", javaCodes[1110]},
	{"isfix() called", javaCodes[1110]},
	{"unexpected setting value", javaCodes[1110]},
}

// scriptFailures are parts of the errors of the start scripts.
var scriptFailures = []failureText{
	{"error: can't detect operating system", scriptStatuses[8]},
	{"error: invalid parameter", scriptStatuses[3]},
	{"error: fix user id", scriptStatuses[3]},
	{"error: trading mode set to", meaning{supervisor.ExitBadCall, "IBC was called with a trading mode that is neither live nor paper"}},
	{"error: 2fa timeout action", meaning{supervisor.ExitBadCall, "IBC was called with a two-factor timeout action that is neither restart nor exit"}},
	{"error: tws major version number", scriptStatuses[2]},
	{"error: tws settings path", meaning{supervisor.ExitBadInstall, "the Gateway's settings folder is missing (tws_settings_path)"}},
	{"error: offline tws/gateway version", scriptStatuses[4]},
	{"error: ibc path", meaning{supervisor.ExitBadInstall, "IBC's folder is missing"}},
	{"error: ibc configuration file", scriptStatuses[6]},
	{"error: neither tws.vmoptions", scriptStatuses[7]},
	{"error: java installaton at ", meaning{supervisor.ExitNoJava, "there is no Java in the folder that IBC was told to take it from (java_path)"}},
	{"find suitable java installation", scriptStatuses[1]},
	{"error: no java executable found", scriptStatuses[1]},
}

// javaFailure is what a text of Java's means.
func javaFailure(text string) (meaning, bool) {
	return findFailure(javaFailures, text, strings.Contains)
}

// configFailure is what an error of IBC's means that ends it.
func configFailure(text string) (meaning, bool) {
	if m, ok := javaFailure(text); ok {
		return m, true
	}
	return findFailure(configFailures, text, strings.HasPrefix)
}

// scriptFailure is what an error of the start script means.
func scriptFailure(text string) (meaning, bool) {
	return findFailure(scriptFailures, text, strings.Contains)
}

func findFailure(all []failureText, text string, fits func(text, part string) bool) (meaning, bool) {
	text = strings.ToLower(text)
	for _, f := range all {
		if fits(text, f.text) {
			return f.meaning, true
		}
	}
	return meaning{}, false
}

// lastWords are the last ones of a run whose status nobody knows.
func (e ending) lastWords() string {
	if last := e.script.last; last != "" {
		return "; its last words: " + last
	}
	return ""
}
