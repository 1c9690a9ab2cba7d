//go:build linux

package panel

import (
	"fmt"
	"image"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	dunstPath      = "/org/freedesktop/Notifications"
	dunstInterface = "org.dunstproject.cmd0"
)

// A Notification is a notification that dunst has shown.
type Notification struct {
	ID            int32
	Summary, Body string
	Urgent        bool // it was framed like one; known of what AwaitNotification found alone on the screen
}

// CountShown is how many notifications are on the screen.
func (s *Screen) CountShown() (int, error) {
	v, err := s.dunstObject().GetProperty(dunstInterface + ".displayedLength")
	if err != nil {
		return 0, fmt.Errorf("dunst does not say what it shows: %w", err)
	}
	n, _ := v.Value().(uint32)
	return int(n), nil
}

// AwaitShown waits until so many notifications are on the screen.
func (s *Screen) AwaitShown(want int) error {
	var n int
	err := await(fmt.Sprintf("%d notifications", want), func() (ok bool) {
		var err error
		n, err = s.CountShown()
		return err == nil && n == want
	})
	if err != nil {
		return fmt.Errorf("%w; there are %d", err, n)
	}
	return nil
}

// CloseNotifications are those that were shown, oldest first. dunst tells only of notifications
// that have closed, so those on the screen are closed for it.
func (s *Screen) CloseNotifications() ([]Notification, error) {
	if err := s.dunstObject().Call(dunstInterface+".NotificationCloseAll", 0).Err; err != nil {
		return nil, fmt.Errorf("dunst does not close its notifications: %w", err)
	}
	err := await("the notifications to close", func() bool { n, err := s.CountShown(); return err == nil && n == 0 })
	if err != nil {
		return nil, err
	}
	var history []map[string]dbus.Variant
	if err := s.dunstObject().Call(dunstInterface+".NotificationListHistory", 0).Store(&history); err != nil {
		return nil, fmt.Errorf("dunst does not tell its history: %w", err)
	}
	var all []Notification
	for _, h := range history { // the newest first
		var b Notification
		b.ID, _ = h["id"].Value().(int32)
		b.Summary, _ = h["summary"].Value().(string)
		b.Body, _ = h["body"].Value().(string)
		all = append(all, b)
	}
	slices.Reverse(all)
	return all, nil
}

// AwaitNotification waits until a notification can be seen; then it closes it and returns
// what was in it.
func (s *Screen) AwaitNotification(summary string) (Notification, error) {
	var found Notification
	var last []Notification
	err := await("a notification "+summary, func() bool {
		if n, err := s.CountShown(); err != nil || n == 0 {
			return false
		}
		urgent, err := s.urgent()
		if err != nil {
			return false
		}
		last, err = s.CloseNotifications()
		i := slices.IndexFunc(last, func(b Notification) bool { return strings.Contains(b.Summary, summary) })
		if i >= 0 {
			found, found.Urgent = last[i], urgent
		}
		return err == nil && i >= 0
	})
	if err != nil {
		return found, fmt.Errorf("%w; there were %+v", err, last)
	}
	return found, nil
}

// urgent looks at the frame of the notifications on the screen.
func (s *Screen) urgent() (bool, error) {
	at, err := s.NotificationPixels()
	if err != nil {
		return false, err
	}
	shot, err := s.Shot()
	if err != nil {
		return false, err
	}
	edge := shot.RGBAAt(at.Min.X, (at.Min.Y+at.Max.Y)/2)
	return fmt.Sprintf("#%02x%02x%02x", edge.R, edge.G, edge.B) == urgentFrame, nil
}

// NotificationPixels waits until something is on the screen where notifications are, and
// returns where.
func (s *Screen) NotificationPixels() (image.Rectangle, error) {
	shot, err := s.Shot()
	if err != nil {
		return image.Rectangle{}, err
	}
	return s.awaitWindow(filled(shot.Rect, shot.RGBAAt(4, shot.Rect.Max.Y-4)), "a notification on the screen")
}

// PressButton clicks on the only notification on the screen and chooses the
// button with this label.
func (s *Screen) PressButton(label string) error {
	if err := os.WriteFile(s.buttonPath(), []byte(label), 0o600); err != nil {
		return err
	}
	at, err := s.NotificationPixels()
	if err != nil {
		return err
	}
	return s.Click(at.Min.Add(at.Size().Div(2)))
}

func (s *Screen) dunstObject() dbus.BusObject { return s.conn.Object(notifications, dunstPath) }
