package ibc

import (
	"fmt"
	"time"

	"gatelight/supervisor"
)

// An exitMeaning is why a Gateway has ended, as a kind and in words.
type exitMeaning struct {
	reason supervisor.ExitReason
	text   string
}

// exitStatuses are the exit statuses of ibcstart.sh, of IBC's Java part
// (ErrorCodes.java, 1100 to 1112, which arrive modulo 256), and of a shell
// whose child was ended by a signal (128 and its number). IBC 3.24.1.
var exitStatuses = map[int]exitMeaning{
	0: {supervisor.ExitClosed, "it closed normally"},
	1: {supervisor.ExitNoJava, "IBC found no Java; install the Gateway again, which brings its own"},
	2: {supervisor.ExitBadCall, "IBC was not told which Gateway version to start"},
	3: {supervisor.ExitBadCall, "IBC did not understand how it was called"},
	4: {supervisor.ExitBadInstall, "that Gateway version is not installed"},
	5: {supervisor.ExitBadInstall, "a folder IBC needs is missing"},
	6: {supervisor.ExitBadConfig, "IBC's config.ini is missing"},
	7: {supervisor.ExitBadInstall, "the Gateway's vmoptions file is missing"},
	8: {supervisor.ExitIBCError, "IBC does not know this operating system"},

	1100 % 256: {supervisor.ExitIBCError, "IBC met an error it did not expect; its log has the details"},
	1101 % 256: {supervisor.ExitIBCError, "IBC did not find its way in the Gateway's windows; this Gateway version may be too new for it"},
	1102 % 256: {supervisor.ExitBadCall, "IBC was called with a wrong number of arguments"},
	1103 % 256: {supervisor.ExitBadConfig, "IBC's config.ini does not exist"},
	1104 % 256: {supervisor.ExitBadConfig, "TradingMode in config.ini is neither live nor paper"},
	1105 % 256: {supervisor.ExitBadConfig, "ClosedownAt in config.ini is not a day and time"},
	1106 % 256: {supervisor.ExitBadInstall, "IBC could not create the Gateway's settings folder"},
	1107 % 256: {supervisor.ExitIBCError, "IBC did not find how to start this Gateway version; it may be too new for it"},
	1108 % 256: {supervisor.ExitBadInstall, "the path of the Gateway's jts.ini is not valid"},
	1109 % 256: {supervisor.ExitBadInstall, "the Gateway's jts.ini could not be read or written"},
	1110 % 256: {supervisor.ExitIBCError, "IBC came into a state it does not know; its log has the details"},
	1111 % 256: {supervisor.ExitTwoFactorTimeout, "two-factor approval timed out"},
	1112 % 256: {supervisor.ExitNoLoginDialog, "the login dialog never appeared"},

	129: {supervisor.ExitSignal, "its terminal was closed"}, // SIGHUP
	130: {supervisor.ExitSignal, "it was interrupted"},
	134: {supervisor.ExitCrashed, "Java crashed"},
	137: {supervisor.ExitKilled, "it was killed"},
	139: {supervisor.ExitCrashed, "Java crashed"},
	143: {supervisor.ExitSignal, "it was asked to end by a signal"},
}

// signalStatus is where a shell's statuses for signals begin.
const signalStatus = 128

// newExit is the end of a Gateway with this exit status of IBC's script; -1
// when it is not known.
func newExit(at time.Time, status int) supervisor.Exit {
	m, known := exitStatuses[status]
	switch {
	case known:
	case status < 0:
		m = exitMeaning{supervisor.ExitUnknown, "nobody saw how"}
	case status > signalStatus && status < signalStatus+32:
		m = exitMeaning{supervisor.ExitSignal, fmt.Sprintf("it was ended by signal %d", status-signalStatus)}
	default:
		m = exitMeaning{supervisor.ExitOther, fmt.Sprintf("IBC ended with status %d", status)}
	}
	return supervisor.Exit{At: at, Status: status, Reason: m.reason, Why: m.text}
}
