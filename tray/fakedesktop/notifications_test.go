//go:build linux

package fakedesktop

import (
	"context"
	"errors"
	"io"
	"log"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"
)

// dial is a program's own connection.
func dial(t testing.TB, d *Desktop) *dbus.Conn {
	t.Helper()
	conn, err := dbus.Connect(d.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func post(t testing.TB, conn *dbus.Conn, n notify.Notification) uint32 {
	t.Helper()
	id, err := notify.SendNotification(conn, n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func summaries(notifications []Notification) string {
	var all []string
	for _, b := range notifications {
		all = append(all, b.Summary)
	}
	return strings.Join(all, ", ")
}

func TestNotification(t *testing.T) {
	d := desktop(t)
	n := notify.Notification{
		AppName: "Lamp", AppIcon: "lamp", Summary: "Lamp out", Body: "Change it.",
		Actions:       []notify.Action{notify.NewDefaultAction("Open"), {Key: "later", Label: "Later"}},
		ExpireTimeout: notify.ExpireTimeoutSetByNotificationServer,
	}
	n.SetUrgency(notify.UrgencyCritical)
	before := time.Now()
	id := post(t, dial(t, d), n)

	b, err := d.AwaitNotification(t.Context(), func(b Notification) bool { return b.Summary == "Lamp out" })
	if err != nil {
		t.Fatal(err)
	}
	if b.At.Before(before) || b.At.After(time.Now()) {
		t.Errorf("the notification came at %v", b.At)
	}
	if b.ID != id || b.AppName != "Lamp" || b.Icon != "lamp" || b.Expire >= 0 || b.Hints["urgency"] != byte(2) {
		t.Errorf("the notification is %+v", b)
	}
	const want = `notification 1, critical: "Lamp out" "Change it." [default: Open] [later: Later]`
	if b.String() != want {
		t.Errorf("the notification is\n%s\nwant\n%s", b, want)
	}
}

func TestReplace(t *testing.T) {
	d := desktop(t)
	conn := dial(t, d)
	first := post(t, conn, notify.Notification{Summary: "dim"})
	other := post(t, conn, notify.Notification{Summary: "other"})
	again := post(t, conn, notify.Notification{Summary: "out", ReplacesID: first})
	if first == other || again != first {
		t.Errorf("ids are %d, %d and, in place of the first, %d", first, other, again)
	}
	if got := summaries(d.Notifications()); got != "dim, other, out" {
		t.Errorf("the calls were %s", got)
	}
	if got := summaries(d.Shown()); got != "out, other" {
		t.Errorf("showing is %s", got)
	}
}

// A client keeps the signals that it hears.
type client struct {
	notify.Notifier
	actions chan notify.ActionInvokedSignal
	closes  chan notify.NotificationClosedSignal
}

func newClient(t *testing.T, d *Desktop) *client {
	t.Helper()
	c := &client{
		actions: make(chan notify.ActionInvokedSignal, 10),
		closes:  make(chan notify.NotificationClosedSignal, 10),
	}
	n, err := notify.New(dial(t, d),
		notify.WithOnAction(func(s *notify.ActionInvokedSignal) { c.actions <- *s }),
		notify.WithOnClosed(func(s *notify.NotificationClosedSignal) { c.closes <- *s }),
		notify.WithLogger(log.New(io.Discard, "", 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	c.Notifier = n
	return c
}

func receive[T comparable](t *testing.T, from <-chan T, want T) {
	t.Helper()
	select {
	case got := <-from:
		if got != want {
			t.Errorf("the signal is %+v, want %+v", got, want)
		}
	case <-time.After(patience):
		t.Errorf("no signal, want %+v", want)
	}
}

func TestActionsAndCloses(t *testing.T) {
	d := desktop(t)
	c := newClient(t, d)
	send := func(n notify.Notification) uint32 {
		t.Helper()
		n.Actions = []notify.Action{{Key: "change", Label: "Change it"}}
		id, err := c.SendNotification(n)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}

	id := send(notify.Notification{Summary: "out"})
	d.InvokeAction(id, "change")
	receive(t, c.actions, notify.ActionInvokedSignal{ID: id, ActionKey: "change"})
	receive(t, c.closes, notify.NotificationClosedSignal{ID: id, Reason: notify.ReasonDismissedByUser})

	id = send(notify.Notification{Summary: "stays", Hints: map[string]dbus.Variant{"resident": dbus.MakeVariant(true)}})
	d.InvokeAction(id, "change")
	receive(t, c.actions, notify.ActionInvokedSignal{ID: id, ActionKey: "change"})
	d.CloseNotification(id)
	receive(t, c.closes, notify.NotificationClosedSignal{ID: id, Reason: notify.ReasonDismissedByUser})

	id = send(notify.Notification{Summary: "back"})
	if ok, err := c.CloseNotification(id); !ok || err != nil {
		t.Errorf("the program cannot take its notification back: %v", err)
	}
	receive(t, c.closes, notify.NotificationClosedSignal{ID: id, Reason: notify.ReasonClosedByCall})
	if _, err := c.CloseNotification(id); err == nil {
		t.Error("a notification closed twice")
	}
	if got := d.Shown(); len(got) != 0 {
		t.Errorf("still showing: %v", got)
	}
}

// A test that presses what nobody could press is wrong, and must hear so.
func TestNothingToPress(t *testing.T) {
	for name, press := range map[string]func(*Desktop){
		"action": func(d *Desktop) { d.InvokeAction(1, "change") },
		"close":  func(d *Desktop) { d.CloseNotification(7) },
	} {
		said := failureOf(t, func(t testing.TB) {
			d := Start(t)
			post(t, dial(t, d), notify.Notification{Summary: "no buttons"})
			press(d)
		})
		if !strings.Contains(said, "no showing notification") {
			t.Errorf("%s fails with %q", name, said)
		}
	}
}

func TestService(t *testing.T) {
	d := desktop(t)
	conn := dial(t, d)
	caps, err := notify.GetCapabilities(conn)
	if err != nil || !slices.Equal(caps, []string{"body", "actions", "persistence"}) {
		t.Errorf("capabilities are %q, %v", caps, err)
	}
	info, err := notify.GetServerInformation(conn)
	if err != nil || info.Name != "fakedesktop" || info.SpecVersion != "1.2" {
		t.Errorf("the service is %+v, %v", info, err)
	}
}

func TestServiceComesBack(t *testing.T) {
	d := desktop(t)
	conn := dial(t, d)
	first := post(t, conn, notify.Notification{Summary: "before"})
	d.StopNotifications()
	if _, err := notify.SendNotification(conn, notify.Notification{Summary: "nobody there"}); err == nil {
		t.Error("a notification without a service")
	}
	d.StartNotifications()
	if got := d.Shown(); len(got) != 0 {
		t.Errorf("notifications outlived their service: %v", got)
	}
	if id := post(t, conn, notify.Notification{Summary: "after"}); id != first {
		t.Errorf("the first id is %d, and %d in its next life; want it to count anew", first, id)
	}
	if got := summaries(d.Notifications()); got != "before, after" {
		t.Errorf("the calls were %s", got)
	}
}

func TestHang(t *testing.T) {
	d := desktop(t)
	conn := dial(t, d)
	d.HangNotifications(true)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	service := conn.Object(notifyName, notifyPath)
	err := service.CallWithContext(ctx, notifyName+".GetCapabilities", 0).Err
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hanging service answers %v", err)
	}

	posted := make(chan uint32, 1)
	go func() {
		id, _ := notify.SendNotification(conn, notify.Notification{Summary: "held"})
		posted <- id
	}()
	held, err := d.AwaitNotification(t.Context(), func(b Notification) bool { return b.Summary == "held" })
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Shown(); len(got) != 0 {
		t.Errorf("a hanging service shows %v", got)
	}
	d.HangNotifications(false)
	receive(t, posted, held.ID)
	if got := summaries(d.Shown()); got != "held" {
		t.Errorf("showing is %s", got)
	}
}

// The service dies with a call in hand: the program hears an error, at once.
func TestHangThenStop(t *testing.T) {
	d := desktop(t)
	conn := dial(t, d)
	d.HangNotifications(true)
	failed := make(chan bool, 1)
	go func() {
		_, err := notify.SendNotification(conn, notify.Notification{Summary: "held"})
		failed <- err != nil
	}()
	if _, err := d.AwaitNotification(t.Context(), func(Notification) bool { return true }); err != nil {
		t.Fatal(err)
	}
	d.StopNotifications()
	receive(t, failed, true)
}
