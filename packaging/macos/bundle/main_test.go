package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatelight/packaging/checkers"
	"gatelight/packaging/macos/plist"
)

func newTestBundle(t *testing.T) bundle {
	t.Helper()
	b := bundle{program: filepath.Join(t.TempDir(), "program"), icon: "../../../assets/app/gatelight.icns", version: "v1.2.3-4-gabcdef0-dirty", out: filepath.Join(t.TempDir(), "Gatelight.app")}
	if err := os.WriteFile(b.program, []byte("#!/bin/sh\necho gatelight\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppHasAllItsParts(t *testing.T) {
	b := newTestBundle(t)
	if err := b.assemble(); err != nil {
		t.Fatal(err)
	}
	d := readInfo(t, filepath.Join(b.out, "Contents", "Info.plist"))
	for key, want := range map[string]any{
		"CFBundlePackageType":          "APPL",
		"CFBundleIdentifier":           "io.github.gatelight.Gatelight",
		"CFBundleName":                 "Gatelight",
		"CFBundleShortVersionString":   "1.2.3",
		"CFBundleVersion":              "1.2.3",
		"LSMinimumSystemVersion":       "12.0",
		"LSUIElement":                  true,
		"NSHighResolutionCapable":      true,
		"NSUserNotificationAlertStyle": "alert",
	} {
		if got := d.Get(key); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}

	// The files that it names exist.
	program := filepath.Join(b.out, "Contents", "MacOS", d.Get("CFBundleExecutable").(string))
	if info, err := os.Stat(program); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o755 {
		t.Errorf("the program: %v, %v", info, err)
	}
	icon, err := os.ReadFile(filepath.Join(b.out, "Contents", "Resources", d.Get("CFBundleIconFile").(string)+".icns"))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.ReadFile(b.icon); err != nil || !bytes.Equal(icon, want) {
		t.Errorf("the icon is not %s: %v", b.icon, err)
	}
}

// readInfo reads a property list with a program that is not ours, and checks
// that we read the same.
func readInfo(t *testing.T, path string) plist.Dict {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := plist.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	theirs := checkers.ConvertPlist(t, text)
	byKey := func(d plist.Dict) map[string]any {
		m := map[string]any{}
		for _, e := range d {
			m[e.Key] = e.Value
		}
		return m
	}
	if diff := cmp.Diff(byKey(ours), byKey(theirs)); diff != "" || len(ours) != len(theirs) {
		t.Errorf("plistutil reads it differently (-ours +theirs):\n%s", diff)
	}
	return theirs
}

func TestAssembleReplacesAnAppAndNothingElse(t *testing.T) {
	b := newTestBundle(t)
	for range 2 {
		if err := b.assemble(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Dir(b.out)); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	b.out = filepath.Join(t.TempDir(), "precious")
	mine := filepath.Join(b.out, "file")
	if err := errors.Join(os.Mkdir(b.out, 0o700), os.WriteFile(mine, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := b.assemble(); err == nil || !strings.Contains(err.Error(), "is not an app") {
		t.Error(err)
	}
	if _, err := os.Stat(mine); err != nil {
		t.Error(err)
	}

	b = newTestBundle(t)
	b.program += "-missing"
	if err := b.assemble(); err == nil || !strings.Contains(err.Error(), b.program) {
		t.Errorf("without a program: %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(b.out)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestBundleVersionIsDigitsAndDots(t *testing.T) {
	for version, want := range map[string]string{
		"v1.2.3": "1.2.3", "1.2.3": "1.2.3", "v1.2": "1.2.0", "v1.2.3-rc.1": "1.2.3", "v10.20.30-4-gabcdef0-dirty": "10.20.30",
		"0e6afc4-dirty": "0.0.0", "devel": "0.0.0", "": "0.0.0",
	} {
		if got := bundleVersion(version); got != want {
			t.Errorf("%q is %s, want %s", version, got, want)
		}
	}
}
