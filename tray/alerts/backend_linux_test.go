package alerts

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
	"gatelight/tray/fakesupervisor"
)

// A harness is a presenter on a fake desktop.
type harness struct {
	*fakesupervisor.Supervisor
	t         *testing.T
	desktop   *fakedesktop.Desktop
	presenter *Presenter

	mu    sync.Mutex
	state State
}

// How long the presenter waits for a service that hangs, and before the next try.
// Both are much longer in the program.
const (
	testShowTimeout = 500 * time.Millisecond
	testRetryEvery  = 500 * time.Millisecond
)

func present(t *testing.T, d *fakedesktop.Desktop, o Options) *harness {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	h := &harness{Supervisor: fakesupervisor.New(now(supervisor.Connected)), t: t, desktop: d}
	o.Supervisor, o.Log = h.Supervisor, slog.New(slog.NewTextHandler(t.Output(), nil))
	o.RetryEvery = testRetryEvery
	o.Pressed = func(Press) {}
	o.Changed = func(_ context.Context, s State) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.state = s
	}
	h.presenter = New(o)
	ctx, quit := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { h.presenter.Run(ctx) })
	t.Cleanup(func() { quit(); wg.Wait() })
	h.await("a name or a problem", func(s State) bool { return s != State{} })
	return h
}

func (h *harness) await(what string, ok func(State) bool) {
	h.t.Helper()
	err := h.desktop.Await(h.t.Context(), what, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return ok(h.state)
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) awaitProblem(want string) {
	h.t.Helper()
	h.await("problem "+want, func(s State) bool { return s.Problem == want })
}

func (h *harness) awaitService() {
	h.t.Helper()
	h.await("service", func(s State) bool { return s == State{By: "fakedesktop 1"} })
}

// desktop is a new desktop. At the end of the test no goroutine may be left.
func desktop(t *testing.T) *fakedesktop.Desktop {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
	return fakedesktop.Start(t)
}

func TestANotificationWithoutButtonsWhereTheServiceHasNone(t *testing.T) {
	d := desktop(t)
	d.SetCapabilities("body")
	h := present(t, d, Options{})
	h.Tell(now(supervisor.Down), drop(1, "down"))
	if b := d.AwaitSummary("down"); len(b.Actions) != 0 {
		t.Errorf("%s", b)
	}
}

// A service that reads markup drops what looks like a tag.
func TestNothingThatIsSaidIsLostToMarkup(t *testing.T) {
	const body = "Exit 1: Tom & Jerry <init> failed"
	for want, can := range map[string][]string{
		body: {"body"},
		"Exit 1: Tom &amp; Jerry &lt;init&gt; failed": {"body", "body-markup"},
	} {
		d := desktop(t)
		d.SetCapabilities(can...)
		h := present(t, d, Options{})
		n := drop(1, "down & <out>")
		n.Body = body
		h.Tell(now(supervisor.Down), n)
		if b := d.AwaitSummary("down & <out>"); b.Body != want {
			t.Errorf("with %v: %s", can, b)
		}
	}
}

func TestASoundIsPlayedOnlyWhereItIsOn(t *testing.T) {
	for _, c := range []struct {
		on             bool
		urgent, better any
	}{{false, nil, nil}, {true, "dialog-warning", "complete"}} {
		d := desktop(t)
		h := present(t, d, Options{Sound: c.on})
		h.Tell(now(supervisor.Down), drop(1, "down"))
		down := d.AwaitSummary("down")
		h.Tell(now(supervisor.Connected), recovery(1, "up"))
		up := d.AwaitSummary("up")
		if down.Hints["sound-name"] != c.urgent || up.Hints["sound-name"] != c.better || (down.Hints["suppress-sound"] == true) == c.on {
			t.Errorf("with sound %v: %v and %v", c.on, down.Hints["sound-name"], up.Hints["sound-name"])
		}
		if up.ReplacesID != down.ID {
			t.Errorf("%s, want the first replaced", up)
		}
	}
}

func TestAServiceThatComesLateShowsWhatWasMissedOnce(t *testing.T) {
	d := desktop(t)
	d.StopNotifications()
	h := present(t, d, Options{})
	h.awaitProblem("no notification service is running: alerts cannot be shown")
	h.Tell(now(supervisor.Down), drop(1, "down"))
	h.awaitProblem("no notification service is running: 1 alert was not shown")
	h.Tell(now(supervisor.Zombies), drop(1, "zombies"))
	h.Tell(now(supervisor.Zombies), supervisor.Notice{ID: 2, Kind: supervisor.NoticeFailed, Title: "Could not restart", Urgent: true})
	h.awaitProblem("no notification service is running: 2 alerts were not shown")
	d.StartNotifications()
	d.AwaitSummary("Could not restart")
	var all []string
	for _, b := range d.Notifications() {
		all = append(all, b.Summary)
	}
	if want := []string{"zombies", "Could not restart"}; !slices.Equal(all, want) {
		t.Errorf("shown are %q, want %q", all, want)
	}
	h.awaitService()
}

// Services count their notifications, and a new one counts anew.
func TestAnAlertIsNotReplacedByThatOfAnotherIncidentWhenTheServiceWasRestarted(t *testing.T) {
	d := desktop(t)
	h := present(t, d, Options{})
	h.Tell(now(supervisor.Down), drop(1, "down"))
	first := d.AwaitSummary("down")
	d.StopNotifications()
	d.StartNotifications()
	failed := supervisor.Notice{ID: 2, Kind: supervisor.NoticeFailed, Title: "Could not restart", Urgent: true}
	h.Tell(now(supervisor.Down), failed)
	if b := d.AwaitSummary(failed.Title); b.ID != first.ID || b.ReplacesID != 0 {
		t.Fatalf("%s; want an id that was given before", b)
	}
	h.Tell(now(supervisor.Connected), recovery(1, "up"))
	if b := d.AwaitSummary("up"); b.ReplacesID != 0 {
		t.Errorf("%s", b)
	}
	if n := len(d.Shown()); n != 2 {
		t.Errorf("showing is %v", d.Shown())
	}
}

func TestANotificationIsWithdrawnWhenItIsOverDuringAPause(t *testing.T) {
	d := desktop(t)
	h := present(t, d, Options{})
	h.Tell(now(supervisor.Down), drop(1, "down"))
	d.AwaitSummary("down")
	h.presenter.Pause(t.Context(), supervisor.Now().Add(time.Hour))
	h.Tell(now(supervisor.Connected), recovery(1, "up"))
	h.await("an empty screen", func(State) bool { return len(d.Shown()) == 0 })
	h.presenter.Pause(t.Context(), time.Time{})
	if b := d.AwaitSummary("up"); b.ReplacesID != 0 {
		t.Errorf("%s", b)
	}
}

func TestAServiceThatHangsShowsAnAlertOnce(t *testing.T) {
	d := desktop(t)
	h := present(t, d, Options{ShowTimeout: testShowTimeout})
	h.awaitService()
	d.HangNotifications(true)
	h.Tell(now(supervisor.Down), drop(1, "down"))
	h.awaitProblem("the notification service does not answer: 1 alert was not shown") // after the timeout
	d.HangNotifications(false)
	h.awaitProblem("") // the next try finds that it was shown meanwhile
	if n := len(d.Notifications()); n != 1 {
		t.Errorf("%d notifications: %v", n, d.Notifications())
	}
}

// fakeZenity stands in for the program that shows windows: it notes what it was
// asked to show and stays until it is ended.
func fakeZenity(t *testing.T) (calls func() string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >> " + filepath.Join(dir, "calls") + "\nexec tail -f /dev/null\n"
	if err := os.WriteFile(filepath.Join(dir, "zenity"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return func() string {
		b, _ := os.ReadFile(filepath.Join(dir, "calls"))
		return string(b)
	}
}

func TestAnUrgentAlertOpensOneWindowAndItEndsWithTheIncident(t *testing.T) {
	t.Cleanup(func() {
		if c := children(t); len(c) != 0 {
			t.Errorf("processes left: %q", c)
		}
	})
	calls := fakeZenity(t)
	d := desktop(t)
	h := present(t, d, Options{Dialog: true})
	n := drop(1, "Down: paper")
	n.Body = strings.Repeat("because of this ", 8)
	h.Tell(now(supervisor.Down), n)
	h.await("a window", func(State) bool { return strings.Contains(calls(), "--title Down: paper") })
	if !strings.Contains(calls(), "--question --default-cancel --ok-label Start Gateway --cancel-label Close") {
		t.Errorf("the window has no action, or the return key presses it: %s", calls())
	}
	for _, line := range strings.Split(calls(), "\n") {
		if text, _, _ := strings.Cut(line, " --"); len(text) > len("--text ")+dialogWidth {
			t.Errorf("the window would be as wide as %q", text)
		}
	}
	before := strings.Count(calls(), "\n")
	n.Kind, n.Title = supervisor.NoticeReminder, "still down"
	h.Tell(now(supervisor.Down), n)
	d.AwaitSummary("still down")
	h.Tell(now(supervisor.Connected), recovery(1, "up"))
	d.AwaitSummary("up")
	h.await("the end of the window", func(State) bool { return len(children(t)) == 1 }) // the bus
	if strings.Count(calls(), "\n") != before {
		t.Errorf("more than one window:\n%s", calls())
	}
	h.Tell(now(supervisor.Down), drop(2, "again"))
	h.await("another window", func(State) bool { return strings.Contains(calls(), "--title again") })
}

// children are the processes that this one has started and that still run.
func children(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, f := range files {
		b, _ := os.ReadFile(f)
		all = append(all, strings.Fields(string(b))...)
	}
	return all
}

// A service that hangs has the alert in hand, and shows it when it comes to itself.
func TestAnAlertThatComesLateIsTakenBackWhenItHasPassed(t *testing.T) {
	onPurpose := now(supervisor.Down)
	onPurpose.Expected = true
	for name, passes := range map[string]func(*harness){
		"stopped on purpose": func(h *harness) { h.Set(onPurpose) },
		"up again in a pause": func(h *harness) {
			h.presenter.Pause(t.Context(), supervisor.Now().Add(time.Hour))
			h.Tell(now(supervisor.Connected), recovery(1, "up"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := desktop(t)
			h := present(t, d, Options{ShowTimeout: testShowTimeout})
			h.awaitService()
			d.HangNotifications(true)
			h.Tell(now(supervisor.Down), drop(1, "down"))
			h.awaitProblem("the notification service does not answer: 1 alert was not shown")
			passes(h)
			d.HangNotifications(false)
			d.AwaitSummary("down")
			h.await("an empty screen", func(State) bool { return len(d.Shown()) == 0 })
		})
	}
}

func TestAButtonThatIsOfferedAgainIsRememberedOnce(t *testing.T) {
	d := desktop(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	b := newBackend(func(Press) {}).(*dbusBackend)
	defer b.close()
	for range 10 {
		if err := b.show(t.Context(), alert{Notice: drop(1, "click"), Buttons: []Button{{"Show log", Press{ShowLog: true}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.offers.presses) != 1 {
		t.Errorf("%d buttons are remembered", len(b.offers.presses))
	}
}
