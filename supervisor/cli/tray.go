package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/abort"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/tray"
)

// trayCommand is the program without arguments: the light, and the supervision
// behind it unless another Gatelight supervises already.
type trayCommand struct{}

func (trayCommand) Run(e *env) error {
	abort.AtOnce()
	o, err := loadOptions(e)
	if err != nil {
		return tellFailedStart(e, err, true)
	}
	own := *e // its context ends with supervision
	err = connect(&own, forTray, func(s supervisor.Supervisor) error { return showLight(&own, s, o) })
	if errors.Is(err, errSupervisionLost) {
		err = superviseAnew(err) // as a view of the other one, which may be a command
	}
	return tellFailedStart(e, err, false)
}

// showLight shows the light in the tray where there is one, else in the terminal.
// Where a tray may still come and nobody sits at a terminal, as when a login
// starts it early, the tray waits.
func showLight(e *env, s supervisor.Supervisor, o serviceOptions) error {
	waiting, noTray := e.desktop(e.ctx)
	onTerminal := term.IsTerminal(int(os.Stdout.Fd()))
	if noTray != nil && (onTerminal || o.demo || !waiting) {
		fmt.Fprintf(e.stdout, "Showing the light here: %v.\n", noTray)
		e.noTray = noTray
		showInTerminal(e, s)
		<-e.ctx.Done() // it supervises on, even when nothing can be printed
		return nil
	}
	icon, err := lockIcon(e.paths)
	defer icon.Unlock()
	switch _, own := s.(*service); {
	case errors.Is(err, errIconShown) && own:
		// The icon that is there is a view that has lost its supervisor. It finds us.
		fmt.Fprintf(e.stdout, "Supervising: %v.\n", err)
		<-e.ctx.Done()
		return nil
	case errors.Is(err, errIconShown):
		fmt.Fprintf(e.stdout, "Nothing to do: %v.\n", err)
		if !onTerminal && !startedByLaunchd(os.Getenv) { // started by a click: nobody would read it
			notifyAlreadyRunning(e, err)
		}
		return nil // no failure: the system would start it again at login
	case err != nil: // two icons are better than none
		fmt.Fprintf(e.stderr, "gatelight: cannot tell whether there is an icon already, so there may be two: %v\n", err)
	}
	switch {
	case noTray != nil:
		fmt.Fprintf(e.stdout, "Waiting for a desktop tray: %v.\n", noTray)
	case o.demo:
		fmt.Fprintln(e.stdout, "The light is in the menu bar. Quit it there, or with Ctrl-C.")
	default:
		fmt.Fprintln(e.stdout, "The light is in the menu bar. Quit it there, or with Ctrl-C; the Gateway keeps running.")
	}
	return e.showTray(e.ctx, trayOptions(e, s, o))
}

func trayOptions(e *env, s supervisor.Supervisor, o serviceOptions) tray.Options {
	pause := alertPauseIn(e.paths)
	t := tray.Options{Supervisor: s, Log: slog.New(slog.NewTextHandler(e.stderr, nil)),
		OpenLog:      func(gateway string) error { return openLog(e, o.settings, gateway) },
		OpenTimeline: func() error { return openTimeline(e, o.settings) },
		OpenSettings: func() error { return openSettings(e) },
		Caption:      e.caption,
		Notify:       *o.settings.Notify, Dialog: o.settings.Alert == "dialog", Sound: o.settings.Sound,
		Mono:        o.settings.Icon == "mono",
		PausedUntil: pause.until(), Pause: pause.set,
		Version: versionText(), Settings: e.paths.Settings, Where: sentence(errIconShown)}
	if runtime.GOOS == "darwin" {
		t.Woken = sockets.Woken
		t.MenuBar = func(r supervisor.MenuBarReport) error { return writeMenuBar(e.paths, r) }
	}
	if !o.demo { // the demo must not start at login
		t.AtLogin = func() (bool, error) { return startsAtLogin(e.paths) }
		t.SetAtLogin = func(on bool) error { return setStartsAtLogin(e.paths, on) }
	}
	return t
}

// notifyAlreadyRunning raises a notification. A failure is printed on the
// terminal, as the notification's text was.
func notifyAlreadyRunning(e *env, what error) {
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	if err := e.showAlert(ctx, "Gatelight is running already", sentence(what)); err != nil {
		fmt.Fprintln(e.stderr, "gatelight: cannot raise a notification:", err)
	}
}

func sentence(err error) string { return supervisor.Capitalise(err.Error()) + "." }

// errIconShown says where the icon is that is there already.
var errIconShown = errors.New("the light is in the menu bar already; if you cannot see it, " + map[string]string{
	"darwin":  "make room, since the bar may be full; from macOS 26 on, also look at System Settings > Menu Bar",
	"windows": "open the hidden icons with the arrow beside the clock",
	"linux":   "the panel may hide it, or have no tray: gatelight doctor tells",
}[runtime.GOOS])

// lockIcon takes the lock of the icon, so that a second start does not show a
// second icon. Where another Gatelight shows one, the error is errIconShown.
func lockIcon(p settings.Paths) (*flock.Flock, error) {
	lock := flock.New(filepath.Join(p.State, "icon.lock"), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err == nil && !got {
		err = errIconShown
	}
	return lock, err
}
