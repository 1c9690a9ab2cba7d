package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/tray"
)

// No file descriptor may be left, or the disk may be read-only: that is over some
// time, and the icon would not come back by itself.
func TestTheIconIsShownWhereItsLockCannotBeTaken(t *testing.T) {
	p := settings.Paths{State: t.TempDir()}
	shown := 0
	var stderr bytes.Buffer
	e := &env{ctx: t.Context(), stdout: io.Discard, stderr: &stderr, paths: p,
		desktop:   func(context.Context) (bool, error) { return false, nil },
		showTray:  func(context.Context, tray.Options) error { shown++; return nil },
		showAlert: func(context.Context, string, string) error { return nil }}
	file, err := settings.Parse("test", []byte("[[gateway]]\nport = 4002\n"))
	if err != nil {
		t.Fatal(err)
	}
	o := serviceOptions{settings: file}
	show := func(want int, says string) {
		t.Helper()
		stderr.Reset()
		if err := showLight(e, struct{ supervisor.Supervisor }{}, o); err != nil || shown != want || !strings.Contains(stderr.String(), says) {
			t.Errorf("%d icons, want %d; %v\n%s", shown, want, err, &stderr)
		}
	}
	show(1, "")
	other, err := lockIcon(p)
	if err != nil {
		t.Fatal(err)
	}
	show(1, "") // there is one
	if err := other.Unlock(); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(p.State, "icon.lock")
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	show(2, "there may be two")
}
