//go:build unix

package ibc

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// A process that may be the Gateway has not ended: a start beside it would be
// one more login.
func TestAnUnprovenProcessIsNeitherRunningNorEnded(t *testing.T) {
	h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.startsAndWaitsForApproval()
	first.quit()

	b, err := os.ReadFile(h.runFile()) // as if the clock had been set since
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]any
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	kept["started_at"], kept["ticks"] = time.Now().Add(-time.Hour), 1
	if b, err = json.Marshal(kept); err != nil {
		t.Fatal(err)
	}
	write(t, h.runFile(), string(b))

	second := h.follow()
	second.refuses(supervisor.Start, supervisor.ReasonNotProven, "may be the Gateway that an earlier Gatelight has started: it is called as the Gateway was, but has another start time")
	second.toldUnknown("; end it, or remove " + h.runFile() + " if it is another program")
	for _, word := range second.words() {
		if strings.HasPrefix(word, "ended") || word == "seen" {
			t.Errorf("reported: %q", second.words())
		}
	}
	if n := len(h.processes()); n != 2 {
		t.Errorf("%d processes", n)
	}
}

// toldUnknown waits until it is reported that nobody knows whether a Gateway
// runs, for a reason with this text; "": that it is known again.
func (f *follower) toldUnknown(says string) {
	f.h.t.Helper()
	f.waitFor(func(events []supervisor.Event) bool {
		for _, e := range slices.Backward(events) {
			if e, ok := e.(supervisor.ProcessUnknown); ok {
				return strings.Contains(e.Why, says) && (e.Why == "") == (says == "")
			}
		}
		return false
	})
}

// Only a run file that is not there says that nothing was started. With any
// other one that cannot be used nothing is started, until a person has looked.
func TestARunFileThatCannotBeUsedSaysNothing(t *testing.T) {
	h := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	first := h.follow()
	first.startsAndWaitsForApproval()
	first.quit()
	right := read(t, h.runFile())
	for name, damage := range map[string]func(){
		"cut off":                    func() { write(t, h.runFile(), right[:len(right)/2]) },
		"empty":                      func() { write(t, h.runFile(), "") },
		"of another kind":            func() { write(t, h.runFile(), `{"pid":1}`) },
		"a folder":                   func() { _ = os.Mkdir(h.runFile(), 0o700) },
		"a link to nowhere and back": func() { _ = os.Symlink(h.runFile(), h.runFile()) },
	} {
		if err := os.RemoveAll(h.runFile()); err != nil {
			t.Fatal(err)
		}
		damage()
		f := h.follow()
		f.toldUnknown("if no Gateway runs, remove " + h.runFile())
		f.refuses(supervisor.Start, supervisor.ReasonNotProven, "if no Gateway runs, remove "+h.runFile())
		if unknown, _ := New(h.o).Running().(supervisor.ProcessUnknown); unknown.Why == "" {
			t.Errorf("%s: a Gatelight that only looks says that nothing runs", name)
		}
		f.quit()
		if words := f.words(); slices.Contains(words, "seen") || len(h.processes()) != 2 {
			t.Errorf("%s: %q, %q", name, words, h.processes())
		}
	}
	f := h.follow()
	f.toldUnknown("remove")
	if err := os.Remove(h.runFile()); err != nil {
		t.Fatal(err)
	}
	f.toldUnknown("")
	f.quit()
	write(t, h.runFile(), right)
	h.follow().expects("seen", "LOGIN", "two_factor")
}

// A forged run file that names another process gets nobody killed: the command
// line has to be that of IBC's script of the settings.
func TestAForgedRunFileGetsNobodyKilled(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	cmd := exec.Command("sleep", "600")
	detach(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	forged := remembered{proof: awaitIdentity(t, cmd.Process.Pid), Log: h.logFile()}
	forged.Args = forged.Args[1:]
	script, err := json.Marshal(forged)
	if err != nil {
		t.Fatal(err)
	}
	forged.Java = &forged.proof
	java, err := json.Marshal(forged)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{script, java} {
		write(t, h.runFile(), string(content))
		f := h.follow()
		f.toldUnknown("it is not called with IBC's script " + scriptIn(h.o.Path) + " and the config " + h.o.Config + " of the settings")
		f.refuses(supervisor.Stop, supervisor.ReasonNoControls)
		f.refuses(supervisor.Restart, supervisor.ReasonNoControls)
		f.quit()
		if err := f.Kill(t.Context()); err == nil {
			t.Error("it was killed")
		}
		if _, as := reap(cmd.Process.Pid); as != childRunning || slices.Contains(f.words(), "seen") {
			t.Errorf("the process is %v, happened: %q", as, f.words())
		}
	}
}

// A stop by the user is no crash, even when Gatelight is quit before it is
// done.
func TestAStopUnderWayIsAdopted(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t), StopDelay: 2 * time.Second})
	t.Parallel()
	first := h.follow()
	first.startsAndLogsIn()
	ctx, giveUp := context.WithCancel(t.Context())
	stopping := make(chan struct{})
	go func() {
		defer close(stopping)
		_ = first.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}) // not waited for
	}()
	first.expects("seen", "launching", "login", "LOGIN", "logged_in", "STOP")
	giveUp()
	<-stopping
	first.quit()
	second := h.follow()
	second.expects("seen", "LOGIN", "logged_in", "STOP", "ended 0: it closed normally")
	if _, err := os.Stat(h.runFile()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is remembered as a crash: %v", err)
	}
}

// IBC's log says whether a user asked for the start, so that the next Gatelight
// counts its login right.
func TestAnAdoptedLoginIsAttendedIfTheStartWas(t *testing.T) {
	for _, unattended := range []bool{false, true} {
		h := install(t, simgateway.Options{})
		first := h.follow()
		if err := first.Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start, Unattended: unattended}); err != nil {
			t.Fatal(err)
		}
		first.expects("seen", "launching", "login", "LOGIN", "logged_in")
		first.quit()
		second := h.follow()
		second.expects("seen", "LOGIN", "logged_in")
		events, _ := second.recorded()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && (login.Attended == unattended || login.At.IsZero()) {
				t.Errorf("unattended %v: %+v", unattended, login)
			}
		}
		events, _ = first.recorded()
		for _, e := range events {
			if login, ok := e.(supervisor.LoginSeen); ok && !login.At.IsZero() {
				t.Errorf("a login that was seen live has the time of IBC's log: %+v", login)
			}
		}
	}
}

// behindRelay shows one relay as the owner of every open port.
type behindRelay struct{ supervisor.SocketReader }

func (b behindRelay) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	t, err := b.SocketReader.Look(ctx, ports)
	for port, v := range t.Ports {
		if v.Listener != nil {
			l := *v.Listener
			l.Process, l.Relay = supervisor.Process{PID: 77, Name: "com.docker.backend"}, "com.docker.backend"
			v.Listener = &l
			t.Ports[port] = v
		}
	}
	return t, err
}

// One relay may hold the ports of many Gateways: that it holds both ports
// proves nothing.
func TestNoCommandGoesThroughARelay(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	h.follow().startsAndLogsIn()
	reader, runs := h.o.Sockets, h.o.RunDir
	h.o.Sockets, h.o.RunDir = behindRelay{reader}, filepath.Join(h.dir, "another")
	f := h.follow()
	for _, a := range []supervisor.Action{supervisor.Stop, supervisor.Restart, supervisor.ClearZombies} {
		f.refuses(a, supervisor.ReasonNotProven, "is not proven to be this Gateway's; nothing was sent")
	}
	h.o.Sockets, h.o.RunDir = reader, runs
	h.follow().expectsRunning()
}

// failsOnce fails at the n-th look.
type failsOnce struct {
	supervisor.SocketReader
	left *int
}

func (o failsOnce) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	if *o.left--; *o.left == 0 {
		return supervisor.Table{}, errors.New("the table cannot be read")
	}
	return o.SocketReader.Look(ctx, ports)
}

func TestNothingIsDoneAfterOneFailedLook(t *testing.T) {
	h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
	t.Parallel()
	h.follow().startsAndLogsIn()
	reader := h.o.Sockets
	for _, a := range []supervisor.Action{supervisor.Restart, supervisor.ClearZombies, supervisor.Stop} {
		for look := 1; look <= 2; look++ {
			left := look
			h.o.Sockets = failsOnce{reader, &left}
			h.follow().refuses(a, supervisor.ReasonStateUnknown, "the table cannot be read")
		}
	}
	h.o.Sockets = reader
	h.follow().expectsRunning()
}
