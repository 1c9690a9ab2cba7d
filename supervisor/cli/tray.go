package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
)

// trayCommand is the program without arguments: the light, and the supervision
// behind it unless another Gatelight supervises already.
type trayCommand struct{}

// Run shows the light.
func (trayCommand) Run(e *env) error {
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	return supervised(e, b, func(s supervisor.Supervisor) error { return show(e, s, b) })
}

// supervised hands the running Gatelight to a face; where there is none, one
// is brought up for as long as the face lasts.
func supervised(e *env, b build, face func(supervisor.Supervisor) error) error {
	a, err := open(e.ctx, b)
	switch {
	case err == nil:
		defer a.close()
		a.firstLook(e.ctx)
		return face(a.engine)
	case !errors.Is(err, status.ErrRunning):
		return err
	}
	other, err := status.Dial(e.ctx, b.paths.Socket())
	if err != nil {
		return fmt.Errorf("another Gatelight is running, but: %w", err)
	}
	defer other.Close()
	nap, err := noNap() // a view that is late would lie, too
	if err != nil {
		fmt.Fprintln(e.stderr, "gatelight: macOS may slow this view down:", err)
	}
	defer nap()
	fmt.Fprintln(e.stdout, "Gatelight is supervising already; this is a view of it.")
	return face(other)
}

// show picks the face: the tray where there is one, else the terminal. Where a
// tray may still come and nobody sits at a terminal, as when a login starts it
// early, the tray waits.
func show(e *env, s supervisor.Supervisor, b build) error {
	waiting, why := e.face.Desktop(e.ctx)
	onTerminal := term.IsTerminal(int(os.Stdout.Fd()))
	if why != nil && (onTerminal || b.demo || !waiting) {
		fmt.Fprintf(e.stdout, "Showing the light here: %v.\n", why)
		e.noTray = why
		return terminal(e, s)
	}
	icon, err := oneIcon(b.paths)
	if _, view := s.(*status.Remote); err != nil && !view {
		// The icon there is a view that has lost its supervisor, and finds us.
		fmt.Fprintf(e.stdout, "Supervising: %v.\n", err)
		<-e.ctx.Done()
		return nil
	}
	if errors.Is(err, errShown) {
		fmt.Fprintf(e.stdout, "Nothing to do: %v.\n", err)
		if !onTerminal { // started by a click: nobody would read it
			sayOnScreen(e, err)
		}
		return nil // no failure: whoever starts us at login must not try again
	}
	if err != nil {
		return err
	}
	defer icon.Unlock()
	if why != nil {
		fmt.Fprintf(e.stdout, "The light waits for a desktop: %v.\n", why)
	} else {
		fmt.Fprintln(e.stdout, "The light is in the menu bar. Quit it there, or with Ctrl-C"+goesOn(b))
	}
	paused := pauseOf(b.paths)
	o := TrayOptions{Supervisor: s, Log: trayLog(e),
		OpenLog:      func(gateway string) error { return openLog(e.ctx, b, gateway) },
		OpenTimeline: func() error { return openTimeline(e.ctx, b) },
		Notify:       *b.file.Notify, Dialog: b.file.Alert == "dialog", Sound: b.file.Sound,
		Paused: paused.until, Pause: paused.set,
		Version: versionText(), Settings: b.paths.Settings, Where: sentence(errShown)}
	if !b.demo { // which is not to come back
		o.AtLogin = func() (bool, error) { return atLogin(b.paths) }
		o.SetAtLogin = func(on bool) error { return setAtLogin(b.paths, on) }
	}
	return e.face.Tray(e.ctx, o)
}

// sayOnScreen raises a notification. That it cannot is said in the terminal, as
// what it says is.
func sayOnScreen(e *env, what error) {
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	if err := e.face.Notify(ctx, "Gatelight is running already", sentence(what)); err != nil {
		fmt.Fprintln(e.stderr, "gatelight: cannot raise a notification:", err)
	}
}

func goesOn(b build) string {
	if b.demo {
		return "."
	}
	return "; the Gateway keeps running."
}

func sentence(err error) string {
	s := err.Error()
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// errShown says where the icon is that is there already.
var errShown = errors.New("the light is in the menu bar already; if you cannot see it, " + map[string]string{
	"darwin":  "allow it in System Settings > Menu Bar, or make room: the bar may be full",
	"windows": "open the hidden icons with the arrow beside the clock",
	"linux":   "the panel may hide it, or have no tray: gatelight doctor tells",
}[runtime.GOOS])

// oneIcon: a second start must not bring up a second icon.
func oneIcon(p settings.Paths) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(p.Runtime, "icon.lock"), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err == nil && !got {
		err = errShown
	}
	return lock, err
}

// openLog shows IBC's log of a Gateway in the desktop's own viewer, the newest one
// if none is named, or our event log where there is none.
func openLog(ctx context.Context, b build, gateway string) error {
	path := b.paths.Events()
	if ibc := newestLog(b, gateway); ibc != "" {
		path = ibc
	}
	return openFile(ctx, path)
}

func newestLog(b build, gateway string) (path string) {
	for _, g := range b.file.Gateway {
		if gateway != "" && g.Name != gateway {
			continue
		}
		if log := filepath.Join(b.paths.Logs(), "ibc-"+g.Name+".log"); newer(log, path) {
			path = log
		}
	}
	return path
}

func newer(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err != nil || ia.ModTime().After(ib.ModTime())
}
