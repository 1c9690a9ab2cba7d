package tray

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

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
)

// A crier is an announcer on a desktop, without an icon.
type crier struct {
	*stand
	t         *testing.T
	desk      *fakedesktop.Desktop
	announcer *announcer

	mu   sync.Mutex
	says Program // what the menu would say of it
}

func cry(t *testing.T, d *fakedesktop.Desktop, o Options) *crier {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	c := &crier{stand: newStand(now(supervisor.Connected)), t: t, desk: d}
	o.Notify, o.Supervisor, o.Log = true, c.stand, slog.New(slog.NewTextHandler(t.Output(), nil))
	a := newAnnouncer(o, time.Time{}, func(Command) {}, func(_ context.Context, tell func(*Program)) {
		c.mu.Lock()
		defer c.mu.Unlock()
		tell(&c.says)
	})
	c.announcer = a
	ctx, quit := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { a.run(ctx) })
	t.Cleanup(func() { quit(); wg.Wait() })
	c.await("who shows alerts", func(says Program) bool { return says.AlertsBy+says.Mute != "" })
	return c
}

func (c *crier) await(what string, ok func(says Program) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*again)
	defer cancel()
	err := c.desk.Await(ctx, what, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return ok(c.says)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *crier) awaitMute(want string) {
	c.t.Helper()
	c.await("to hear "+want, func(says Program) bool { return says.Mute == want })
}

func awaitBubble(t *testing.T, d *fakedesktop.Desktop, summary string) fakedesktop.Bubble {
	t.Helper()
	b, err := d.AwaitBubble(t.Context(), func(b fakedesktop.Bubble) bool { return b.Summary == summary })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestABubbleWithoutButtonsWhereTheServiceHasNone(t *testing.T) {
	d := desktop(t)
	d.Capable("body")
	l := cry(t, d, Options{})
	l.tell(now(supervisor.Down), drop(1, "down"))
	if b := awaitBubble(t, d, "down"); len(b.Actions) != 0 {
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
		d.Capable(can...)
		l := cry(t, d, Options{})
		n := drop(1, "down & <out>")
		n.Body = body
		l.tell(now(supervisor.Down), n)
		if b := awaitBubble(t, d, "down & <out>"); b.Body != want {
			t.Errorf("with %v: %s", can, b)
		}
	}
}

func TestSounds(t *testing.T) {
	for _, c := range []struct {
		on             bool
		urgent, better any
	}{{false, nil, nil}, {true, "dialog-warning", "complete"}} {
		d := desktop(t)
		l := cry(t, d, Options{Sound: c.on})
		l.tell(now(supervisor.Down), drop(1, "down"))
		down := awaitBubble(t, d, "down")
		l.tell(now(supervisor.Connected), recovery(1, "up"))
		up := awaitBubble(t, d, "up")
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
	l := cry(t, d, Options{})
	l.awaitMute("no notification service is running: alerts cannot be shown")
	l.tell(now(supervisor.Down), drop(1, "down"))
	l.awaitMute("no notification service is running: 1 alert was not shown")
	l.tell(now(supervisor.Zombies), drop(1, "zombies"))
	l.tell(now(supervisor.Zombies), supervisor.Notice{ID: 2, Kind: supervisor.NoticeFailed, Title: "Could not restart", Urgent: true})
	l.awaitMute("no notification service is running: 2 alerts were not shown")
	d.StartNotifications()
	awaitBubble(t, d, "Could not restart")
	var all []string
	for _, b := range d.Bubbles() {
		all = append(all, b.Summary)
	}
	if want := []string{"zombies", "Could not restart"}; !slices.Equal(all, want) {
		t.Errorf("shown are %q, want %q", all, want)
	}
	l.await("who shows them", func(says Program) bool { return says.AlertsBy == "fakedesktop 1" && says.Mute == "" })
}

// Services count their bubbles, and a new one counts anew.
func TestAnAlertIsNotReplacedByThatOfAnotherIncidentWhenTheServiceWasRestarted(t *testing.T) {
	d := desktop(t)
	l := cry(t, d, Options{})
	l.tell(now(supervisor.Down), drop(1, "down"))
	first := awaitBubble(t, d, "down")
	d.StopNotifications()
	d.StartNotifications()
	failed := supervisor.Notice{ID: 2, Kind: supervisor.NoticeFailed, Title: "Could not restart", Urgent: true}
	l.tell(now(supervisor.Down), failed)
	if b := awaitBubble(t, d, failed.Title); b.ID != first.ID || b.ReplacesID != 0 {
		t.Fatalf("%s; want an id that was given before", b)
	}
	l.tell(now(supervisor.Connected), recovery(1, "up"))
	if b := awaitBubble(t, d, "up"); b.ReplacesID != 0 {
		t.Errorf("%s", b)
	}
	if n := len(d.Showing()); n != 2 {
		t.Errorf("showing is %v", d.Showing())
	}
}

func TestABubbleIsWithdrawnWhenItIsOverDuringAPause(t *testing.T) {
	d := desktop(t)
	l := cry(t, d, Options{})
	l.tell(now(supervisor.Down), drop(1, "down"))
	awaitBubble(t, d, "down")
	l.announcer.pause(t.Context(), supervisor.Now().Add(time.Hour))
	l.tell(now(supervisor.Connected), recovery(1, "up"))
	l.await("an empty screen", func(Program) bool { return len(d.Showing()) == 0 })
	l.announcer.pause(t.Context(), time.Time{})
	if b := awaitBubble(t, d, "up"); b.ReplacesID != 0 {
		t.Errorf("%s", b)
	}
}

func TestAServiceThatHangsShowsAnAlertOnce(t *testing.T) {
	d := desktop(t)
	l := cry(t, d, Options{})
	l.await("who shows them", func(says Program) bool { return says.AlertsBy == "fakedesktop 1" && says.Mute == "" })
	d.HangNotifications(true)
	l.tell(now(supervisor.Down), drop(1, "down"))
	l.awaitMute("the notification service does not answer: 1 alert was not shown") // after postLimit
	d.HangNotifications(false)
	l.awaitMute("") // the next try, in 10 s, finds that it was shown meanwhile
	if n := len(d.Bubbles()); n != 1 {
		t.Errorf("%d bubbles: %v", n, d.Bubbles())
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
	l := cry(t, d, Options{Dialog: true})
	n := drop(1, "Gateway paper: down")
	n.Body = strings.Repeat("because of this ", 8)
	l.tell(now(supervisor.Down), n)
	l.await("a window", func(Program) bool { return strings.Contains(calls(), "--title Gateway paper: down") })
	for _, line := range strings.Split(calls(), "\n") {
		if text, _, _ := strings.Cut(line, " --"); len(text) > len("--text ")+windowWidth {
			t.Errorf("the window would be as wide as %q", text)
		}
	}
	before := strings.Count(calls(), "\n")
	n.Kind, n.Title = supervisor.NoticeReminder, "still down"
	l.tell(now(supervisor.Down), n)
	awaitBubble(t, d, "still down")
	l.tell(now(supervisor.Connected), recovery(1, "up"))
	awaitBubble(t, d, "up")
	l.await("the end of the window", func(Program) bool { return len(children(t)) == 1 }) // the bus
	if strings.Count(calls(), "\n") != before {
		t.Errorf("more than one window:\n%s", calls())
	}
	l.tell(now(supervisor.Down), drop(2, "again"))
	l.await("another window", func(Program) bool { return strings.Contains(calls(), "--title again") })
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
	for name, passes := range map[string]func(*crier){
		"stopped on purpose": func(l *crier) { l.set(onPurpose) },
		"up again in a pause": func(l *crier) {
			l.announcer.pause(t.Context(), supervisor.Now().Add(time.Hour))
			l.tell(now(supervisor.Connected), recovery(1, "up"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := desktop(t)
			l := cry(t, d, Options{})
			l.await("who shows them", func(says Program) bool { return says.AlertsBy == "fakedesktop 1" && says.Mute == "" })
			d.HangNotifications(true)
			l.tell(now(supervisor.Down), drop(1, "down"))
			l.awaitMute("the notification service does not answer: 1 alert was not shown")
			passes(l)
			d.HangNotifications(false)
			awaitBubble(t, d, "down")
			l.await("an empty screen", func(Program) bool { return len(d.Showing()) == 0 })
		})
	}
}

func TestWhatWasOfferedGoesWithTheAlert(t *testing.T) {
	d := desktop(t)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.Address())
	b := newPoster(func(Command) {}).(*busPoster)
	defer b.close()
	for range 10 {
		if err := b.post(t.Context(), alert{Notice: drop(1, "click"), Offers: []offer{{"Show log", Command{Local: OpenLog}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.offers) != 1 {
		t.Errorf("%d offers", len(b.offers))
	}
}
