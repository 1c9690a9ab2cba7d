//go:build linux

package panel

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
)

// Options are how the desktop looks. The zero value is a light one.
type Options struct {
	Kind  Kind // which panel it has; "" is XFCE
	Dark  bool
	Theme string      // of GTK; "" is Adwaita
	Font  string      // its family; "" is DejaVu Sans
	Scale int         // pixels for one, 1 or 2; 0 is 1
	Size  image.Point // of the screen at scale 1; zero is the usual one
}

// size is that of the screen, in its pixels.
func (o Options) size() image.Point {
	size := o.Size
	if size == (image.Point{}) {
		size = image.Pt(usualWidth, usualHeight)
	}
	return size.Mul(o.scale())
}

// A Screen is a desktop that is up. Its methods belong to one goroutine.
type Screen struct {
	Options
	dir     string
	display string

	x, bus, panel, dunst *process
	conn                 *dbus.Conn // ours, on the bus; nil while there is none
}

// Start brings up a desktop whose files are in dir, which exists, is empty, and
// has a path short enough for a socket. It takes about a second.
func Start(dir string, o Options) (*Screen, error) {
	s := &Screen{Options: o, dir: dir}
	for _, step := range []func() error{s.configure, s.startX, s.StartBus, s.StartDunst, s.StartPanel} {
		if err := step(); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// Env is what a program needs in its environment to be on this desktop.
func (s *Screen) Env() []string {
	in := func(name string) string { return filepath.Join(s.dir, name) }
	return []string{
		"DISPLAY=" + s.display, "WAYLAND_DISPLAY=", "DBUS_SESSION_BUS_ADDRESS=unix:path=" + s.busPath(),
		"HOME=" + in("home"), "XDG_CONFIG_HOME=" + in("config"), "XDG_CACHE_HOME=" + in("cache"),
		"XDG_DATA_HOME=" + in("data"), "XDG_STATE_HOME=" + in("state"), "XDG_RUNTIME_DIR=" + in("run"),
		"XDG_CURRENT_DESKTOP=" + s.program().desktop, "GSETTINGS_BACKEND=keyfile", "XDG_SESSION_TYPE=x11", "XDG_SESSION_ID=",
		"GDK_SCALE=" + strconv.Itoa(s.scale()), "GDK_BACKEND=x11", "GTK_THEME=",
		"NO_AT_BRIDGE=1", "GTK_A11Y=none", "LANG=C.UTF-8", "LC_ALL=C.UTF-8",
	}
}

func (s *Screen) busPath() string { return filepath.Join(s.dir, "bus") }

func (s *Screen) startX() error {
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	size := fmt.Sprintf("%dx%dx24", s.size().X, s.size().Y)
	s.x, err = s.launch("xvfb", in, "Xvfb", "-displayfd", "3", "-screen", "0", size, "-dpi", "96",
		"-fbdir", filepath.Join(s.dir, "screen"), "-nolisten", "tcp", "-noreset", "-nocursor")
	in.Close()
	if err != nil {
		return err
	}
	out.SetReadDeadline(time.Now().Add(timeout))
	number, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("no display from Xvfb: %w: %s", err, s.x.output())
	}
	s.display = ":" + strings.TrimSpace(number)
	colour := lightBackground
	if s.Dark {
		colour = darkBackground
	}
	return s.run("xsetroot", "-solid", colour)
}

// StartBus brings the session bus up, at the address where it was before.
func (s *Screen) StartBus() (err error) {
	if err := os.Remove(s.busPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	s.bus, err = s.launch("bus", nil, "dbus-daemon", "--config-file="+filepath.Join(s.dir, "bus.conf"), "--nofork", "--nopidfile", "--nosyslog")
	if err != nil {
		return err
	}
	return s.bus.await("session bus", func() bool {
		s.conn, err = dbus.Connect("unix:path=" + s.busPath())
		return err == nil
	})
}

// KillBus ends the bus as a crash does. The panel and dunst end with it, as on
// any desktop: start them again after the bus.
func (s *Screen) KillBus() error {
	s.conn.Close()
	s.conn = nil
	s.bus.cmd.Process.Kill()
	<-s.bus.exited
	for _, p := range []*process{s.panel, s.dunst} {
		if err := await("the end of "+p.name, p.hasExited); err != nil {
			p.end(time.Second)
		}
	}
	return nil
}

// RestoreBus brings back what KillBus has taken.
func (s *Screen) RestoreBus() error {
	for _, step := range []func() error{s.StartBus, s.StartDunst, s.StartPanel} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// StartPanel returns when the panel takes in tray icons. Once in many starts the end of
// MATE's panel stays empty, although its part for icons runs: it is started again then.
func (s *Screen) StartPanel() (err error) {
	for try := 1; ; try++ {
		if s.panel, err = s.launch("panel", nil, s.program().command...); err != nil {
			return err
		}
		if err := s.panel.await("panel with a tray", func() bool { return s.owned(watcher) }); err != nil {
			return err
		}
		if s.Kind != MATE || s.hasHandle() || try == 3 {
			return nil
		}
		s.StopPanel()
	}
}

// hasHandle waits for the handle that MATE draws beside its icons.
func (s *Screen) hasHandle() bool {
	return awaitFor(5*time.Second, "a handle", func() bool {
		shot, err := s.rows(panelHeight * s.scale())
		if err != nil {
			return false
		}
		part := s.tray(shot)
		return !Difference(shot, filled(shot.Rect, shot.RGBAAt(part.Min.X, part.Max.Y/2)), part).Empty()
	}) == nil
}

// StopPanel ends the panel, as its crash or restart does.
func (s *Screen) StopPanel() { s.panel.end(2 * time.Second) }

// StartDunst returns when notifications can be shown.
func (s *Screen) StartDunst() (err error) {
	if s.dunst, err = s.launch("dunst", nil, "dunst", "-conf", filepath.Join(s.dir, "config/dunst/dunstrc")); err != nil {
		return err
	}
	return s.dunst.await("notification service", func() bool { return s.owned(notifications) })
}

// StopDunst ends the notification service.
func (s *Screen) StopDunst() { s.dunst.end(2 * time.Second) }

// Close ends everything that Start has started. It is an error if a program
// that somebody else has started on this desktop is still running; that one is
// ended too.
func (s *Screen) Close() error {
	if s.conn != nil {
		s.conn.Close()
	}
	for _, p := range []*process{s.panel, s.dunst, s.bus, s.x} {
		p.end(2 * time.Second)
	}
	// The settings daemon was started by the bus, and ends by itself with it.
	ended := func() bool { return len(s.leftOver()) == 0 }
	if await("the last process to end", ended) == nil {
		return nil
	}
	var err error
	for pid, line := range s.leftOver() {
		err = errors.Join(err, fmt.Errorf("process %d was left behind: %s", pid, line))
		if p, perr := os.FindProcess(pid); perr == nil {
			p.Kill()
		}
	}
	return err
}

func (s *Screen) owned(name string) bool {
	var owned bool
	err := s.conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, name).Store(&owned)
	return err == nil && owned
}
