package config

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"gatelight/supervisor/lazyregexp"
)

// A kind is what values a key takes, and what IBC makes of another one.
type kind struct {
	expected string            // what the value must be, for a person; "": free form
	ok       func(string) bool // for a value that is not empty
	// suggest makes the right spelling of a wrong value that can be understood,
	// or "". Nil: nothing can be understood.
	suggest     func(string) string
	otherwise   string                      // what IBC does with a wrong value; "": it takes the default
	trims       bool                        // IBC takes white space behind the value away (getString; getInt and getBoolean do not)
	secret      bool                        // never to be shown
	reads       func(string) (string, bool) // what Java takes off the front of a wrong value, if it finds something
	local       func(string) bool           // for a wrong value that is right in some languages
	localReason string
	addresses   bool // IP addresses or host names, of which only the former may be shown
	prompt      bool // any text may be meant, with quotes and signs
}

const (
	typesIt     = "types anything else into the Gateway's field as it stands"
	leavesClick = "leaves the question to somebody who clicks if it is anything else"
)

// What a wrong value leads to is what IBC 3.24.1 does where it reads the key
// (IbcTws.java, CommandServer.java, the Configure…Task and …DialogHandler
// classes), tried with Java.
var (
	text      = kind{ok: anything, trims: true}
	prompt    = kind{ok: anything, trims: true, prompt: true}
	addresses = kind{ok: anything, trims: true, addresses: true}
	secret    = kind{ok: anything, trims: true, secret: true}

	yesNo      = kind{expected: "yes or no", ok: oneOf(strings.EqualFold, "yes", "no", "true", "false"), suggest: suggestYesNo}
	precaution = kind{expected: "yes or no", ok: oneOf(strings.EqualFold, "yes", "no"), suggest: suggestYesNo, trims: true, otherwise: "ends at anything else, once it is logged in"}

	number      = kind{expected: "a whole number of seconds", ok: func(s string) bool { n, err := strconv.ParseInt(s, 10, 32); return err == nil && n > 0 }}
	commandPort = kind{expected: "a port number from 1 to 65535, or 0", ok: isPort, otherwise: "opens no command server then"}
	apiPort     = kind{expected: commandPort.expected, ok: isPort, otherwise: "cannot set the port then"}
	clientID    = kind{expected: "a whole number", ok: func(s string) bool { n, err := strconv.ParseInt(s, 10, 32); return err == nil && n >= 0 }, trims: true, otherwise: typesIt}

	// DateTimeFormatter "hh:mm a": two digits, one space, and AM or PM as the
	// system's language writes them, which is in capitals almost everywhere.
	clock12 = kind{expected: `a time such as "09:30 AM" or "11:45 PM"`, ok: clock12Form.MatchString, suggest: suggestClock12, trims: true, local: clock12Local.MatchString,
		localReason: "IBC takes am and pm in small letters only where the system's language writes them so, as in British English; everywhere else they must be capitals",
		otherwise:   "logs an error at anything else, and the time stays what it was"}
	clock24     = kind{expected: `a time from 00:00 to 23:59, such as "13:00"`, ok: clock24Form.MatchString, suggest: suggestClock24, trims: true, reads: javaClock, otherwise: "ends when it reads this"}
	dayAndClock = kind{expected: `a time such as "22:00", or a day and a time such as "Friday 22:00"`, ok: isDayAndClock, suggest: suggestDayAndClock, trims: true, reads: javaDayAndClock, otherwise: clock24.otherwise,
		local: isLocalDayAndClock, localReason: "IBC reads a day in the language of the system, and ends at one that it does not know there; a time without a day is read everywhere"}
	saveTimes = kind{expected: `times such as "08:00 17:30", or "Every 30 mins 08:00 17:30"`, ok: isSaveTimes, suggest: suggestTimes, trims: true, reads: javaTimes, otherwise: "saves nothing by itself at anything else"}

	orderIDReset = kind{expected: `two of confirm, reject and ignore, such as "ignore/ignore"`, ok: lazyregexp.New(`^(confirm|reject|ignore)/(confirm|reject|ignore)$`).MatchString, trims: true,
		otherwise: "cannot answer the Gateway's question then"}
	tradingMode     = anyCase("live", "paper").but("ends at anything else, unless it is started with a mode, as Gatelight does")
	existingSession = anyCase("primary", "primaryoverride", "secondary", "manual").but("takes anything else for secondary, and gives way to every other session")
	logEvents       = []string{"never", "open", "openclose", "activate", "yes", "no", "true", "false",
		"activated", "closed", "closing", "deactivated", "deiconified", "focused", "iconified", "lost focus", "opened", "state changed"}
)

// but is the kind with what IBC does at a wrong value.
func (k kind) but(otherwise string) kind {
	k.otherwise = otherwise
	return k
}

// javaAddress is what Java's InetAddress makes of an address: besides the usual
// ones 127.1, whose last number fills up the rest, and [::1]. A host name, which
// is looked up, gives no address; what is neither is not ok.
func javaAddress(s string) (a netip.Addr, ok bool) {
	if strings.EqualFold(s, "localhost") {
		s = "127.0.0.1"
	}
	inside, bracket := strings.CutPrefix(s, "[")
	if bracket {
		s, bracket = strings.CutSuffix(inside, "]")
		if !bracket || !strings.Contains(s, ":") {
			return a, false
		}
	}
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Unmap(), true
	}
	if numbersForm.MatchString(s) {
		return shortAddress(strings.Split(s, "."))
	}
	return a, hostForm.MatchString(s)
}

var (
	numbersForm = lazyregexp.New(`^[0-9][0-9.]*$`)
	hostForm    = lazyregexp.New(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$`)
)

func shortAddress(parts []string) (netip.Addr, bool) {
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var whole uint64
	for i, part := range parts {
		bits := 8
		if i == len(parts)-1 {
			bits = 8 * (5 - len(parts))
		}
		n, err := strconv.ParseUint(part, 10, bits)
		if err != nil {
			return netip.Addr{}, false
		}
		whole = whole<<bits | n
	}
	return netip.AddrFrom4([4]byte{byte(whole >> 24), byte(whole >> 16), byte(whole >> 8), byte(whole)}), true
}

func areAddresses(s string) bool {
	for a := range strings.SplitSeq(s, ",") {
		if ip, err := netip.ParseAddr(strings.TrimSpace(a)); (err != nil || ip.Zone() != "") && a != "localhost" { // a zone can be any text
			return false
		}
	}
	return true
}

func anything(string) bool { return true }

// anyCase and exactly are choices.
func anyCase(of ...string) kind { return choice(strings.EqualFold, of) }

func exactly(of ...string) kind { return choice(func(a, b string) bool { return a == b }, of) }

func choice(same func(a, b string) bool, of []string) kind {
	shown := of[:min(len(of), 4)]
	must := strings.Join(shown[:len(shown)-1], ", ") + " or " + shown[len(shown)-1]
	return kind{expected: must, ok: oneOf(same, of...), trims: true,
		suggest: func(s string) string {
			if s = strings.ToLower(s); slices.Contains(of, s) {
				return s
			}
			return ""
		}}
}

func oneOf(same func(a, b string) bool, of ...string) func(string) bool {
	return func(s string) bool { return slices.ContainsFunc(of, func(o string) bool { return same(o, s) }) }
}

func suggestYesNo(s string) string {
	switch strings.ToLower(s) {
	case "yes", "y", "true", "on", "1":
		return "yes"
	case "no", "n", "false", "off", "0":
		return "no"
	}
	return ""
}

// isPort reads as Java's Integer.parseInt does, which takes a plus sign, too.
func isPort(s string) bool {
	n, err := strconv.ParseInt(s, 10, 32)
	return err == nil && n >= 0 && n <= 65535
}
