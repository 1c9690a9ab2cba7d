package ibc

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"gatelight/supervisor"
)

var years = flag.Float64("years", 0, "how many years of log are read in the words of each version of IBC; 0: some weeks")

// logVersions have all the words that IBC has had for starts and logins.
var logVersions = []string{"3.8.1", "3.8.2", "3.8.3", "3.8.7", "3.9.0", "3.10.0", "3.11.2", "3.12.0", "3.13.0", "3.14.0", "3.15.2",
	"3.16.2", "3.17.0", "3.18.0", "3.19.0", "3.20.0", "3.21.2", "3.22.0", "3.23.0", "3.24.1"}

// A logWriter writes the log of a Gateway under one version of IBC, and counts
// what is in it.
type logWriter struct {
	r       *rand.Rand
	version ibcVersion
	text    strings.Builder
	now     time.Time
	real    [][]byte // logs of the real program

	logins, launches, completed, stops int
}

// since reports that the version is 3.minor.patch or newer.
func (w *logWriter) since(minor, patch int) bool { return !w.version.isBefore(3, minor, patch) }

// raw are lines of the script or of Java, without a time.
func (w *logWriter) raw(lines ...string) {
	for _, line := range lines {
		w.text.WriteString(line + "\n")
	}
}

// log are lines of IBC's. Up to 3.16.2 their first letter is a capital.
func (w *logWriter) log(lines ...string) {
	for _, line := range lines {
		w.now = w.now.Add(time.Duration(w.r.IntN(900)) * time.Millisecond)
		if !w.since(17, 0) {
			line = string(unicode.ToUpper(rune(line[0]))) + line[1:]
		}
		fmt.Fprintf(&w.text, "%s:%03d IBC: %s\n", w.now.Format("2006-01-02 15:04:05"), w.now.Nanosecond()/1e6, line)
	}
}

// script is the begin of a start script.
func (w *logWriter) script() {
	w.raw(attendedStart, "Starting IBC version "+w.versionText()+" on "+w.now.Format("2006-01-02 at 15:04:05"), "Arguments:", "--ibc-ini = /home/trader/ibc/config.ini")
	if !w.since(15, 0) { // the others have it before each Java
		w.raw("Starting Gateway with this command:", `"/home/trader/Jts/jre/bin/java" -cp "x" ibcalpha.ibc.IbcGateway "/home/trader/ibc/config.ini"`)
	}
}

func (w *logWriter) versionText() string {
	return fmt.Sprintf("%d.%d.%d", w.version.major, w.version.minor, w.version.patch)
}

// java is the begin of a Java process.
func (w *logWriter) java(keepsLogin bool) {
	w.launches++
	if w.since(23, 0) {
		w.raw("Finding autorestart file")
	}
	if w.since(17, 0) {
		if keepsLogin {
			w.raw("autorestart file found at /home/trader/Jts/x/autorestart", "AUTORESTART_OPTION is -Drestart=x")
		} else {
			w.raw("autorestart file not found")
		}
	}
	if w.since(15, 0) {
		option := ""
		if keepsLogin {
			option = " -Drestart=x"
		}
		w.raw("Java VM Options=-Xmx768m"+option, "Starting Gateway with this command:", `"/home/trader/Jts/jre/bin/java" ibcalpha.ibc.IbcGateway`)
	}
	w.raw("IBC Settings:", "    IbLoginId=***", "    TradingMode=paper", "End IBC Settings")
	w.log("version: " + w.versionText())
	w.raw("System Properties", "java.version = 17.0.10")
	if keepsLogin {
		w.log("Re-starting session")
	} else {
		w.log("Starting session: will exit if login dialog is not displayed within 60 seconds")
	}
	w.log("detected frame entitled: IBKR Gateway; event=Opened")
	if w.since(15, 0) {
		w.log("Login dialog WINDOW_OPENED: LoginState is LOGGED_OUT")
	}
}

// again is what the script prints before its next Java.
func (w *logWriter) again(status int) {
	w.raw(fmt.Sprint("IBC returned exit status ", status), "IBC will restart shortly", "sleep 2")
	w.now = w.now.Add(2 * time.Second)
}

// login is one attempt.
func (w *logWriter) login() {
	w.logins++
	w.log("Setting Trading mode = paper")
	if w.since(14, 0) {
		w.log("Login attempt: 1")
	}
	button := []string{"Login", "Log In", "Paper Log In"}[w.r.IntN(3)]
	w.log("Click button: "+button, "Button now disabled: "+button, "detected frame entitled: Authenticating...; event=Opened")
}

// complete is the end of a login, and what follows it.
func (w *logWriter) complete() {
	w.completed++
	done := "Login has completed"
	if !w.since(8, 3) {
		done = "Login completed"
	}
	w.log(done, "detected dialog entitled: DU1 Trader Workstation Configuration (Simulated Trading); event=Opened",
		"Click button: OK", "Configuration tasks completed")
}

// twoFactor is a request that is approved, or not.
func (w *logWriter) twoFactor(wait time.Duration) {
	w.log("detected dialog entitled: Second Factor Authentication; event=Opened")
	if w.since(8, 3) {
		w.log("Second Factor Authentication initiated")
	}
	w.now = w.now.Add(wait)
	w.log("detected dialog entitled: Second Factor Authentication; event=Closed")
	if w.since(14, 0) {
		w.log(fmt.Sprintf("Duration since login: %d seconds", int(wait.Seconds())))
	} else if w.since(8, 3) {
		w.log("Second Factor Authentication dialog closed")
	}
}

// day is one day: nothing but the nightly restart, or something more.
func (w *logWriter) day() {
	switch w.r.IntN(12) {
	case 0: // a new start with a request
		w.script()
		w.java(false)
		w.login()
		w.twoFactor(time.Duration(5+w.r.IntN(100)) * time.Second)
		w.complete()
	case 1: // a request that is missed, and the login that follows it
		w.script()
		w.java(false)
		w.login()
		w.twoFactor(185 * time.Second)
		if w.since(14, 0) {
			w.log("Re-login after second factor authentication timeout in 5 seconds")
			w.login()
		} else {
			w.again(87)
			w.java(false)
			w.login()
		}
		w.twoFactor(20 * time.Second)
		w.complete()
	case 2: // refused logins
		w.script()
		for range 1 + w.r.IntN(4) {
			w.java(false)
			w.login()
			w.log("detected dialog entitled: Login failed; event=Opened", "Login failed", "Cold restart in progress", "Click button: OK", "Login has not completed: exiting immediately")
			w.again(0)
		}
		w.java(false)
		w.login()
		w.complete()
	case 3: // an error between exclamation marks, and a Java that is killed
		w.script()
		w.java(false)
		w.text.WriteString(errorBlock("Autorestart file: something about Click button: Log In"))
		w.login()
		w.raw("/opt/ibc/scripts/ibcstart.sh: line 536: 29914 Killed   java", "IBC returned exit status 137")
	case 4: // what looks like a login and is none
		w.script()
		w.java(false)
		w.raw("2026-11-23 14:55:57,403 JTS-Main INFO Click button: Log In", "Click button: Log In")
		w.log("Click button: Continue Login", "detected dialog entitled: Click button: Log In; event=Opened", "Click button: OK",
			"detected dialog entitled: Click button: Log In; event=Closed")
		w.login()
		w.complete()
	case 5: // STOP
		w.stops++
		w.log("CommandServer received command: STOP", "Login has completed: exiting via [File, Close] menu",
			"detected dialog entitled: IBKR Gateway; event=Opened", "Click button: Yes", "detected dialog entitled: Shutdown progress; event=Opened")
		w.raw("IBC returned exit status 0", "Gateway finished")
		w.script()
		w.java(false)
		w.login()
		w.complete()
	case 6: // another session has replaced this one
		w.log("detected dialog entitled: Re-login is required; event=Opened", "Re-login to session", "Click button: Re-login")
		w.logins++
	case 7:
		w.realLog()
	}
	w.now = time.Date(w.now.Year(), w.now.Month(), w.now.Day(), 23, 45, 0, 0, time.Local)
	w.log("Auto restart time already set to 11:45 PM", "detected dialog entitled: Shutdown progress; event=Opened")
	w.again(0)
	keeps := w.since(15, 0) && w.now.Weekday() != time.Sunday
	w.java(keeps)
	if !keeps {
		w.login()
	}
	w.complete()
	w.now = time.Date(w.now.Year(), w.now.Month(), w.now.Day()+1, 9, 0, 0, 0, time.Local)
}

var (
	realLogin    = regexp.MustCompile(`(?m) IBC: Click button: (Paper )?Log In$`)
	realLaunch   = regexp.MustCompile(`(?m)^Starting Gateway with this command`)
	realComplete = regexp.MustCompile(`(?m) IBC: Login has completed$`)
	realStop     = regexp.MustCompile(`(?m) IBC: CommandServer received command: STOP$`)
)

// realLog is a log of the real program, of the only version that there are logs
// of.
func (w *logWriter) realLog() {
	if !w.since(24, 0) {
		return
	}
	text := w.real[w.r.IntN(len(w.real))]
	w.text.Write(text)
	w.logins += len(realLogin.FindAll(text, -1))
	w.launches += len(realLaunch.FindAll(text, -1))
	w.completed += len(realComplete.FindAll(text, -1))
	w.stops += len(realStop.FindAll(text, -1))
}

// In the words of every version of IBC, whatever happens, each login, launch and
// completed login is counted once: while the log is written, and when all of it
// is read later.
func TestAYearOfLogIsCountedExactlyInEveryVersion(t *testing.T) {
	var real [][]byte
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal("there are no logs of the real program: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		real = append(real, text)
	}
	days := 30
	if *years > 0 {
		days = int(365 * *years)
	}
	for i, version := range logVersions {
		w := &logWriter{r: rand.New(rand.NewPCG(uint64(i), 3)), version: parseVersion(version), now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.Local), real: real}
		w.script()
		w.java(false)
		w.login()
		w.complete()
		for range days {
			w.day()
		}
		w.compare(t, version)
	}
}

// compare reads the log in pieces, and then as a whole.
func (w *logWriter) compare(t *testing.T, version string) {
	text := w.text.String()
	var pieces []string
	for len(text) > 0 {
		n := min(len(text), 1+w.r.IntN(20_000))
		pieces, text = append(pieces, text[:n]), text[n:]
	}
	events, _ := readLog(t, pieces...)
	var logins, launches, completed, stops int
	for _, e := range events {
		switch e := e.(type) {
		case supervisor.LoginSeen:
			logins++
		case supervisor.LaunchSeen:
			launches++
		case supervisor.PlannedEndSeen:
			stops++
		case supervisor.PhaseSeen:
			if e.Phase == supervisor.LoggedIn {
				completed++
			}
		}
	}
	if logins != w.logins || launches != w.launches || completed != w.completed || stops != w.stops {
		t.Errorf("IBC %s: %d logins, %d launches, %d completed, %d stops; the log has %d, %d, %d, %d", version,
			logins, launches, completed, stops, w.logins, w.launches, w.completed, w.stops)
	}
	past := 0
	writtenLog(t, w.text.String()).readPast(func(e supervisor.LoginSeen) { past += 1 + e.More }, func(supervisor.Event) {})
	if past != w.logins {
		t.Errorf("IBC %s: %d logins when the whole log is read later, want %d", version, past, w.logins)
	}
}
