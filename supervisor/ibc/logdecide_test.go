package ibc

import (
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A screen is what a person sees of a Gateway whose log is read.
type screen struct {
	s   supervisor.Snapshot
	p   supervisor.Policy
	now time.Time
}

func (s *screen) event(e supervisor.Event) {
	s.s, _ = supervisor.Decide(s.s, e, s.now, s.p)
}

// hold lets time pass in which nobody listens on the port.
func (s *screen) hold(d time.Duration) {
	for end := s.now.Add(d); s.now.Before(end); {
		s.now = s.now.Add(time.Second)
		s.event(supervisor.Looked{At: s.now, Reader: "test"})
	}
}

// told are the titles of the notices.
func (s *screen) told() string {
	var titles []string
	for _, n := range s.s.Notices {
		title := strings.TrimSuffix(n.Title, ": paper")
		titles = append(titles, strings.ToLower(title[:1])+title[1:])
	}
	return strings.Join(titles, ", ")
}

// watching is a screen on which the user has just started the Gateway.
func watching() *screen {
	s := &screen{p: supervisor.DefaultPolicy(), now: time.Date(2026, 11, 23, 14, 55, 57, 0, time.Local)}
	s.p.KeepRunning = true
	s.s = supervisor.New(s.p, s.now)
	s.hold(time.Second)
	s.event(supervisor.ActionRequested{ID: 1, Action: supervisor.Start})
	s.event(supervisor.GatewaySeen{PID: 4711, StartedAt: s.now, By: supervisor.ByGatelight})
	s.event(supervisor.ActionEnded{ID: 1, Action: supervisor.Start})
	return s
}

func TestAPersonSeesWhatTheLogTells(t *testing.T) {
	const approve = "approve login"
	for _, tt := range []struct {
		in     input
		config string
		after  time.Duration // the last line
		phase  supervisor.Phase
		why    string
		told   string
	}{
		{input{"a refused login", "3.24.1", shown("Unrecognized Username or Password")}, "", 0, supervisor.NeedsYou, "IBKR has refused the login", "login refused"},
		{input{"a window, for a moment", "3.24.1", shown("Agreement")}, "", 3 * time.Second, supervisor.Login, "IBC is logging in", ""},
		{input{"a window that stays", "3.24.1", shown("Agreement")}, "", 6 * time.Second, supervisor.NeedsYou, `The window "Agreement" of the Gateway waits`, "a window waits for an answer"},
		{input{"a question that IBC answers", "3.24.1", append(shown("Existing session detected"), "Don't know the type of the other session, so continue this one (scenario 3)", "Click button: OK")}, "", time.Minute, supervisor.Login, "IBC is logging in", ""},
		{input{"a device that is not there", "3.24.1", []string{"! could not find second factor device 'x' in the list"}}, "", 0, supervisor.NeedsYou, "SecondFactorDevice in config.ini is not in", "two-factor device unknown"},
		{input{"a Gateway that is too old", "3.24.1", append(dialog("Gateway", "Opened"), "Connection to server failed: please upgrade to latest version", "Cold restart in progress", "Click button: OK")}, "", 0, supervisor.Login, "install the newest", "gateway too old"},
		{input{"a request for the phone", "3.24.1", []string{"Second Factor Authentication initiated"}}, "", 0, supervisor.TwoFactor, "Approve the login in IBKR Mobile before 14:58:57", approve},
		{input{"a request for a code", "3.24.1", []string{"Second Factor Authentication initiated"}}, "SecondFactorDevice=Mobile Authenticator app\n", 0, supervisor.TwoFactor, "Type the code from Mobile Authenticator app into the Gateway's window before 14:58:57", approve},
		{input{"a request that was missed, and IBC says so", "3.24.1", []string{"Second Factor Authentication initiated", "Duration since login: 185 seconds", "Re-login after second factor authentication timeout not required"}}, "", 0, supervisor.NeedsYou, "was not answered in time", approve + ", two-factor request missed"},
		{input{"a request that was refused, of which IBC says nothing", "3.24.1", []string{"Second Factor Authentication initiated", "Duration since login: 20 seconds"}}, "", 62 * time.Second, supervisor.NeedsYou, "the login does not go on", approve + ", login stopped after two-factor"},
		{input{"the same with 3.12", "3.12.0", []string{"Second Factor Authentication initiated", "Second Factor Authentication dialog closed", "ExitAfterSecondFactorAuthenticationTimeout is set to 'no'"}}, "", 62 * time.Second, supervisor.NeedsYou, "the login does not go on", approve + ", login stopped after two-factor"},
	} {
		s := watching()
		events := tt.in.after(t, tt.config)
		s.event(supervisor.PhaseSeen{Phase: supervisor.Login})
		s.event(supervisor.LoginSeen{})
		for _, e := range events {
			s.event(e)
		}
		s.hold(tt.after)
		if s.s.Phase != tt.phase || !strings.Contains(s.s.Why, tt.why) || s.told() != tt.told {
			t.Errorf("%s: phase %q, %s; told: %q; want %q, …%s…; told: %q", tt.in.name, s.s.Phase, s.s.Why, s.told(), tt.phase, tt.why, tt.told)
		}
	}
}

func TestAPlannedEndIsNoAlertAndIsNotStartedAgain(t *testing.T) {
	for _, tt := range []struct {
		in  input
		why string
	}{
		{input{"ClosedownAt", "3.24.1", []string{"Login has completed", "Login has completed: exiting via [File, Close] menu"}}, "at the time set as ClosedownAt"},
		{input{"ClosedownAt, 3.12", "3.12.0", []string{"Gateway will be shut down at 2026/11/23 22:00", "Login has completed", "Login has completed: exiting via [File, Close] menu"}}, "at the time set as ClosedownAt"},
		{input{"its window is closed", "3.24.1", []string{"Login has completed", "detected dialog entitled: IBKR Gateway; event=Opened", "detected dialog entitled: Shutdown progress; event=Opened"}}, "somebody has closed its window"},
		{input{"another session goes on", "3.24.1", []string{"Login has completed", "End this session and let the other session proceed (scenario 2)"}}, "logged in elsewhere"},
	} {
		s := watching()
		for _, e := range tt.in.after(t, "") {
			s.event(e)
		}
		s.event(supervisor.GatewayEnded{Exit: endOf(t, tt.in.text(), 0)})
		s.hold(5 * time.Minute)
		alerts := strings.ReplaceAll(s.told(), "logged in elsewhere", "") // a login that ends so is worth one
		if s.s.State != supervisor.Down || !s.s.Expected || s.s.Next != nil || !strings.Contains(s.s.Why, tt.why) || alerts != "" {
			t.Errorf("%s: %s (expected: %t), next %+v: %s; told: %q", tt.in.name, s.s.State, s.s.Expected, s.s.Next, s.s.Why, s.told())
		}
	}
}
