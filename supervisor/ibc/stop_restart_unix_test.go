//go:build unix

package ibc

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// IBC's script starts Java again after a STOP or a SIGTERM when a restart was
// under way, or a file of one is left. That Java must not log in.
func TestAStopEndsWhatIBCsScriptStartsAgain(t *testing.T) {
	leftFile := func(f *follower) {
		write(f.h.t, filepath.Join(f.h.o.TWSSettingsPath, "simulated", "autorestart"), "")
	}
	restart := func(f *follower) { f.performs(supervisor.Restart) }
	for _, tt := range []struct {
		name    string
		sim     simgateway.Options
		command bool // there is a command server
		before  func(*follower)
	}{
		{"STOP, with a file of a restart", simgateway.Options{}, true, leftFile},
		{"SIGTERM, with a file of a restart", simgateway.Options{}, false, leftFile},
		{"at once after a restart", simgateway.Options{RestartDelay: 300 * time.Millisecond}, true, restart},
		{"while the first Java closes", simgateway.Options{RestartDelay: 300 * time.Millisecond}, true, func(f *follower) {
			restart(f)
			testkit.Eventually(f.h.t, "it closes", func() bool { return strings.Contains(f.h.log(), "Shutdown progress") })
		}},
		{"while no Java runs", simgateway.Options{RelaunchDelay: time.Second}, true, func(f *follower) {
			restart(f)
			testkit.Eventually(f.h.t, "only the script runs", func() bool { return len(f.h.processes()) == 1 })
		}},
		{"while the next Java begins", simgateway.Options{}, true, func(f *follower) {
			restart(f)
			f.waitFor(func([]supervisor.Event) bool { return f.count(supervisor.LaunchSeen{}) == 2 })
		}},
		{"while the next Java logs in", simgateway.Options{}, true, func(f *follower) {
			restart(f)
			testkit.Eventually(f.h.t, "it logs in", func() bool { return strings.Count(f.h.log(), "Login dialog WINDOW_OPENED") == 2 })
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.command {
				tt.sim.CommandServerPort = testkit.Port(t)
			}
			h := install(t, tt.sim)
			t.Parallel()
			f := h.follow()
			f.startsAndLogsIn()
			slow := h.sim
			slow.LoginDelay = 10 * testkit.Patience // what is started again gets no further
			if err := h.layout.SetScenes(slow); err != nil {
				t.Fatal(err)
			}
			tt.before(f)
			begun := time.Now()
			f.performs(supervisor.Stop)
			if took := time.Since(begun); took > h.o.Grace.Stop/2 {
				t.Errorf("it took %s", took)
			}
			if n := strings.Count(h.log(), "Login has completed\n"); n != 1 {
				t.Errorf("%d logins have completed", n)
			}
			testkit.Eventually(t, "nobody is left", func() bool { return len(h.processes()) == 0 })
			if _, err := os.Stat(h.runFile()); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("it is remembered as a crash: %v", err)
			}
			for _, text := range f.progress() {
				if tt.command && strings.Contains(text, "is off") {
					t.Errorf("said: %s", text)
				}
			}
		})
	}
}

// A restart that is not over needs no second one, which would be a login.
func TestARestartWhileTheNextJavaBeginsIsRefused(t *testing.T) {
	// On a busy machine it takes seconds to see that only the script runs.
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), RelaunchDelay: 10 * time.Second})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	f.performs(supervisor.Restart)
	testkit.Eventually(t, "only the script runs", func() bool { return len(h.processes()) == 1 })
	f.refuses(supervisor.Restart, supervisor.ReasonBusy, "does not listen on port", "the Gateway is still starting")
	f.expects("seen", "launching", "login", "LOGIN", "logged_in", "restarting", "logged_in")
}

// log is what IBC has written.
func (h *harness) log() string { h.t.Helper(); return read(h.t, h.logFile()) }

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// count is how often an event has come.
func (f *follower) count(what supervisor.Event) (n int) {
	events, _ := f.recorded()
	for _, e := range events {
		if e == what {
			n++
		}
	}
	return n
}

// progress are the steps of actions that were reported.
func (f *follower) progress() (texts []string) {
	events, _ := f.recorded()
	for _, e := range events {
		if p, ok := e.(supervisor.ActionProgressed); ok {
			texts = append(texts, p.Text)
		}
	}
	return texts
}
