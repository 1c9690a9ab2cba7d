//go:build linux

package fakedesktop

import (
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notifyName = "org.freedesktop.Notifications"
	notifyPath = "/org/freedesktop/Notifications"

	// Reasons of NotificationClosed.
	dismissed       = uint32(2)
	closedByProgram = uint32(3)
)

// A notifier is one life of the notification service.
type notifier struct {
	d    *Desktop
	conn *dbus.Conn

	// Guarded by Desktop.mu.
	late   []func() // answers held back while it hangs
	lastID uint32
}

// StartNotifications brings the service back after [Desktop.StopNotifications].
func (d *Desktop) StartNotifications() {
	d.t.Helper()
	if d.currentNotifier() != nil {
		d.t.Fatal("there is a notification service already")
	}
	conn, err := d.dial(dbus.WithIncomingInterceptor(answerByHand))
	if err != nil {
		d.t.Fatalf("cannot start the notification service: %v", err)
	}
	n := &notifier{d: d, conn: conn}
	conn.ExportMethodTable(map[string]any{
		"GetCapabilities":      n.capabilities,
		"GetServerInformation": n.information,
		"Notify":               n.notify,
		"CloseNotification":    n.closeCall,
	}, notifyPath, notifyName)
	d.setNotifier(n)
	if err := own(conn, notifyName); err != nil {
		d.t.Fatalf("cannot start the notification service: %v", err)
	}
}

// StopNotifications ends the service. Its notifications vanish without a signal, and
// the calls that it has not answered fail.
func (d *Desktop) StopNotifications() {
	if n := d.currentNotifier(); n != nil {
		d.setNotifier(nil)
		quit(n.conn, notifyName)
	}
}

// HangNotifications makes the service take calls and not answer them, until it
// is turned off: then they are answered, late.
func (d *Desktop) HangNotifications(hang bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hung = hang
	if n := d.notifier; n != nil && !hang {
		for _, answer := range n.late {
			answer()
		}
		n.late = nil
	}
}

// SetCapabilities has services say that they can do this, in the words of the
// specification, in place of "body", "actions" and "persistence".
func (d *Desktop) SetCapabilities(of ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capabilities = of
}

func (d *Desktop) currentNotifier() *notifier {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.notifier
}

func (d *Desktop) setNotifier(n *notifier) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notifier = n
	clear(d.shown)
	d.changeLocked()
}

// answerByHand keeps the D-Bus library from answering when a method returns:
// the answer must go out at the moment when the notification becomes visible to the
// test. Earlier, and a program that has its answer would not find its notification;
// later, and a click could overtake the answer, and reach a program that does
// not know the id yet.
func answerByHand(m *dbus.Message) {
	if m.Type == dbus.TypeMethodCall && m.Headers[dbus.FieldInterface].Value() == notifyName {
		m.Flags |= dbus.FlagNoReplyExpected
	}
}

// answer replies to a call, and runs done at the same moment, with Desktop.mu
// held: now, or when the service stops hanging.
func (n *notifier) answer(call dbus.Message, done func(), values ...any) {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	n.answerLocked(call, done, values...)
}

func (n *notifier) answerLocked(call dbus.Message, done func(), values ...any) {
	reply := &dbus.Message{
		Type: dbus.TypeMethodReply,
		Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldDestination: call.Headers[dbus.FieldSender],
			dbus.FieldReplySerial: dbus.MakeVariant(call.Serial()),
		},
		Body: values,
	}
	if len(values) > 0 {
		reply.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(values...))
	}
	send := func() {
		n.conn.Send(reply, nil) // the one error is a closed connection
		done()
		n.d.changeLocked()
	}
	if n.d.hung {
		n.late = append(n.late, send)
	} else {
		send()
	}
}

func (n *notifier) capabilities(call dbus.Message) *dbus.Error {
	n.d.mu.Lock()
	can := n.d.capabilities
	if can == nil {
		can = []string{"body", "actions", "persistence"}
	}
	n.d.mu.Unlock()
	n.answer(call, func() {}, can)
	return nil
}

func (n *notifier) information(call dbus.Message) *dbus.Error {
	n.answer(call, func() {}, "fakedesktop", "Gatelight", "1", "1.2")
	return nil
}

func (n *notifier) notify(call dbus.Message, app string, replaces uint32, icon, summary, body string,
	actions []string, hints map[string]dbus.Variant, expire int32) *dbus.Error {
	if len(actions)%2 != 0 {
		return dbus.NewError("org.freedesktop.DBus.Error.InvalidArgs", []any{"actions come in pairs"})
	}
	b := Notification{
		At: time.Now(), AppName: app, ReplacesID: replaces, ID: replaces, Icon: icon, Summary: summary, Body: body,
		Urgency: Normal, Hints: map[string]any{}, Expire: time.Duration(expire) * time.Millisecond,
	}
	for i := 0; i < len(actions); i += 2 {
		b.Actions = append(b.Actions, Action{Key: actions[i], Label: actions[i+1]})
	}
	for name, v := range hints {
		b.Hints[name] = v.Value()
	}
	if u, ok := b.Hints["urgency"].(byte); ok {
		b.Urgency = Urgency(u)
	}

	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	if b.ID == 0 {
		n.lastID++
		b.ID = n.lastID
	}
	n.d.received = append(n.d.received, b)
	n.d.changeLocked()
	n.answerLocked(call, func() {
		if n.d.notifier == n { // not stopped in the meantime
			n.d.shown[b.ID] = b
		}
	}, b.ID)
	return nil
}

// closeCall is CloseNotification: a program takes its notification back. While the
// service hangs, that notification may be one that waits to be shown.
func (n *notifier) closeCall(call dbus.Message, id uint32) *dbus.Error {
	n.d.mu.Lock()
	defer n.d.mu.Unlock()
	if _, known := n.d.shown[id]; !known && !n.d.hung {
		return dbus.NewError(notifyName+".Error.NotFound", nil)
	}
	n.answerLocked(call, func() { n.closeLocked(id, closedByProgram) })
	return nil
}

func (n *notifier) closeLocked(id, reason uint32) {
	delete(n.d.shown, id)
	n.d.changeLocked()
	n.conn.Emit(notifyPath, notifyName+".NotificationClosed", id, reason)
}
