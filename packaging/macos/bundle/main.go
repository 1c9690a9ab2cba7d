// Command bundle builds Gatelight.app, on any system. It does not sign the app:
// codesign does that, and only macOS has it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"gatelight/packaging"
	"gatelight/packaging/macos/plist"
)

func main() {
	var b bundle
	flag.StringVar(&b.program, "program", "dist/gatelight", "the program, built for macOS")
	flag.StringVar(&b.icon, "icon", "assets/app/gatelight.icns", "the app's icon")
	flag.StringVar(&b.version, "version", "", "its version, as git describes it")
	flag.StringVar(&b.out, "out", "dist/Gatelight.app", "the app")
	flag.Parse()
	if err := b.assemble(); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// A bundle holds the parts of the app and its path.
type bundle struct{ program, icon, version, out string }

// assemble builds the app in a temporary folder and then renames it, so that an
// app that runs keeps its files. It replaces nothing but an app.
func (b bundle) assemble() error {
	info, err := plist.Encode(b.info())
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(b.out), ".Gatelight-*")
	if err != nil {
		return fmt.Errorf("cannot build the app: %w", err)
	}
	defer os.RemoveAll(temp)
	contents := filepath.Join(temp, "new", "Contents")
	err = errors.Join(
		os.MkdirAll(filepath.Join(contents, "MacOS"), 0o755),
		os.MkdirAll(filepath.Join(contents, "Resources"), 0o755),
		os.WriteFile(filepath.Join(contents, "Info.plist"), info, 0o644),
		copyFile(b.program, filepath.Join(contents, "MacOS", "gatelight"), 0o755),
		copyFile(b.icon, filepath.Join(contents, "Resources", "Gatelight.icns"), 0o644),
	)
	if err != nil {
		return fmt.Errorf("cannot build the app: %w", err)
	}
	if err := moveAway(b.out, filepath.Join(temp, "old")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(temp, "new"), b.out); err != nil {
		return fmt.Errorf("cannot move the app to its place: %w", err)
	}
	return nil
}

// info returns the app's Info.plist (Information Property List, Apple's
// documentation of Bundle Resources).
func (b bundle) info() plist.Dict {
	version := bundleVersion(b.version)
	return plist.Dict{
		{Key: "CFBundleInfoDictionaryVersion", Value: "6.0"},
		{Key: "CFBundlePackageType", Value: "APPL"},
		{Key: "CFBundleIdentifier", Value: packaging.BundleID},
		{Key: "CFBundleName", Value: "Gatelight"},
		{Key: "CFBundleDisplayName", Value: "Gatelight"},
		{Key: "CFBundleExecutable", Value: "gatelight"},
		{Key: "CFBundleIconFile", Value: "Gatelight"},
		{Key: "CFBundleDevelopmentRegion", Value: "en"},
		{Key: "CFBundleShortVersionString", Value: version},
		{Key: "CFBundleVersion", Value: version},
		{Key: "LSMinimumSystemVersion", Value: minimumMacOS},
		{Key: "LSApplicationCategoryType", Value: "public.app-category.finance"},
		{Key: "LSUIElement", Value: true}, // in the menu bar, not in the Dock
		{Key: "NSHighResolutionCapable", Value: true},
		// Alerts stay until somebody closes them.
		{Key: "NSUserNotificationAlertStyle", Value: "alert"},
	}
}

// minimumMacOS is the oldest macOS on which Go 1.26 runs (golang/go#75836).
const minimumMacOS = "12.0"

var release = regexp.MustCompile(`^v?(\d+)\.(\d+)(\.\d+)?`)

// bundleVersion turns a version into digits and dots, the only form that macOS
// accepts. A version that is not a release becomes 0.0.0.
func bundleVersion(version string) string {
	m := release.FindStringSubmatch(version)
	if m == nil {
		return "0.0.0"
	}
	if m[3] == "" {
		m[3] = ".0"
	}
	return m[1] + "." + m[2] + m[3]
}

// moveAway moves an app that exists already. It refuses to move anything else.
func moveAway(app, to string) error {
	if _, err := os.Lstat(app); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(app, "Contents", "Info.plist")); err != nil {
		return fmt.Errorf("%s exists and is not an app; move it away", app)
	}
	if err := os.Rename(app, to); err != nil {
		return fmt.Errorf("cannot replace the existing app: %w", err)
	}
	return nil
}

func copyFile(from, to string, mode fs.FileMode) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, mode)
}
