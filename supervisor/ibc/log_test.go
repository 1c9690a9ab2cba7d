package ibc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// describe writes events as a person would list them.
func describe(events []supervisor.Event) string {
	var words []string
	for _, e := range events {
		switch e := e.(type) {
		case supervisor.LaunchSeen:
			words = append(words, "LAUNCH")
		case supervisor.LoginProblemSeen:
			word := "problem " + string(e.Reason)
			if e.Reason == "" {
				word = "goes on"
			} else if e.Waits {
				word += " waits"
			}
			words = append(words, word)
		case supervisor.PhaseSeen:
			words = append(words, string(e.Phase))
		case supervisor.LoginSeen:
			words = append(words, "LOGIN "+e.At.Format("15:04:05"))
		case supervisor.PlannedEndSeen:
			word := "STOP"
			if e.Why != "" {
				word = "PLANNED " + e.Why
			}
			words = append(words, word)
		default:
			words = append(words, fmt.Sprintf("%T", e))
		}
	}
	return strings.Join(words, ", ")
}

// writtenLog is a log with that text.
func writtenLog(t *testing.T, text string) *runLog {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ibc.log")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := newRunLog(path)
	t.Cleanup(l.close)
	return l
}

// readLog reads a log that is written in these pieces, and returns its events
// and the exit status in it.
func readLog(t *testing.T, pieces ...string) (events []supervisor.Event, status int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ibc.log")
	in, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	log := newRunLog(path)
	defer log.close()
	for _, piece := range pieces {
		if _, err := in.WriteString(piece); err != nil {
			t.Fatal(err)
		}
		log.readAll(log.read, func(e supervisor.Event) { events = append(events, e) })
	}
	return events, log.status
}

// The lines are those of IBC 3.24.1 and its ibcstart.sh.
func TestEventsOfLogLines(t *testing.T) {
	const at = "2026-11-23 14:55:57:403 IBC: "
	for _, tt := range []struct{ line, want string }{
		{"Starting IBC version 3.24.1 on 2026-11-23 at 14:55:55", "launching"},
		{"Starting Gateway with this command:", "launching, LAUNCH"},
		{"Starting TWS with this command:", "launching, LAUNCH"},
		{"autorestart file found at /home/trader/Jts/stubsession/autorestart: authentication will not be required", "restarting"},
		{"autorestart file not found: full authentication will be required", ""},
		{"IBC will cold-restart shortly", "launching"},
		{"IBC will restart shortly", "launching"},
		{"IBC returned exit status 0", ""},
		{"Gateway finished", ""},
		{"    IbPassword=***", ""},

		{at + "Starting session: will exit if login dialog is not displayed within 60 seconds", ""},
		{at + "Login dialog WINDOW_OPENED: LoginState is LOGGED_OUT", ""},
		{at + "Login attempt: 1", "login"}, // since 3.14; the click follows
		{at + "Click button: Log In", "login, LOGIN 14:55:57"},
		{at + "Click button: Paper Log In", "login, LOGIN 14:55:57"},
		{at + "Click button: Login", "login, LOGIN 14:55:57"},
		{at + "Click button: Paper-Login", "login, LOGIN 14:55:57"},
		{at + "Click button: Log In again", ""},
		{at + "Click button: Continue Login", ""},
		{at + "Click button: Re-login", ""},
		{at + "Button now disabled: Log In", ""},
		{at + "Re-login to session", "LOGIN 14:55:57"},
		{at + "Login completed", "logged_in"}, // 3.8.1 and 3.8.2
		{at + "version: 3.24.1", "launching, LAUNCH"},
		{at + "Version: 3.12.0", "launching, LAUNCH"},
		{at + "detected dialog entitled: Second Factor Authentication; event=Opened", ""},
		{at + "Second Factor Authentication initiated", "two_factor"},
		{at + "detected dialog entitled: Second Factor Authentication; event=Focused", ""},
		{at + "detected dialog entitled: Second Factor Authentication; event=Closed", ""},
		{at + "Duration since login: 6 seconds", "login"},
		{at + "Login has completed", "logged_in"},
		{at + "Login has completed: exiting via [File, Close] menu", "PLANNED at the time set as ClosedownAt in config.ini"},
		{at + "Login has not completed: exiting immediately", "PLANNED at the time set as ClosedownAt in config.ini"},
		{at + "Re-starting session", "restarting"},
		{at + "CommandServer received command: RESTART", "restarting"},
		{at + "CommandServer received command: STOP", "STOP"},
		{at + "CommandServer received command: stop", "STOP"}, // IBC takes either, and logs what was sent
		{at + "CommandServer received command: Restart", "restarting"},
		{at + "CommandServer received command: RECONNECTDATA", ""},
		{at + "STOP", ""},
		{at + "RestartTask: verb = RESTART", ""},
		{at + "Login failed", "problem login_refused"},
		{at + "Exiting after error with exit code=1111", ""},

		// What another program prints is not IBC's word.
		{"Login has completed", ""},
		{"Click button: Log In", ""},
		{"CommandServer received command: STOP", ""},
		{"2026-11-23 14:55:57:403 TWS: Login has completed", ""},
		{"14:55:57:403 IBC: Login has completed", ""},
		{"2026-99-23 14:55:57:403 IBC: Login has completed", ""},
		{at + "detected dialog entitled: Login has completed; event=Opened", "problem dialog waits"},
		{"", ""},
		{" IBC: ", ""},
	} {
		for name, end := range map[string]string{"": "\n", " (CRLF)": "\r\n"} {
			events, _ := readLog(t, tt.line+end)
			if got := describe(events); got != tt.want {
				t.Errorf("%s%s: %q, want %q", tt.line, name, got, tt.want)
			}
		}
		if events, _ := readLog(t, tt.line); len(events) != 0 {
			t.Errorf("%s: taken in before its end: %q", tt.line, describe(events))
		}
	}
}

// The lines are in the order in which IBC writes them.
func TestEventsOfWholeRuns(t *testing.T) {
	const (
		start  = "Starting IBC version 3.24.1 on 2026-11-23 at 14:58:59\nautorestart file not found: full authentication will be required\nStarting Gateway with this command:\n"
		login  = "2026-11-23 14:59:01:295 IBC: Click button: Log In\n"
		logged = "2026-11-23 14:59:03:161 IBC: Login has completed\n"
		found  = "Finding autorestart file\nautorestart file found at /home/trader/Jts/stubsession/autorestart: authentication will not be required\n"
		again  = "IBC will restart shortly\nsleep 2\nStarting Gateway with this command:\n"
		stop   = "2026-11-23 14:59:10:872 IBC: CommandServer received command: STOP\n2026-11-23 14:59:10:874 IBC: Login has completed: exiting via [File, Close] menu\n"
	)
	for _, tt := range []struct {
		name, log, want string
		status          int // -1: not in the log
	}{
		{"login and STOP", start + login + logged + stop + "IBC returned exit status 0\n",
			"launching, launching, LAUNCH, login, LOGIN 14:59:01, logged_in, STOP", 0},
		{"an approval", start + login + "2026-11-23 14:59:02:025 IBC: Second Factor Authentication initiated\n" +
			"2026-11-23 14:59:02:027 IBC: Duration since login: 1 seconds\n" + logged,
			"launching, launching, LAUNCH, login, LOGIN 14:59:01, two_factor, login, logged_in", -1},
		{"RESTART comes back without a login", start + login + logged + "2026-11-23 14:59:04:504 IBC: CommandServer received command: RESTART\n" +
			"IBC returned exit status 0\n" + found + again + "2026-11-23 14:59:06:065 IBC: Re-starting session\n2026-11-23 14:59:09:547 IBC: Login has completed\n",
			"launching, launching, LAUNCH, login, LOGIN 14:59:01, logged_in, restarting, restarting, restarting, LAUNCH, restarting, logged_in", -1},
		{"a wrong password: IBC's own loop, every login counts", start + login + "2026-11-23 14:59:02:787 IBC: Login failed\n" +
			"2026-11-23 14:59:02:787 IBC: Cold restart in progress\nIBC returned exit status 0\nIBC will cold-restart shortly\n" + again +
			"2026-11-23 14:59:04:111 IBC: Click button: Log In\n",
			"launching, launching, LAUNCH, login, LOGIN 14:59:01, problem login_refused, launching, launching, LAUNCH, login, LOGIN 14:59:04", -1},
		{"killed", start + login + logged + "/opt/ibc/scripts/ibcstart.sh: line 536: 29914 Killed                  \"$java_path/java\" $moduleAccess\nIBC returned exit status 137\n",
			"launching, launching, LAUNCH, login, LOGIN 14:59:01, logged_in", 137},
		{"an approval timed out", start + login + "2026-11-23 14:59:05:586 IBC: Exiting after error with exit code=1111\nIBC returned exit status 87\n",
			"launching, launching, LAUNCH, login, LOGIN 14:59:01", 87},
		{"the status of an earlier java is not that of the next", start + "IBC returned exit status 88\n" + again, "launching, launching, LAUNCH, launching, LAUNCH", -1},
		{"a restart that failed needs a login", found + again + "IBC returned exit status 1\nautorestart file not found: full authentication will be required\n" + again,
			"restarting, restarting, LAUNCH, launching, LAUNCH", -1},
		{"two autorestart files are none", found + "WARNING: deleting extra autorestart file found at /home/trader/Jts/other/autorestart\n" +
			"WARNING: deleting first autorestart file found\n" + again, "restarting, launching, LAUNCH", -1},
		{"Windows", "Starting IBC version 3.24.1 on 23.11.2026 at 14:55:55\r\nStarting IBC with this command:\r\n" + "Program has exited\r\nError level is 1111\r\n",
			"launching, launching, LAUNCH", 87},
		{"Windows, killed", "Starting IBC with this command:\n2026-11-23 14:59:01:295 IBC: version: 3.24.1\nError level is 1\n", "launching, LAUNCH", 137},
		{"Windows, not started", "Starting IBC with this command:\nError level is 1\n", "launching, LAUNCH", 1},
		{"Windows, the status of an earlier java", "Error level is 1112\nStarting IBC with this command:\n", "launching, LAUNCH", -1},
		{"a status that is none", "IBC returned exit status soon\n", "", -1},
	} {
		events, status := readLog(t, tt.log)
		if got := describe(events); got != tt.want || status != tt.status {
			t.Errorf("%s:\n%s (status %d), want\n%s (status %d)", tt.name, got, status, tt.want, tt.status)
		}
	}
}

func TestLoginIsAtTheLogsLocalTime(t *testing.T) {
	events, _ := readLog(t, "2026-11-23 14:55:57:403 IBC: Click button: Log In\n")
	want := time.Date(2026, 11, 23, 14, 55, 57, 0, time.Local)
	if at := events[1].(supervisor.LoginSeen).At; !at.Truncate(time.Second).Equal(want) {
		t.Errorf("%s, want %s", at, want)
	}
}

// Each line counts once, when it is complete.
func TestALogIsReadWhileItGrows(t *testing.T) {
	const text = "Starting IBC version 3.24.1 on 2026-11-23 at 14:55:55\r\n2026-11-23 14:55:57:403 IBC: Click button: Log In\n" +
		"2026-11-23 14:56:05:232 IBC: Login has completed\n2026-11-23 14:56:06:483 IBC: CommandServer received command: STOP\nIBC returned exit status 143\n"
	want, _ := readLog(t, text)
	for _, size := range []int{1, 2, 7, 50, len(text)} {
		var pieces []string
		for piece := range slices.Chunk([]byte(text), size) {
			pieces = append(pieces, string(piece))
		}
		got, status := readLog(t, pieces...)
		if describe(got) != describe(want) || status != 143 {
			t.Errorf("in pieces of %d: %q, status %d", size, describe(got), status)
		}
	}
}

func TestAMissingLogIsReadWhenItExists(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ibc.log")
	var got []supervisor.Event
	log := newRunLog(path)
	read := func() { log.read(func(e supervisor.Event) { got = append(got, e) }) }
	defer log.close()
	read()
	if len(got) != 0 || log.status != -1 {
		t.Errorf("%q, status %d", describe(got), log.status)
	}
	if err := os.WriteFile(path, []byte("Starting Gateway with this command:\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if read(); describe(got) != "launching, LAUNCH" {
		t.Errorf("%q", describe(got))
	}
}

// Java's command line is thousands of characters long, and a broken program may
// print without end. What such a line holds beyond its limit is ignored.
func TestLongLinesAreNotMistakenForIBCsWords(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	const done = "2026-11-23 14:56:05:232 IBC: Login has completed"
	for _, tt := range []struct{ name, log, want string }{
		{"a line after a long one counts", long + "\n" + done + "\n", "logged_in"},
		{"the end of a long line does not", long + done + "\n", ""},
		{"nor does its beginning", done + long + "\n", ""},
		{"its beginning is enough where its end may be anything", "2026-11-23 14:56:05:232 IBC: Too many failed login attempts. " + long + "\n" + done + "\n", "problem too_many_attempts waits, logged_in"},
	} {
		if got, _ := readLog(t, tt.log); describe(got) != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, describe(got), tt.want)
		}
	}
}

func FuzzLog(f *testing.F) {
	f.Add([]byte("Starting IBC version 3.24.1 on 2026-11-23 at 14:55:55\n2026-11-23 14:55:57:403 IBC: Click button: Log In\r\n"), 10)
	f.Add([]byte("IBC returned exit status 137\nautorestart file found at x\n\x00\xff IBC: \n"), 3)
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		whole, status := readLog(t, string(text))
		if most := 2 * bytes.Count(text, []byte("\n")); len(whole) > most {
			t.Errorf("%d events of %q", len(whole), text)
		}
		cut = max(0, min(cut, len(text)))
		parts, partStatus := readLog(t, string(text[:cut]), string(text[cut:]))
		if describe(parts) != describe(whole) || partStatus != status {
			t.Errorf("%q cut at %d: %q, status %d, want %q, status %d", text, cut, describe(parts), partStatus, describe(whole), status)
		}
	})
}
