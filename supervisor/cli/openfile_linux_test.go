package cli

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor/settings"
)

// The menu's item writes the page, and hands it to the desktop's own viewer.
func TestMenuWritesAndOpensTheTimeline(t *testing.T) {
	dir := t.TempDir()
	shown := filepath.Join(dir, "shown")
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >"+shown+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	e := &env{ctx: t.Context(), stderr: io.Discard, paths: settings.Paths{State: filepath.Join(dir, "state")}}
	if err := openTimeline(e, settings.File{}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(shown); err != nil || string(got) != e.paths.Timeline()+"\n" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := openTimeline(e, settings.File{}); err == nil || !strings.Contains(err.Error(), "cannot open "+e.paths.Timeline()) {
		t.Errorf("without a viewer: %v", err)
	}
}

// IBC's log is what one wants to read, however long ago it said something.
func TestMenuOpensTheNewestLogOfIBC(t *testing.T) {
	dir := t.TempDir()
	shown := filepath.Join(dir, "shown")
	script := "#!/bin/sh\necho \"$1\" >" + shown + "\n"
	e := &env{ctx: t.Context(), paths: settings.Paths{State: dir}}
	var file settings.File
	for _, name := range []string{"paper", "live"} {
		var g settings.Gateway
		g.Name = name
		file.Gateway = append(file.Gateway, g)
	}
	long := time.Now().Add(-time.Hour)
	logs := e.paths.Logs()
	for _, err := range []error{
		os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(script), 0o700),
		os.Mkdir(logs, 0o700),
		os.WriteFile(e.paths.Events(), nil, 0o600),
		os.WriteFile(filepath.Join(logs, "ibc-paper.log"), nil, 0o600),
		os.WriteFile(filepath.Join(logs, "ibc-live.log"), nil, 0o600),
		os.Chtimes(filepath.Join(logs, "ibc-paper.log"), long, long),
		os.Chtimes(filepath.Join(logs, "ibc-live.log"), long.Add(-time.Hour), long.Add(-time.Hour)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	for _, want := range []string{filepath.Join(logs, "ibc-paper.log"), filepath.Join(logs, "ibc-live.log"), e.paths.Events()} {
		if err := openLog(e, file, ""); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(shown); err != nil || string(got) != want+"\n" {
			t.Errorf("%q, %v; want %s", got, err, want)
		}
		if want == filepath.Join(logs, "ibc-paper.log") { // the newest; but the alert was another one's
			if err := openLog(e, file, "live"); err != nil {
				t.Fatal(err)
			}
			if got, _ := os.ReadFile(shown); string(got) != filepath.Join(logs, "ibc-live.log")+"\n" {
				t.Errorf("of the one named live it shows %q", got)
			}
		}
		os.Remove(want)
	}
}
