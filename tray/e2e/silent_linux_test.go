package e2e

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
	"gatelight/tray/fakedesktop"
)

// curedBy is the longest that a restart of a hung Gateway may take: IBC's
// command server does not answer, SIGTERM has no effect, and SIGKILL has.
const curedBy = 90 * time.Second

// freezeGateway stops the Gateway where it stands, as a hang does: its port stays
// open, and nothing behind it answers.
func (b *harness) freezeGateway() (at time.Time) {
	b.t.Helper()
	g := b.await("connected", in("connected"))
	at = time.Now()
	if err := syscall.Kill(*g.Listener.PID, syscall.SIGSTOP); err != nil {
		b.t.Fatal(err)
	}
	return at
}

func (b *harness) awaitNotice(what string, match func(fakedesktop.Notification) bool) fakedesktop.Notification {
	b.t.Helper()
	n, err := b.desktop.AwaitNotification(b.t.Context(), match)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return n
}

func says(summary string) func(fakedesktop.Notification) bool {
	return func(n fakedesktop.Notification) bool { return strings.HasPrefix(n.Summary, summary) }
}

// press presses the button of a notification that is on the screen.
func (b *harness) press(n fakedesktop.Notification, label string) {
	b.t.Helper()
	i := slices.IndexFunc(n.Actions, func(a fakedesktop.Action) bool { return a.Label == label })
	if i < 0 {
		b.t.Fatalf("no button %q: %v", label, n)
	}
	b.desktop.InvokeAction(n.ID, n.Actions[i].Key)
}

func TestAHungGatewayIsRedIsToldOnceAndIsCuredByTheAlertsButton(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.startGateway(item)
	watch := b.follow()
	frozen := b.freezeGateway()
	changed, was := watch.until("silent", is(supervisor.Silent))
	t.Logf("from SIGSTOP to silent: %v", changed.Sub(frozen))
	if limit := supervisor.DefaultPolicy().HeartbeatLate + *maxTold; changed.Sub(frozen) > limit {
		t.Errorf("it was silent after %v, want %v", changed.Sub(frozen), limit)
	}
	b.awaitIcon(item, "silent")
	b.awaitMenu(item, "Not responding: paper (simulated)")
	if out, code := b.run("status"); code != 2 || !strings.Contains(out, "Not responding") || !strings.Contains(out, "has not answered since") {
		t.Errorf("status: %d %s", code, out)
	}

	told := b.awaitNotice("the alert", says("Not responding: "))
	if told.Urgency != fakedesktop.Critical || !strings.Contains(told.Body, "A restart usually helps") {
		t.Errorf("people were told %v", told)
	}
	b.press(told, "Restart Gateway")
	restarted := time.Now()
	_, now := watch.within(curedBy, "connected again", is(supervisor.Connected))
	t.Logf("from the button to connected: %v", time.Since(restarted))
	b.awaitIcon(item, "connected")
	if now.Listener.Process.PID == was.Listener.Process.PID {
		t.Errorf("process %d still listens", now.Listener.Process.PID)
	}
	b.awaitNotice("its end", says("Connected: "))
	var all []string
	for _, n := range b.desktop.Notifications() {
		all = append(all, n.Summary)
	}
	if want := []string{"Not responding: paper (simulated)", "Connected: paper (simulated)"}; !slices.Equal(all, want) {
		t.Errorf("people were told %q, want %q", all, want)
	}
}

// A pause is no hang: nobody is bothered, and nothing is restarted.
func TestAGatewayThatPausesForAMomentStaysGreen(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	_, item := b.startTray()
	b.startGateway(item)
	watch := b.follow()
	g := b.await("connected", in("connected"))
	b.freezeGateway()
	<-time.After(3 * time.Second)
	if err := syscall.Kill(*g.Listener.PID, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	answered := time.Now()
	watch.until("an answer", func(s supervisor.Snapshot) bool {
		if s.State != supervisor.Connected {
			t.Fatalf("it is %s: %s", s.State, s.Why)
		}
		return s.API.AnsweredAt.After(answered)
	})
	if all := b.desktop.Notifications(); len(all) != 0 {
		t.Errorf("people were told %v", all)
	}
}

// What keeps a login from going on is shown at once, and told once, however
// often IBC tries again.
func TestALoginThatNeedsAPersonIsShownAtOnceAndToldOnce(t *testing.T) {
	for _, c := range []struct {
		result string
		title  string
		reason supervisor.LoginReason
	}{
		{simgateway.LoginTooMany, "too many failed logins", supervisor.LoginTooManyAttempts},
		{simgateway.LoginExisting, "logged in elsewhere", supervisor.LoginExistingSession},
	} {
		t.Run(c.result, func(t *testing.T) {
			o := quick
			o.LoginResult = c.result
			b := newHarness(t, o)
			_, item := b.startTray()
			b.awaitIcon(item, "down-expected")
			b.click(item, "Start")
			b.awaitIcon(item, "needs-you")
			told := b.awaitNotice("the alert", says(supervisor.Capitalise(c.title)+": "))
			if told.Urgency != fakedesktop.Critical {
				t.Errorf("people were told %v", told)
			}
			g := b.await("the problem", func(g status.Gateway) bool { return g.LoginProblem != nil })
			if g.State != "starting" || g.Phase != supervisor.NeedsYou || g.LoginProblem.Reason != c.reason || !g.LoginProblem.Waits {
				t.Errorf("%s %s, %+v", g.State, g.Phase, g.LoginProblem)
			}
			b.awaitMenu(item, "Waiting for you: paper (simulated)")
			if out, code := b.run("status"); code != 1 || !strings.Contains(strings.Join(strings.Fields(out), " "), supervisor.Capitalise(g.LoginProblem.Text)) {
				t.Errorf("status: %d %s", code, out)
			}

			b.press(told, "Stop Gateway")
			b.awaitIcon(item, "down-expected")
			b.await("stopped", func(g status.Gateway) bool { return g.Expected && g.Process.PID == nil && g.Busy == "" })
			if all := b.desktop.Notifications(); len(all) != 1 {
				t.Errorf("people were told %v, want one alert", all)
			}
			if left := b.desktop.Shown(); len(left) != 0 {
				t.Errorf("left on the screen: %v", left)
			}
		})
	}
}

// IBC answers a refused login by another one, up to the budget.
func TestARefusedLoginIsToldOnceBeforeTheBudgetIsSpent(t *testing.T) {
	o := quick
	o.LoginResult, o.RelaunchDelay = simgateway.LoginFailed, 500*time.Millisecond
	b := newHarness(t, o)
	_, item := b.startTray()
	b.awaitIcon(item, "down-expected")
	b.click(item, "Start")
	refused := b.awaitNotice("the refusal", says("Login refused: "))
	b.awaitNotice("the budget", says("Too many logins: "))
	b.await("stopped", func(g status.Gateway) bool { return g.State == "down" && g.Process.PID == nil && g.Busy == "" })
	var all []string
	for _, n := range b.desktop.Notifications() {
		all = append(all, n.Summary)
		if n.ID != refused.ID {
			t.Errorf("%v has an alert of its own", n)
		}
	}
	if len(all) != 2 {
		t.Errorf("people were told %q, want the refusal and the end", all)
	}
}
