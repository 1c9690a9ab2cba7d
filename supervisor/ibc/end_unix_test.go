//go:build unix

package ibc

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

func TestACrashIsReportedAsKilled(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	f := h.follow()
	f.startsAndLogsIn()
	before := time.Now()
	h.control("crash")
	f.expects("seen", "launching", "login", "LOGIN", "logged_in", "ended 137: it was killed")
	events, _ := f.recorded()
	if at := lastEnd(events).Exit.At; at.Before(before.Add(-time.Second)) || at.After(time.Now()) {
		t.Errorf("it ended at %s", at)
	}
}

func TestIBCsOwnExitStatusIsReported(t *testing.T) {
	h := install(t, simgateway.Options{LoginResult: simgateway.LoginStuck, TwoFactor: time.Millisecond})
	t.Parallel()
	f := h.follow()
	stuckLogin, _ := ibcText("IBC closing because login has not completed after Second Factor Authentication")
	f.performs(supervisor.Start)
	f.expects("seen", "launching", "login", "LOGIN", "two_factor", "login", "ended 87: "+stuckLogin.problem.Text)
}

// A start has failed when all has ended at once.
func TestAStartThatEndsAtOnceHasFailed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		breaks func(h *harness)
		status int
		says   string
	}{
		{"a version that is not installed", func(h *harness) { h.o.Version = "1019" }, 4, "it ended at once: that Gateway version is not installed"},
		{"no vmoptions", func(h *harness) {
			for _, pattern := range []string{"*/ibgateway.vmoptions", "*/*/ibgateway.vmoptions"} {
				files, _ := filepath.Glob(filepath.Join(h.o.TWSPath, pattern))
				for _, file := range files {
					os.Remove(file)
				}
			}
		}, 7, "it ended at once: the Gateway's vmoptions file is missing"},
		{"a Java that ends before the login", func(h *harness) { write(h.t, h.layout.Scenes, "no JSON") }, 64, "it ended at once: IBC ended with status 64"},
		{"a script that is none", func(h *harness) {
			write(h.t, filepath.Join(h.o.Path, "scripts", "ibcstart.sh"), "#!/bin/sh\nexit 3\n")
		}, 3, "it ended at once: IBC did not understand how it was called"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, simgateway.Options{})
			tt.breaks(h)
			t.Parallel()
			f := h.follow()
			f.refuses(supervisor.Start, "", tt.says, "gatelight logs")
			events, _ := f.recorded()
			if end := lastEnd(events); end == nil || end.Exit.Status != tt.status {
				t.Errorf("%+v", end)
			}
		})
	}
}

// Whoever stops it meanwhile has not broken it.
func TestAStartThatIsStoppedHasNotEndedByItself(t *testing.T) {
	h := install(t, simgateway.Options{})
	log := "2026-11-23 14:05:12:345 IBC: CommandServer received command: STOP"
	write(t, filepath.Join(h.o.Path, "scripts", "ibcstart.sh"), "#!/bin/sh\necho Starting Gateway with this command:\necho '"+log+"'\n")
	t.Parallel()
	h.follow().refuses(supervisor.Start, supervisor.ReasonStopped, "somebody has stopped the Gateway meanwhile")
}

// standIn starts a process that is called as IBC's script is, and does nothing.
func standIn(t *testing.T, prepare func(*exec.Cmd)) (pid int, r run) {
	t.Helper()
	r = run{script: "/opt/ibc/scripts/ibcstart.sh", config: "/home/trader/ibc/config.ini"}
	cmd := exec.Command("sh", "-c", "read nothing", r.script, "--ibc-ini="+r.config)
	if _, err := cmd.StdinPipe(); err != nil { // nothing ever comes
		t.Fatal(err)
	}
	prepare(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	r.proof = awaitIdentity(t, cmd.Process.Pid)
	r.Args = r.Args[4:]
	return cmd.Process.Pid, r
}

// A signal goes to a process group of its own, or to nobody. What is not called
// as IBC's script of the settings gets none, whatever the run file says.
func TestSignalsReachOnlyAProvenGroup(t *testing.T) {
	pid, right := standIn(t, func(*exec.Cmd) {}) // in our own group
	another := func(change func(*run)) run { r := right; change(&r); return r }
	const notProven = "it cannot be told whether it still is the Gateway: "
	for _, tt := range []struct {
		name string
		r    run
		says string // "" for nothing to do
	}{
		{"it does not lead a group", right, "it does not lead a process group of its own"},
		{"another start time", another(func(r *run) { r.StartedAt, r.startMark = r.StartedAt.Add(time.Minute), startMark{} }),
			notProven + "it is called as the Gateway was, but has another start time (was the clock set?)"},
		{"another command line", another(func(r *run) { r.Args = []string{"61"} }),
			notProven + "it was started when the Gateway was, but has another command line"},
		{"another script", another(func(r *run) { r.script = "/opt/another/scripts/ibcstart.sh" }), notProven + "it is not called with IBC's script"},
		{"another config", another(func(r *run) { r.config = "/another/config.ini" }), notProven + "it is not called with IBC's script"},
		{"another process", another(func(r *run) {
			r.StartedAt, r.startMark, r.Args = r.StartedAt.Add(time.Minute), startMark{}, []string{"61"}
		}), ""},
	} {
		for _, signal := range []func(*run) error{terminate, kill} {
			if err := signal(&tt.r); (err == nil) != (tt.says == "") || err != nil && !strings.HasPrefix(err.Error(), tt.says) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.says)
			}
		}
		if _, as := reap(pid); as != childRunning {
			t.Fatalf("%s: killed", tt.name)
		}
	}
}

// The time of the boot, from which Linux derives start times, moves with the
// clock. What counts then does not.
func TestAStartTimeThatHasMovedWithTheClockProvesTheSame(t *testing.T) {
	_, r := standIn(t, detach)
	if r.Boot == "" {
		t.Skip("this system keeps start times as they were")
	}
	r.StartedAt = r.StartedAt.Add(10 * time.Second)
	if ours, err := r.isStillOurs(); !ours || err != nil {
		t.Errorf("%t, %v", ours, err)
	}
	r.Ticks++
	if ours, err := r.isStillOurs(); ours || err == nil {
		t.Errorf("started at another time: %t, %v", ours, err)
	}
}

// A child has ended when the kernel says so: a clock that was set changes its
// start time, but ends nothing.
func TestAChildHasEndedWhenTheKernelSaysSo(t *testing.T) {
	_, right := standIn(t, detach)
	shifted := right
	shifted.StartedAt, shifted.startMark = right.StartedAt.Add(-time.Hour), startMark{}
	for _, r := range []run{right, shifted} {
		if status, over := r.hasEnded(); over {
			t.Errorf("it lives, yet %+v has ended with %d", r, status)
		}
	}
	foreign := right
	foreign.PID = os.Getppid()
	if status, over := foreign.hasEnded(); !over || status != -1 {
		t.Errorf("the pid is another's: status %d, over %t", status, over)
	}
	if err := kill(&right); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "it has ended", func() bool {
		status, over := right.hasEnded()
		if over && status != 137 {
			t.Errorf("status %d, not 137", status)
		}
		return over
	})
	if status, over := right.hasEnded(); !over || status != 137 {
		t.Errorf("afterwards: status %d, over %t", status, over)
	}
}
