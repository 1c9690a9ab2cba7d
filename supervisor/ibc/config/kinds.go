package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A kind is what values a key takes, and what IBC makes of another one.
type kind struct {
	expected string            // what the value must be, for a person
	ok       func(string) bool // for a value that is not empty
	// suggest makes the right spelling of a wrong value that can be understood,
	// or "". Nil: nothing can be understood.
	suggest   func(string) string
	example   string
	trims     bool              // IBC takes white space behind the value away (getString; getInt and getBoolean do not)
	fatal     bool              // IBC ends at a wrong value; otherwise it takes the default
	secret    bool              // never to be shown
	local     func(string) bool // for a wrong value that is right in some languages
	addresses bool              // IP addresses or host names, of which only the former may be shown
}

var (
	text      = kind{ok: anything, trims: true}
	addresses = kind{ok: anything, trims: true, addresses: true}
	secret    = kind{ok: anything, trims: true, secret: true}

	yesNo      = kind{expected: "yes or no", ok: oneOf(strings.EqualFold, "yes", "no", "true", "false"), suggest: suggestYesNo, example: "no"}
	precaution = kind{expected: "yes or no", ok: oneOf(strings.EqualFold, "yes", "no"), suggest: suggestYesNo, example: "no", trims: true, fatal: true}

	number   = kind{expected: "a whole number of seconds", ok: func(s string) bool { n, err := strconv.ParseInt(s, 10, 32); return err == nil && n > 0 }, example: "60"}
	port     = kind{expected: "a port number from 1 to 65535, or 0", ok: isPort, example: "0"}
	clientID = kind{expected: "a whole number", ok: func(s string) bool { n, err := strconv.ParseInt(s, 10, 32); return err == nil && n >= 0 }, example: "", trims: true}

	// DateTimeFormatter "hh:mm a": two digits, one space, and AM or PM as the
	// system's language writes them, which is in capitals almost everywhere.
	clock12 = kind{expected: `a time such as "09:30 AM" or "11:45 PM"`, ok: clock12Form.MatchString, suggest: suggestClock12, example: "11:45 PM", trims: true, local: clock12Local.MatchString}
	// SimpleDateFormat "HH:mm" takes 25:00 for 01:00 and ignores what follows
	// ("07:05 PM" is five past seven in the morning), so it is held to its word
	// here.
	clock24     = kind{expected: `a time from 00:00 to 23:59, such as "13:00"`, ok: clock24Form.MatchString, suggest: suggestClock24, example: "13:00", trims: true, fatal: true}
	dayAndClock = kind{expected: `a time such as "22:00", or a day and a time such as "Friday 22:00"`, ok: isDayAndClock, suggest: suggestClock24, example: "Friday 22:00", trims: true, fatal: true}
	saveTimes   = kind{expected: `times such as "08:00 17:30", or "Every 30 mins 08:00 17:30"`, ok: isSaveTimes, example: "Every 30 mins", trims: true}

	orderIDReset = kind{expected: `two of confirm, reject and ignore, such as "ignore/ignore"`, ok: regexp.MustCompile(`^(confirm|reject|ignore)/(confirm|reject|ignore)$`).MatchString, example: "ignore/ignore", trims: true}
	tradingMode  = func() kind { k := anyCase("live", "paper"); k.example, k.fatal = "paper", true; return k }()
	logWhen      = anyCase("never", "open", "openclose", "activate", "yes", "no", "true", "false",
		"activated", "closed", "closing", "deactivated", "deiconified", "focused", "iconified", "lost focus", "opened", "state changed")
)

func areAddresses(s string) bool {
	for a := range strings.SplitSeq(s, ",") {
		if ip, err := netip.ParseAddr(strings.TrimSpace(a)); (err != nil || ip.Zone() != "") && a != "localhost" { // a zone can be any text
			return false
		}
	}
	return true
}

func anything(string) bool { return true }

// anyCase and exactly are choices; the first is the one to propose.
func anyCase(of ...string) kind { return choice(strings.EqualFold, of) }

func exactly(of ...string) kind { return choice(func(a, b string) bool { return a == b }, of) }

func choice(same func(a, b string) bool, of []string) kind {
	shown := of[:min(len(of), 4)]
	must := strings.Join(shown[:len(shown)-1], ", ") + " or " + shown[len(shown)-1]
	return kind{expected: must, ok: oneOf(same, of...), example: of[0], trims: true,
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

var (
	clock12Form  = regexp.MustCompile(`^(0[0-9]|1[0-2]):[0-5][0-9] (AM|PM)$`)
	clock12Local = regexp.MustCompile(`^(0[0-9]|1[0-2]):[0-5][0-9] (am|pm)$`)
	clock24Form  = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):[0-5]?[0-9]$`)
	clockForm    = regexp.MustCompile(`(?i)^([0-9]{1,2})[:.]([0-9]{2})\s*([ap]m)?$`)
)

// clock understands a time as people write it.
func clock(s string) (hour, minute int, ok bool) {
	m := clockForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, 0, false
	}
	hour, _ = strconv.Atoi(m[1])
	minute, _ = strconv.Atoi(m[2])
	half := strings.ToLower(m[3])
	if half != "" && (hour < 1 || hour > 12) && !(half == "pm" && hour < 24) {
		return 0, 0, false
	}
	switch {
	case half == "pm" && hour < 12:
		hour += 12
	case half == "am" && hour == 12:
		hour = 0
	}
	return hour, minute, hour < 24 && minute < 60
}

func suggestClock12(s string) string {
	hour, minute, ok := clock(s)
	if !ok {
		return ""
	}
	half := "AM"
	if hour >= 12 {
		half = "PM"
	}
	return fmt.Sprintf("%02d:%02d %s", (hour+11)%12+1, minute, half)
}

func suggestClock24(s string) string {
	hour, minute, ok := clock(s)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", hour, minute)
}

// isDayAndClock takes any words for a day: IBC reads days in the language of
// the system, which may be another one there.
func isDayAndClock(s string) bool {
	words := strings.Fields(s)
	n := len(words) - 1
	return n >= 0 && clock24Form.MatchString(words[n]) && !strings.ContainsAny(strings.Join(words[:n], ""), "0123456789:")
}

// isSaveTimes follows IBC's TwsSettingsSaver.java.
func isSaveTimes(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 {
		return false
	}
	if !strings.EqualFold(words[0], "Every") {
		return !slices.ContainsFunc(words, func(w string) bool { return !clock24Form.MatchString(w) })
	}
	if len(words) < 2 {
		return false
	}
	every, err := strconv.Atoi(words[1])
	words = words[2:]
	if len(words) > 0 && strings.EqualFold(words[0], "hours") {
		every, words = every*60, words[1:]
	} else if len(words) > 0 && strings.EqualFold(words[0], "mins") {
		words = words[1:]
	}
	return err == nil && every >= 1 && every <= 1439 && len(words) <= 2 &&
		!slices.ContainsFunc(words, func(w string) bool { return w != "24:00" && !clock24Form.MatchString(w) })
}
