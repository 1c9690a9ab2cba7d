package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor/settings"
)

// The menu's item writes the page, and hands it to the desktop's own viewer.
func TestTheMenuOpensTheTimeline(t *testing.T) {
	dir := t.TempDir()
	shown := filepath.Join(dir, "shown")
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" >"+shown+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	b := build{paths: settings.Paths{State: filepath.Join(dir, "state")}}
	if err := openTimeline(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(shown); err != nil || string(got) != b.paths.Timeline()+"\n" {
		t.Errorf("%q, %v", got, err)
	}
	t.Setenv("PATH", t.TempDir())
	if err := openTimeline(t.Context(), b); err == nil || !strings.Contains(err.Error(), "cannot open "+b.paths.Timeline()) {
		t.Errorf("without a viewer: %v", err)
	}
}
