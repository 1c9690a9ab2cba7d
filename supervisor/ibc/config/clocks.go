package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor/lazyregexp"
)

var (
	clock12Form  = lazyregexp.New(`^(0[0-9]|1[0-2]):[0-5][0-9] (AM|PM)$`)
	clock12Local = lazyregexp.New(`^(0[0-9]|1[0-2]):[0-5][0-9] (am|pm)$`)
	clock24Form  = lazyregexp.New(`^([01]?[0-9]|2[0-3]):[0-5]?[0-9]$`)
	clockForm    = lazyregexp.New(`(?i)^([0-9]{1,2})[:.]([0-9]{2})\s*([ap]m)?$`)
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
	if hour == 24 && minute == 0 {
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

// days are those of SimpleDateFormat "E" in English: whole or three letters, in
// any case.
const days = `(?i:sunday|monday|tuesday|wednesday|thursday|friday|saturday|sun|mon|tue|wed|thu|fri|sat)`

var (
	dayAndClockForm = lazyregexp.New(`^` + days + ` +([^ ].*)$`)
	clockAndDayForm = lazyregexp.New(`^(.*?)[ \t,]+(` + days + `)$`)
	dayForm         = lazyregexp.New(`^` + days)
	noDay           = lazyregexp.New(`^(?i:every|everyday|daily|each|weekdays?|weekends?|nightly|at|tues|weds|thur|thurs)\b`)
	anyWordForm     = lazyregexp.New(`^[^\x00-@\[-` + "`" + `{-~]+\.? +([^ ].*)$`)
)

// splitDay takes a day in English off the front, with the blanks behind it.
func splitDay(s string) (day, clock string) {
	m := dayAndClockForm.FindStringSubmatch(s)
	if m == nil {
		return "", s
	}
	return s[:len(s)-len(m[1])], m[1]
}

func isDayAndClock(s string) bool {
	_, clock := splitDay(s)
	return clock24Form.MatchString(clock)
}

// isLocalDayAndClock reports a day that may be one in another language.
func isLocalDayAndClock(s string) bool {
	m := anyWordForm.FindStringSubmatch(s)
	return m != nil && !dayForm.MatchString(s) && !noDay.MatchString(s) && clock24Form.MatchString(m[1])
}

func suggestDayAndClock(s string) string {
	if m := clockAndDayForm.FindStringSubmatch(s); m != nil {
		if c := suggestClock24(m[1]); c != "" {
			return m[2] + " " + c
		}
	}
	day := dayForm.FindString(s)
	c := suggestClock24(strings.TrimLeft(s[len(day):], " \t,.")) // what a person means, of which Java reads less
	if day == "" || c == "" {
		return c
	}
	return day + " " + c
}

// Language is the one in which Java reads names of days on Linux, by the
// environment, such as en; "" where that says nothing.
func Language(getenv func(string) string) string {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	language := languageForm.FindString(locale)
	if language == "C" || language == "POSIX" {
		return "en"
	}
	return language
}

// languageForm is the language of a locale such as de_AT.UTF-8.
var languageForm = lazyregexp.New(`^[A-Za-z]+`)

// day finds an English day where Java reads another language.
func (c rules) day() {
	const key = "ClosedownAt"
	day, _ := splitDay(c.get(key))
	if language := c.place.Language; day != "" && language != "" && language != "en" && !c.said(key) {
		c.addForKey(key, Warning, "", "the language here is %q, and IBC reads days in the language of the system: it ends at an English one if that is installed; a time without a day is read everywhere", language)
	}
}

// javaClockForm is what SimpleDateFormat "HH:mm", which is lenient, reads off
// the front of a text: numbers of any size.
var javaClockForm = lazyregexp.New(`^[ \t]*(-?[0-9]{1,9}):[ \t]*(-?[0-9]{1,9})`)

// javaMinutes are those since midnight that Java reads there, which may be on
// another day.
func javaMinutes(s string) (minutes int, ok bool) {
	m := javaClockForm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	return hour*60 + minute, true
}

const minutesOfDay = 24 * 60

// javaClock is the time that Java reads there, and false where it finds none.
func javaClock(s string) (text string, ok bool) {
	at, ok := javaMinutes(s)
	if !ok {
		return "", false
	}
	at = (at%minutesOfDay + minutesOfDay) % minutesOfDay
	return fmt.Sprintf("%02d:%02d", at/60, at%60), true
}

// javaDayAndClock is what IBC makes of ClosedownAt: a day and a time, or else a
// time of every day.
func javaDayAndClock(s string) (text string, ok bool) {
	day, clock := splitDay(s)
	text, ok = javaClock(clock)
	if day == "" || !ok {
		return text, ok
	}
	at, _ := javaMinutes(clock)
	day = strings.TrimRight(day, " ")
	if later := (at - (at%minutesOfDay+minutesOfDay)%minutesOfDay) / minutesOfDay; later != 0 {
		const names = "sunmontuewedthufrisat"
		today := strings.Index(names, strings.ToLower(day[:3])) / 3
		day = time.Weekday(((today+later)%7 + 7) % 7).String()
	}
	return day + " " + text, true
}

// javaTimes is what IBC makes of times with blanks between them.
func javaTimes(s string) (text string, ok bool) { return eachTime(s, javaClock) }

func suggestTimes(s string) string {
	text, _ := eachTime(s, func(word string) (string, bool) {
		at := suggestClock24(word)
		return at, at != ""
	})
	return text
}

func eachTime(s string, clock func(string) (string, bool)) (text string, ok bool) {
	words := strings.Fields(s)
	for i, word := range words {
		if words[i], ok = clock(word); !ok {
			return "", false
		}
	}
	return strings.Join(words, " "), ok
}

// isSaveTimes follows IBC's TwsSettingsSaver.java.
func isSaveTimes(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' })
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
