//go:build linux

package panel

import (
	"errors"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatelight/tray/fakedesktop"

	"github.com/godbus/dbus/v5"
)

const (
	watcher       = "org.kde.StatusNotifierWatcher"
	watcherPath   = "/StatusNotifierWatcher"
	notifications = "org.freedesktop.Notifications"
)

// Click is the left button of the pointer at a place.
func (s *Screen) Click(at image.Point) error { return s.press("1", at) }

func (s *Screen) press(button string, at image.Point) error {
	return s.run("xdotool", "mousemove", strconv.Itoa(at.X), strconv.Itoa(at.Y), "click", button)
}

// Keys presses keys, by their X names.
func (s *Screen) Keys(names ...string) error {
	return s.run(append([]string{"xdotool", "key", "--delay", "30"}, names...)...)
}

// Item is the newest tray icon's program, to read its menu and texts over the
// bus like the panel does.
func (s *Screen) Item() (*fakedesktop.Item, error) {
	v, err := s.conn.Object(watcher, watcherPath).GetProperty(watcher + ".RegisteredStatusNotifierItems")
	if err != nil {
		return nil, fmt.Errorf("the panel does not say what it shows: %w", err)
	}
	names, ok := v.Value().([]string)
	if !ok || len(names) == 0 {
		return nil, errors.New("no program has an icon in the panel")
	}
	owner, path, found := strings.Cut(names[len(names)-1], "/")
	if !found {
		path = "StatusNotifierItem"
	}
	return fakedesktop.ItemOf(s.conn, strings.TrimSuffix(owner, "@"), dbus.ObjectPath("/"+path)), nil
}

// Menu is the menu as it is now, whether or not it is open.
func (s *Screen) Menu() ([]fakedesktop.Entry, error) {
	item, err := s.Item()
	if err != nil {
		return nil, err
	}
	return item.Menu()
}

// AwaitMenu waits until the menu says something.
func (s *Screen) AwaitMenu(want string) error {
	var text string
	err := await("the menu to say "+want, func() bool {
		entries, err := s.Menu()
		text = fakedesktop.Text(entries)
		return err == nil && strings.Contains(text, want)
	})
	if err != nil {
		return fmt.Errorf("%w; it says\n%s", err, text)
	}
	return nil
}

// ClickIcon clicks the light with the left button, and leaves the pointer there: see
// Park.
func (s *Screen) ClickIcon() error {
	icon, err := s.Icon()
	if err != nil {
		return err
	}
	return s.Click(middle(icon.At))
}

func middle(r image.Rectangle) image.Point { return r.Min.Add(r.Size().Div(2)) }

// OpenMenu clicks the light with the button that is for menus, and returns where its
// menu has opened.
func (s *Screen) OpenMenu() (image.Rectangle, error) {
	icon, err := s.Icon()
	if err != nil {
		return image.Rectangle{}, err
	}
	before, err := s.Shot()
	if err != nil {
		return image.Rectangle{}, err
	}
	if err := s.press(s.program().menuWith, middle(icon.At)); err != nil {
		return image.Rectangle{}, err
	}
	return s.awaitWindow(before, "the menu to open")
}

// awaitWindow waits until a new window is on the screen, and whole.
func (s *Screen) awaitWindow(before *image.RGBA, what string) (image.Rectangle, error) {
	below := image.Rect(0, (panelHeight+2)*s.scale(), before.Rect.Max.X, before.Rect.Max.Y) // the panel's shadow too
	var where image.Rectangle
	last := before
	err := await(what, func() bool {
		<-time.After(30 * time.Millisecond) // between two looks that are to be alike
		shot, err := s.Shot()
		if err != nil {
			return false
		}
		where = Difference(before, shot, below)
		still := Difference(last, shot, shot.Rect).Empty()
		last = shot
		return still && where.Dx() > 80 && where.Dy() > 20
	})
	return where, err
}

// CloseMenu closes whatever is open of it.
func (s *Screen) CloseMenu() error {
	return errors.Join(s.Keys("Escape", "Escape", "Escape"), s.Park())
}

// Park takes the pointer off the light: the panel paints another ground behind an icon
// that is pointed at, and shows its tooltip over the menu.
func (s *Screen) Park() error {
	return s.run("xdotool", "mousemove", "1", "8", "mousemove", "1", strconv.Itoa(s.size().Y-1))
}

// Choose opens the menu with the pointer and chooses an entry with the
// keyboard. One label is an entry of the menu itself; more lead through
// submenus.
func (s *Screen) Choose(labels ...string) error {
	if _, err := s.OpenMenu(); err != nil {
		return err
	}
	if err := s.Select(labels...); err != nil {
		return errors.Join(err, s.CloseMenu())
	}
	return errors.Join(s.Keys("Return"), s.Park())
}

// Select moves the open menu's highlight to an entry, and opens the submenus on
// the way.
func (s *Screen) Select(labels ...string) error {
	entries, err := s.Menu()
	if err != nil {
		return err
	}
	for level, label := range labels {
		steps, e, err := stepsTo(entries, label)
		if err != nil {
			return fmt.Errorf("cannot choose %s: %w; the menu is\n%s", strings.Join(labels, " > "), err, fakedesktop.Text(entries))
		}
		if level > 0 {
			before, err := s.Shot()
			if err != nil {
				return err
			}
			if err := s.Keys("Right"); err != nil {
				return err
			}
			if _, err := s.awaitWindow(before, "the submenu of "+labels[level-1]); err != nil {
				return err
			}
			steps-- // a submenu opens with its first entry highlighted
		}
		if steps > 0 {
			if err := s.Keys(slices.Repeat([]string{"Down"}, steps)...); err != nil {
				return err
			}
		}
		entries = e.Children
	}
	return nil
}

// stepsTo is how often to press Down for an entry: the highlight skips what is
// hidden, greyed out or a separator.
func stepsTo(menu []fakedesktop.Entry, label string) (steps int, found fakedesktop.Entry, err error) {
	for _, e := range menu {
		if !e.Visible || e.Separator || !e.Enabled {
			if e.Visible && e.Label == label {
				return 0, e, fmt.Errorf("%q is greyed out", label)
			}
			continue
		}
		steps++
		if e.Label == label {
			return steps, e, nil
		}
	}
	return 0, found, fmt.Errorf("there is no %q", label)
}
