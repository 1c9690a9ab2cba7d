//go:build unix

package ibc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// says replaces the start script by one that prints this and ends. It is called
// before t.Parallel, as install is.
func (h *harness) says(text string, status int) {
	h.t.Helper()
	said := filepath.Join(h.dir, "said")
	write(h.t, said, text)
	script := filepath.Join(h.layout.IBCPath, "scripts", "ibcstart.sh")
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\ncat %q\nsleep 0.3\nexit %d\n", said, status), 0o700); err != nil {
		h.t.Fatal(err)
	}
}

// A run file outlives Gatelight, and so do the words in it.
func TestHowARunHasEndedIsToldAgainByTheNextGatelight(t *testing.T) {
	for _, tt := range []struct {
		name, log string
		status    int
		reason    supervisor.ExitReason
		says      string
	}{
		{"no display", javaOf("3.24.1") + errorBlock("An exception has occurred:\nNo X11 DISPLAY variable was set,\nbut this program performed an operation which requires it,") +
			stamp + "Exiting after error with exit code=1107\nIBC returned exit status 83\nGateway finished\n", 83, supervisor.ExitNoDisplay, "DISPLAY is not set"},
		{"a refused login with the status of a normal end", javaOf("3.20.0") + stamp + "Click button: Log In\n" + stamp + "Login error message:\nYour login is not permitted at this time\n" +
			stamp + "Cold restart in progress\n" + stamp + "Login has not completed: exiting immediately\nIBC returned exit status 0\nGateway finished\n", 0, supervisor.ExitLoginFailed, "does not permit"},
		{"an error with a secret in it", javaOf("3.24.1") + errorBlock("An exception has occurred:\ncannot read "+canary+"-password of U1234567") +
			stamp + "Exiting after error with exit code=1100\nIBC returned exit status 76\n", 76, supervisor.ExitIBCError, "cannot read ••• of •••"},
	} {
		h := install(t, simgateway.Options{})
		h.says(tt.log, tt.status)
		first := h.follow()
		_ = first.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start}) // it ends at once, which is an error
		check := func(f *follower) {
			t.Helper()
			f.waitFor(func(events []supervisor.Event) bool { return lastEnd(events) != nil })
			events, _ := f.recorded()
			exit := lastEnd(events).Exit
			f.quit()
			if exit.Reason != tt.reason || !strings.Contains(exit.Why, tt.says) || exit.Status != tt.status {
				t.Errorf("%s: %+v, want %s: …%s…", tt.name, exit, tt.reason, tt.says)
			}
		}
		check(first)
		if b, err := os.ReadFile(h.runFile()); err != nil || strings.Contains(string(b), canary) {
			t.Errorf("%s: the run file: %v\n%s", tt.name, err, b)
		}
		if err := os.Remove(h.logFile()); err != nil { // the words do not come from there
			t.Fatal(err)
		}
		check(h.follow())
	}
}

// The next Gatelight does not start it, and does not report it as a drop.
func TestAnEndAtASetTimeIsNotReportedAsOneThatNobodyHasDecided(t *testing.T) {
	for name, lines := range map[string]string{
		"ClosedownAt":       stamp + "Login has completed: exiting via [File, Close] menu\n",
		"its window":        stamp + "detected dialog entitled: IBKR Gateway; event=Opened\n" + stamp + "detected dialog entitled: Shutdown progress; event=Opened\n",
		"another session":   stamp + "Other session may be primary, so end this session and let the other one proceed (scenario 6)\n",
		"the logoff time":   stamp + "Auto logoff time set to 11:45 PM\n" + stamp + "detected dialog entitled: Shutdown progress; event=Opened\n",
		"PAUSE in any case": stamp + "CommandServer received command: Pause\n",
	} {
		h := install(t, simgateway.Options{})
		h.says(javaOf("3.24.1")+stamp+"Click button: Log In\n"+stamp+"Login has completed\n"+lines+"IBC returned exit status 0\nGateway finished\n", 0)
		first := h.follow()
		_ = first.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start}) // it ends at once, which is an error
		first.waitFor(func(events []supervisor.Event) bool {
			end := lastEnd(events)
			return end != nil && (end.Exit.Reason == supervisor.ExitPlanned || end.Exit.Reason == supervisor.ExitSessionElsewhere)
		})
		first.quit()
		if _, err := os.Stat(h.runFile()); err == nil {
			t.Errorf("%s: it is kept for the next Gatelight", name)
		}
		unwatched := h.follow() // and the same while no Gatelight runs
		unwatched.performs(supervisor.Start)
		unwatched.quit()
		testkit.Eventually(t, "the script has ended", func() bool { return len(h.processes()) == 0 })
		next := h.follow()
		<-next.Adopted()
		next.quit()
		for _, word := range next.words() {
			if strings.HasPrefix(word, "ended") {
				t.Errorf("%s: the next Gatelight reports %q", name, word)
			}
		}
	}
}

// What an earlier Gatelight has told is told again by the next one, but not
// what is over.
func TestANewGatelightKnowsWhatALoginWaitsFor(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		want  string
	}{
		{[]string{"detected dialog entitled: Notice; event=Opened"}, "LOGIN 14:55:57, login, problem dialog waits"},
		{[]string{"detected dialog entitled: Notice; event=Opened", "detected dialog entitled: Notice; event=Closed"}, "LOGIN 14:55:57, login"},
		{[]string{"Second Factor Authentication initiated", "Duration since login: 200 seconds", "Re-login after second factor authentication timeout not required"}, "LOGIN 14:55:57, login, problem two_factor_missed waits"},
		{[]string{"! could not find second factor device 'x' in the list", "Login has completed"}, "LOGIN 14:55:57, logged_in"},
		{[]string{"Login has completed", "Login has completed: exiting via [File, Close] menu"}, "LOGIN 14:55:57, logged_in, PLANNED at the time set as ClosedownAt in config.ini"},
	} {
		var events []supervisor.Event
		l := writtenLog(t, input{version: "3.24.1", lines: tt.lines}.text())
		l.catchUp(func(e supervisor.Event) { events = append(events, e) })
		if got := describe(events); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.lines, got, tt.want)
		}
	}
}
