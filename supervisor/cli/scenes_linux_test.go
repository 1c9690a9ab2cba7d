package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/simgateway"
)

const (
	down      = supervisor.Down
	starting  = supervisor.Starting
	connected = supervisor.Connected
	zombified = supervisor.Zombies
)

// What IBC and the Gateway do, and what Gatelight makes of it: the state, the
// words, the signals that were sent, what is left, and how often IBKR was asked
// to log somebody in. After each, no secret is anywhere.
func TestScenes(t *testing.T) {
	const relaunch = 1200 * time.Millisecond // IBC's own loop takes about 2 s
	scenes := []struct {
		name string
		sim  simgateway.Options
		more string // settings
		play func(t *testing.T, s *stage)
		outcome
		opens bool // by itself, with something tuned first
	}{
		{"a clean start and stop", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(connected, "")
			s.must(supervisor.Stop)
		}, outcome{state: down, why: "Stopped on purpose", logins: 1}, false},
		{"two-factor, approved after 100 s", simgateway.Options{TwoFactor: 100 * time.Second}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			g := s.is(starting, supervisor.TwoFactor)
			if !strings.HasPrefix(g.Why, "Approve the login in IBKR Mobile; it has waited for ") || len(g.Notices) != 1 || g.Notices[0].Kind != supervisor.NoticeTwoFactor {
				t.Errorf("%q, told %+v", g.Why, g.Notices)
			}
			for end := time.Now().Add(110 * time.Second); s.app.engine.Latest().Gateways[0].State != connected && time.Now().Before(end); {
				<-time.After(200 * time.Millisecond)
			}
		}, outcome{state: connected, why: "The API answers", processes: 2, logins: 1}, false},
		{"two-factor, never approved", simgateway.Options{TwoFactor: simgateway.Never}, "keep_running = true", func(t *testing.T, s *stage) {
			s.tune = func(p *supervisor.Policy) { p.StartTimeout = time.Second }
			s.open()
			s.must(supervisor.Start)
			s.is(starting, supervisor.TwoFactor)
			<-time.After(3 * time.Second) // three times as long as a start may take: it is left alone
		}, outcome{state: starting, phase: supervisor.TwoFactor, why: "Approve the login", processes: 2, logins: 1}, true},
		{"a wrong password: IBC's loop is stopped at the budget", simgateway.Options{LoginResult: simgateway.LoginFailed, CommandServerPort: off, LaunchDelay: 500 * time.Millisecond, RelaunchDelay: relaunch}, "keep_running = true",
			func(t *testing.T, s *stage) {
				s.must(supervisor.Start)
				await(t, s.app, "the end of it", func(g supervisor.Snapshot) bool { return told(g, supervisor.NoticeBudget) })
			}, outcome{state: down, why: "3 logins that nobody asked for; IBKR has refused the login", signals: []string{"SIGTERM"}, logins: 4}, false}, // the user's own, and three
		{"the login dialog never comes: five relaunches are enough", simgateway.Options{LoginResult: simgateway.LoginNoDialog, CommandServerPort: off, LaunchDelay: 300 * time.Millisecond, RelaunchDelay: 500 * time.Millisecond}, "keep_running = true",
			func(t *testing.T, s *stage) {
				s.must(supervisor.Start)
				await(t, s.app, "the end of it", func(g supervisor.Snapshot) bool { return told(g, supervisor.NoticeBudget) && g.State == down })
			}, outcome{state: down, why: "6 starts that came to nothing; the login dialog did not appear", signals: []string{"SIGTERM"}}, false},
		{"a session elsewhere", simgateway.Options{LoginResult: simgateway.LoginExisting}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			await(t, s.app, "the reason", func(g supervisor.Snapshot) bool { return strings.Contains(g.Why, "logged in elsewhere") })
		}, outcome{state: starting, phase: supervisor.Login, why: "asks which session to keep", processes: 2, logins: 1}, false},
		{"IBC is not installed", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			remove(t, s.sim.IBCPath)
			contains(t, s.refused(supervisor.Start), "IBC is not installed in "+s.sim.IBCPath)
		}, outcome{state: down}, false},
		{"the Gateway is not installed", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			remove(t, filepath.Join(s.sim.TWSPath, "ibgateway", s.sim.Version))
			s.must(supervisor.Start)
		}, outcome{state: down, why: "that Gateway version is not installed"}, false},
		{"there is no Java", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			// The simulated Gateway is no Java; the script says what the real one says.
			if err := os.Rename(filepath.Join(s.dir, "nojava"), filepath.Join(s.sim.IBCPath, "scripts", "ibcstart.sh")); err != nil {
				t.Fatal(err)
			}
			s.must(supervisor.Start)
		}, outcome{state: down, why: "IBC found no Java"}, false},
		{"there is no config.ini", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			remove(t, s.sim.Config)
			contains(t, s.refused(supervisor.Start), "there is no IBC config at "+s.sim.Config)
		}, outcome{state: down}, false},
		{"config.ini cannot be read", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			remove(t, s.sim.Config)
			if err := os.Mkdir(s.sim.Config, 0o600); err != nil { // even root cannot read a folder
				t.Fatal(err)
			}
			contains(t, s.refused(supervisor.Start), "cannot read IBC's config")
		}, outcome{state: down}, false},
		{"the port is taken", simgateway.Options{}, "monitor = false", func(t *testing.T, s *stage) {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			s.is(supervisor.Listening, "")
			contains(t, s.refused(supervisor.Start), fmt.Sprintf("port %d is open already", s.port))
		}, outcome{state: supervisor.Listening}, false},
		{"the command server is off", simgateway.Options{CommandServerPort: off}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			g := s.is(connected, "")
			if why := g.Refusal(supervisor.ClearZombies); g.Process.Controls != (supervisor.Controls{Signal: true}) || why == nil {
				t.Errorf("%+v, %q", g.Process.Controls, why)
			}
			s.must(supervisor.Stop)
		}, outcome{state: down, why: "Stopped on purpose", signals: []string{"SIGTERM"}, logins: 1}, false},
		{"STOP is ignored, and SIGTERM too", simgateway.Options{IgnoreStop: true, IgnoreTerm: true}, "", func(t *testing.T, s *stage) {
			s.grace = ibc.Grace{Stop: 300 * time.Millisecond, Term: 300 * time.Millisecond}
			s.open()
			s.must(supervisor.Start)
			s.is(connected, "")
			s.must(supervisor.Stop)
		}, outcome{state: down, why: "Stopped on purpose", signals: []string{"SIGTERM", "SIGKILL"}, logins: 1}, true},
		{"a restart that needs a login says so and stops first", simgateway.Options{CommandServerPort: off}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(connected, "")
			s.must(supervisor.Restart)
			s.is(connected, "")
		}, outcome{state: connected, signals: []string{"SIGTERM"}, processes: 2, logins: 2}, false},
		{"a crash while it is launched", simgateway.Options{LaunchDelay: time.Minute}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(starting, supervisor.Launching)
			s.control("crash")
		}, outcome{state: down, why: "it was killed"}, false},
		{"a crash in the login", simgateway.Options{LoginDelay: time.Minute}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(starting, supervisor.Login)
			s.control("crash")
		}, outcome{state: down, why: "it was killed", logins: 1}, false},
		{"a crash while it waits for an approval", simgateway.Options{TwoFactor: simgateway.Never}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(starting, supervisor.TwoFactor)
			s.control("crash")
		}, outcome{state: down, why: "it was killed", logins: 1}, false},
		{"a crash when it is connected", simgateway.Options{}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(connected, "")
			s.control("crash")
		}, outcome{state: down, why: "it was killed", logins: 1}, false},
		{"its script is killed while it restarts", simgateway.Options{RestartDelay: 100 * time.Millisecond, RelaunchDelay: time.Minute}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(connected, "")
			s.control("nightly")
			g := s.is(starting, supervisor.Restarting)
			if err := syscall.Kill(g.Process.PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}, outcome{state: down, why: "it was killed", logins: 1}, false},
		{"RESTART cures blocking zombies", simgateway.Options{RestartDelay: 500 * time.Millisecond}, "", func(t *testing.T, s *stage) {
			s.must(supervisor.Start)
			s.is(connected, "")
			s.control("stick all")
			s.control("probe 3 100ms")
			g := s.is(zombified, "")
			await(t, s.app, "harm", func(g supervisor.Snapshot) bool { return g.Blocking && len(g.Zombies) == 3 })
			script := g.Process.PID
			s.must(supervisor.ClearZombies) // returns when it has helped
			g = s.app.engine.Latest().Gateways[0]
			if g.State != connected || len(g.Zombies) != 0 || g.Process.PID != script {
				t.Errorf("%s, %d zombies, process %d, want the script to have stayed %d", g.State, len(g.Zombies), g.Process.PID, script)
			}
			if n := g.Notices[len(g.Notices)-1]; n.Kind != supervisor.NoticeRecovery || !strings.Contains(n.Title, "zombies cleared") {
				t.Errorf("told last: %+v", n)
			}
		}, outcome{state: connected, processes: 2, logins: 1}, false},
		{"the nightly restart is no news", simgateway.Options{RestartDelay: 200 * time.Millisecond}, "", func(t *testing.T, s *stage) {
			s.tune = func(p *supervisor.Policy) { p.FlapAfter = supervisor.DefaultPolicy().FlapAfter } // the Gateway takes its time, whatever the rest of the scene
			s.open()
			s.must(supervisor.Start)
			s.is(connected, "")
			s.control("nightly")
			s.is(starting, supervisor.Restarting)
			g := s.is(connected, "")
			if len(g.Notices) != 0 {
				t.Errorf("told: %+v", g.Notices)
			}
		}, outcome{state: connected, processes: 2, logins: 1}, true},
	}
	// Before anything runs in parallel: a script that is being written, by us or by
	// a child that is just being started, cannot be started.
	stages := make([]*stage, len(scenes))
	for i, tt := range scenes {
		stages[i] = newStage(t, tt.sim)
		script := "#!/bin/sh\necho 'Error: Can'\\''t find suitable Java installation'\nexit 1\n"
		if err := os.WriteFile(filepath.Join(stages[i].dir, "nojava"), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Parallel()
	for i, tt := range scenes {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := stages[i]
			s.t, s.more = t, tt.more
			if !tt.opens {
				s.open()
			}
			tt.play(t, s)
			s.wants(tt.outcome)
		})
	}
}

func told(g supervisor.Snapshot, kind supervisor.NoticeKind) bool {
	for _, n := range g.Notices {
		if n.Kind == kind {
			return true
		}
	}
	return false
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func contains(t *testing.T, text, part string) {
	t.Helper()
	if !strings.Contains(text, part) {
		t.Errorf("%q does not say %q", text, part)
	}
}

// Where config.ini gives two Gateways one command server, the second one is not
// started, and the first never gets what was meant for it.
func TestTwoGatewaysShareNoCommandServer(t *testing.T) {
	one := newStage(t, simgateway.Options{})
	two := newStage(t, simgateway.Options{CommandServerPort: one.command})
	t.Parallel()
	one.open()
	one.must(supervisor.Start)
	one.is(connected, "")
	two.open()
	contains(t, two.refused(supervisor.Start), fmt.Sprintf("port %d, CommandServerPort in config.ini, is taken by", one.command))
	two.wants(outcome{state: down})
	one.wants(outcome{state: connected, processes: 2, logins: 1})
}

// Gatelight is killed, and the next one knows the Gateway again: nothing is
// started, stopped or logged in anew, whatever it was about.
func TestTheNextGatelightAdopts(t *testing.T) {
	const long = 8 * time.Second
	tests := []struct {
		name   string
		sim    simgateway.Options
		state  supervisor.State
		phase  supervisor.Phase
		logins int
		then   func(s *stage)
	}{
		{"launching", simgateway.Options{LaunchDelay: long}, starting, supervisor.Launching, 0, nil},
		{"in the login", simgateway.Options{LoginDelay: long}, starting, supervisor.Login, 1, nil},
		{"waiting for an approval", simgateway.Options{TwoFactor: simgateway.Never}, starting, supervisor.TwoFactor, 1, func(s *stage) { s.control("approve") }},
		{"connected", simgateway.Options{}, connected, "", 1, nil},
		{"restarting", simgateway.Options{RestartDelay: 100 * time.Millisecond, RelaunchDelay: long}, starting, supervisor.Restarting, 1, nil},
	}
	var stages []*stage
	for _, tt := range tests {
		stages = append(stages, newStage(t, tt.sim))
	}
	t.Parallel()
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := stages[i]
			s.t = t
			first, remote := s.elsewhere()
			until(t, remote, down, "")
			if err := remote.Do(t.Context(), "", supervisor.Start); err != nil {
				t.Fatal(err)
			}
			if tt.phase == supervisor.Restarting {
				until(t, remote, connected, "")
				s.control("nightly")
			}
			g := until(t, remote, tt.state, tt.phase)
			remote.Close()
			if err := first.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = first.Wait() // killed
			s.open()
			now := s.is(tt.state, tt.phase)
			if now.Process.PID != g.Process.PID || now.Process.By != supervisor.ByGatelight || now.Logins != tt.logins {
				t.Errorf("process %d of %s, %d logins; want %d, %d", now.Process.PID, now.Process.By, now.Logins, g.Process.PID, tt.logins)
			}
			if tt.then != nil {
				tt.then(s)
			}
			s.wants(outcome{state: connected, processes: 2, logins: 1})
			s.must(supervisor.Stop)
			s.wants(outcome{state: down, why: "Stopped on purpose", logins: 1})
		})
	}
}

func until(t *testing.T, s supervisor.Supervisor, state supervisor.State, phase supervisor.Phase) supervisor.Snapshot {
	t.Helper()
	late := time.After(20 * time.Second)
	worlds := s.Watch(t.Context())
	for {
		select {
		case w := <-worlds:
			if g := w.Gateways[0]; g.State == state && (phase == "" || g.Phase == phase) {
				return g
			}
		case <-late:
			g := s.Latest().Gateways[0]
			t.Fatalf("%s %s: %s; want %s %s", g.State, g.Phase, g.Why, state, phase)
		}
	}
}
