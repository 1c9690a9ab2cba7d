//go:build linux

package panel

import (
	"fmt"
	"image"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	dunstPath      = "/org/freedesktop/Notifications"
	dunstInterface = "org.dunstproject.cmd0"
)

// A Bubble is a notification that dunst has shown.
type Bubble struct {
	ID            int32
	Summary, Body string
	Urgent        bool // it was framed like one; known of what AwaitBubble found alone on the screen
}

// Shown is how many bubbles are on the screen.
func (s *Screen) Shown() (int, error) {
	v, err := s.dunstObject().GetProperty(dunstInterface + ".displayedLength")
	if err != nil {
		return 0, fmt.Errorf("dunst does not say what it shows: %w", err)
	}
	n, _ := v.Value().(uint32)
	return int(n), nil
}

// AwaitShown waits until so many bubbles are on the screen.
func (s *Screen) AwaitShown(want int) error {
	var n int
	err := await(fmt.Sprintf("%d bubbles", want), func() (ok bool) {
		var err error
		n, err = s.Shown()
		return err == nil && n == want
	})
	if err != nil {
		return fmt.Errorf("%w; there are %d", err, n)
	}
	return nil
}

// Bubbles are those that were shown, oldest first. dunst tells only of bubbles
// that have closed, so those on the screen are closed for it.
func (s *Screen) Bubbles() ([]Bubble, error) {
	if err := s.dunstObject().Call(dunstInterface+".NotificationCloseAll", 0).Err; err != nil {
		return nil, fmt.Errorf("dunst does not close its bubbles: %w", err)
	}
	err := await("the bubbles to close", func() bool { n, err := s.Shown(); return err == nil && n == 0 })
	if err != nil {
		return nil, err
	}
	var history []map[string]dbus.Variant
	if err := s.dunstObject().Call(dunstInterface+".NotificationListHistory", 0).Store(&history); err != nil {
		return nil, fmt.Errorf("dunst does not tell its history: %w", err)
	}
	var all []Bubble
	for _, h := range history { // the newest first
		var b Bubble
		b.ID, _ = h["id"].Value().(int32)
		b.Summary, _ = h["summary"].Value().(string)
		b.Body, _ = h["body"].Value().(string)
		all = append(all, b)
	}
	slices.Reverse(all)
	return all, nil
}

// AwaitBubble waits until a bubble can be seen; then it closes it and returns
// what was in it.
func (s *Screen) AwaitBubble(summary string) (Bubble, error) {
	var found Bubble
	var last []Bubble
	err := await("a bubble "+summary, func() bool {
		if n, err := s.Shown(); err != nil || n == 0 {
			return false
		}
		urgent, err := s.urgent()
		if err != nil {
			return false
		}
		last, err = s.Bubbles()
		i := slices.IndexFunc(last, func(b Bubble) bool { return strings.Contains(b.Summary, summary) })
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

// urgent looks at the frame of the bubbles on the screen.
func (s *Screen) urgent() (bool, error) {
	at, err := s.BubblePixels()
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

// BubblePixels waits until something is on the screen where bubbles are, and
// returns where.
func (s *Screen) BubblePixels() (image.Rectangle, error) {
	shot, err := s.Shot()
	if err != nil {
		return image.Rectangle{}, err
	}
	return s.opened(plain(shot.Rect, shot.RGBAAt(4, shot.Rect.Max.Y-4)), "a bubble on the screen")
}

func (s *Screen) dunstObject() dbus.BusObject { return s.conn.Object(notifications, dunstPath) }
