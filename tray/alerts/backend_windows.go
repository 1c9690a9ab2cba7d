package alerts

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"git.sr.ht/~jackmordaunt/go-toast/wintoast"

	"gatelight/supervisor"
)

// A windowsBackend shows alerts as toasts, by the interface of Windows itself: no
// other program is started for it. The library can neither replace nor withdraw
// what is shown.
type windowsBackend struct {
	offers *offers
}

func newBackend(pressed func(Press)) backend {
	w := windowsBackend{offers: &offers{}}
	wintoast.SetActivationCallback(func(_, button string, _ []wintoast.UserData) {
		p, _ := w.offers.press(button) // the zero value for the alert's text
		pressed(p)
	})
	return w
}

func (windowsBackend) close() {}

func (windowsBackend) ready() <-chan struct{} { return nil }

func (windowsBackend) name(context.Context) (string, error) { return "Windows", nil }

func (windowsBackend) withdraw(context.Context, string) error { return nil }

// show gives up at ctx's deadline. The call has no deadline of its own, so it
// goes on by itself.
func (w windowsBackend) show(ctx context.Context, a alert) error {
	text, err := toastXML(a, w.offers.add(a.Buttons), pictureFile(a))
	if err != nil {
		return rejected{err}
	}
	done := make(chan error, 1)
	go func() { done <- push(text) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func push(text string) error {
	if err := wintoast.SetAppData(wintoast.AppData{AppID: appName, IconPath: pictureFile(alert{})}); err != nil {
		return fmt.Errorf("cannot tell Windows the name of the program: %w", err)
	}
	if err := wintoast.Push(text); err != nil {
		return fmt.Errorf("Windows does not take the notification: %w", err)
	}
	return nil
}

// pictureFile is a file with the alert's picture, "" where there is none. Windows
// reads it when it shows the toast, and later in its list, so that it stays.
func pictureFile(a alert) string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	name := "alert"
	if a.Icon != "" {
		name += "-" + a.Icon
	}
	if a.Simulated {
		name += "-simulated"
	}
	path, picture := filepath.Join(dir, "gatelight", name+".png"), a.picture()
	if info, err := os.Stat(path); err == nil && info.Size() == int64(len(picture)) {
		return path
	}
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil || os.WriteFile(path, picture, 0o600) != nil {
		return ""
	}
	return path
}

// Inspect says how alerts are shown: as toasts, and Windows does not say whether
// it did.
func Inspect(context.Context) (supervisor.AlertReport, error) {
	return supervisor.AlertReport{By: "Windows", Buttons: true, Sound: true}, nil
}
