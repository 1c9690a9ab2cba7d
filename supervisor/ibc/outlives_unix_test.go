//go:build unix

package ibc

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

var loggedIn = []string{"seen", "launching", "login", "LOGIN", "logged_in"}

// after is what has happened when the Gateway was started and more has happened
// since.
func after(more ...string) []string { return append(slices.Clone(loggedIn), more...) }

// withoutScript is a Gateway whose script was killed.
func withoutScript(t *testing.T, sim simgateway.Options) (h *harness, f *follower, java int) {
	t.Helper()
	h = install(t, sim)
	f = h.follow()
	f.startsAndLogsIn()
	java = h.javaPID()
	if err := syscall.Kill(f.pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	f.expects(after("seen")...)
	return h, f, java
}

// Who kills IBC's script does not end the Gateway: it is still ours, as what it
// is.
func TestAGatewayThatOutlivesItsScriptIsFollowed(t *testing.T) {
	h, f, java := withoutScript(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	events, _ := f.recorded()
	var seen supervisor.GatewaySeen
	for _, e := range events {
		if e, ok := e.(supervisor.GatewaySeen); ok {
			seen = e // the newest
		}
	}
	if seen.PID != java || seen.By != supervisor.ByGatelight || seen.Controls != (supervisor.Controls{Command: true, Signal: true}) || seen.Restarts != nil {
		t.Errorf("%+v, want process %d", seen, java)
	}
	if texts := strings.Join(f.progress(), "\n"); !strings.Contains(texts, "IBC's script has ended, and the Gateway runs on as process "+strconv.Itoa(java)) {
		t.Errorf("said: %s", texts)
	}
	f.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "it runs already, as process "+strconv.Itoa(java))
	f.refuses(supervisor.ClearZombies, supervisor.ReasonNeedsLogin, "IBC's script has ended")
	if seen, ok := f.Identify(t.Context(), java); ok {
		t.Errorf("taken for somebody else's: %+v", seen)
	}
	h.control("crash")
	f.expects(after("seen", "ended -1: nobody saw how")...)
}

func TestAGatewayThatOutlivesItsScriptIsStopped(t *testing.T) {
	for _, command := range []bool{true, false} {
		sim, want := simgateway.Options{}, after("seen")
		if command {
			sim.CommandServerPort, want = testkit.Port(t), append(want, "STOP")
		}
		h, f, _ := withoutScript(t, sim)
		f.performs(supervisor.Stop)
		end := "ended -1: nobody saw how"
		if command { // IBC's log tells it
			end = "ended -1: it closed normally"
		}
		f.expects(append(want, end)...)
		testkit.Eventually(t, "nobody is left", func() bool { return len(h.processes()) == 0 })
		if seen := New(h.o).Running(); seen != nil {
			t.Errorf("it runs still: %+v", seen)
		}
	}
}

// RESTART would end it for good, with nobody who starts it again.
func TestARestartWithoutTheScriptLogsInAnew(t *testing.T) {
	h, f, _ := withoutScript(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	f.performs(supervisor.Restart)
	f.expects(after(append([]string{"seen", "STOP", "ended -1: it closed normally"}, loggedIn...)...)...)
	if strings.Contains(h.log(), "RESTART") {
		t.Error("RESTART was sent")
	}
}

// The next Gatelight finds it by the group that its script has led, whether or
// not an earlier one has seen the script's end.
func TestAGatewayThatOutlivesItsScriptIsAdopted(t *testing.T) {
	for _, watched := range []bool{true, false} {
		h := install(t, simgateway.Options{})
		first := h.follow()
		first.startsAndLogsIn()
		script, java := first.pid(), h.javaPID()
		if !watched {
			first.quit()
		}
		if err := syscall.Kill(script, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if watched {
			first.expects(after("seen")...)
			first.quit()
		} else {
			_, _ = syscall.Wait4(script, nil, 0, nil) // its parent, which is this test, would be gone
		}
		second := h.follow()
		second.expects("seen", "LOGIN", "logged_in")
		if second.pid() != java {
			t.Errorf("watched %t: process %d, want %d", watched, second.pid(), java)
		}
		second.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "it runs already, as process "+strconv.Itoa(java))
		second.performs(supervisor.Stop)
		second.expects("seen", "LOGIN", "logged_in", "ended -1: nobody saw how")
	}
}

// IBC's script is killed during the login, and its Java waits for a person. A
// second start would be a second login.
func TestAScriptThatIsKilledDuringTheLoginHasNotEndedTheGateway(t *testing.T) {
	for _, watched := range []bool{true, false} {
		h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
		f := h.follow()
		f.startsAndWaitsForApproval()
		script := f.pid()
		if !watched {
			f.quit()
		}
		if err := syscall.Kill(script, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		if !watched {
			_, _ = syscall.Wait4(script, nil, 0, nil)
			f = h.follow()
			f.expects("seen", "LOGIN", "two_factor")
		} else {
			f.expects("seen", "launching", "login", "LOGIN", "two_factor", "seen")
		}
		f.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "it runs already, as process "+strconv.Itoa(h.java()))
	}
}

// A run has not ended while something in its group may still become the Gateway,
// or cannot be told from it. Anything else there does not keep it.
func TestARunEndsWhenNothingInItsGroupCanBeTheGateway(t *testing.T) {
	for _, tt := range []struct {
		name, script string // the script goes on as the last process of its group
		goesOn       bool
	}{
		{"a copy of the script that has not become Java yet", "(read nothing <FIFO) & kill -9 $$", true},
		{"a Java that is not known", "exec 9<>FIFO; (exec -a java sleep 600) & kill -9 $$", true},
		{"another program, as a browser that the Gateway has opened", "sleep 600 & kill -9 $$", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, simgateway.Options{})
			fifo := filepath.Join(h.dir, "fifo")
			if err := syscall.Mkfifo(fifo, 0o600); err != nil {
				t.Fatal(err)
			}
			script := "#!/bin/bash\necho Starting IBC version 3.24.1\n" + strings.ReplaceAll(tt.script, "FIFO", fifo) + "\n"
			if err := os.WriteFile(scriptIn(h.o.Path), []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			f := h.follow()
			ctx, giveUp := context.WithCancel(t.Context())
			done := make(chan struct{})
			go func() {
				defer close(done)
				_ = f.Perform(ctx, supervisor.PerformAction{Action: supervisor.Start})
			}()
			f.waitFor(func([]supervisor.Event) bool { return slices.Contains(f.words(), "seen") })
			group := f.pid()
			defer func() { _ = syscall.Kill(-group, syscall.SIGKILL) }()
			if !tt.goesOn {
				f.expects("seen", "launching", "ended 137: it was killed")
				<-done
				giveUp()
				return
			}
			f.waitFor(func([]supervisor.Event) bool {
				return strings.Contains(strings.Join(f.progress(), "\n"), "it is not known whether the Gateway has")
			})
			giveUp()
			<-done
			f.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, "IBC's script")
			f.quit()
			second := h.follow() // and the next Gatelight does not know, either
			second.toldUnknown("which it has started, may be the Gateway")
			second.refuses(supervisor.Start, supervisor.ReasonNotProven, "may be the Gateway")
			if err := syscall.Kill(-group, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			second.waitFor(func([]supervisor.Event) bool {
				return slices.ContainsFunc(second.words(), func(w string) bool { return strings.HasPrefix(w, "ended ") })
			})
		})
	}
}

// Another process of that group is no Gateway, and nobody's end is delayed.
func TestOnlyAGatewayOutlivesItsScript(t *testing.T) {
	h := install(t, simgateway.Options{})
	f := h.follow()
	f.startsAndLogsIn()
	if err := syscall.Kill(-f.pid(), syscall.SIGKILL); err != nil { // both
		t.Fatal(err)
	}
	f.expects(after("ended 137: it was killed")...)
}
