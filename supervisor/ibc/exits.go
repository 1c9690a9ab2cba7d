package ibc

import "fmt"

// The exit statuses of ibcstart.sh, of IBC's Java part (ErrorCodes.java, 1100 to
// 1112, which arrive modulo 256), and of a shell whose child was ended by a
// signal (128 and its number). IBC 3.24.1.
var exits = map[int]string{
	0: "it closed normally",
	1: "IBC found no Java; install the Gateway again, which brings its own",
	2: "IBC was not told which Gateway version to start",
	3: "IBC did not understand how it was called",
	4: "that Gateway version is not installed",
	5: "a folder IBC needs is missing",
	6: "IBC's config.ini is missing",
	7: "the Gateway's vmoptions file is missing",
	8: "IBC does not know this operating system",

	1100 % 256: "IBC met an error it did not expect; its log has the details",
	1101 % 256: "IBC did not find its way in the Gateway's windows; this Gateway version may be too new for it",
	1102 % 256: "IBC was called with a wrong number of arguments",
	1103 % 256: "IBC's config.ini does not exist",
	1104 % 256: "TradingMode in config.ini is neither live nor paper",
	1105 % 256: "ClosedownAt in config.ini is not a day and time",
	1106 % 256: "IBC could not create the Gateway's settings folder",
	1107 % 256: "IBC did not find how to start this Gateway version; it may be too new for it",
	1108 % 256: "the path of the Gateway's jts.ini is not valid",
	1109 % 256: "the Gateway's jts.ini could not be read or written",
	1110 % 256: "IBC came into a state it does not know; its log has the details",
	1111 % 256: "two-factor approval timed out",
	1112 % 256: "the login dialog never appeared",

	129: "it was hung up on",
	130: "it was interrupted",
	134: "Java crashed",
	137: "it was killed",
	139: "Java crashed",
	143: "it was asked to end by a signal",
}

// endedBySignal is where a shell's statuses for signals begin.
const endedBySignal = 128

// exitWords says what an exit status of IBC's script means.
func exitWords(status int) string {
	switch w, ok := exits[status]; {
	case ok:
		return w
	case status < 0:
		return "nobody saw how"
	case status > endedBySignal && status < endedBySignal+32:
		return fmt.Sprintf("it was ended by signal %d", status-endedBySignal)
	}
	return fmt.Sprintf("IBC ended with status %d", status)
}
