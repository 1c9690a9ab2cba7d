// Command bundle puts Gatelight.app together, on any system. It is not signed
// yet: codesign does that, and only macOS has it.
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

// A bundle is what an app is made of, and where it is put.
type bundle struct{ program, icon, version, out string }

// assemble builds beside the place and then moves there, so that an app that
// runs keeps its files. It replaces nothing but an app.
func (b bundle) assemble() error {
	info, err := plist.Encode(b.info())
	if err != nil {
		return err
	}
	draft, err := os.MkdirTemp(filepath.Dir(b.out), ".Gatelight-*")
	if err != nil {
		return fmt.Errorf("cannot make the app: %w", err)
	}
	defer os.RemoveAll(draft)
	contents := filepath.Join(draft, "new", "Contents")
	err = errors.Join(
		os.MkdirAll(filepath.Join(contents, "MacOS"), 0o755),
		os.MkdirAll(filepath.Join(contents, "Resources"), 0o755),
		os.WriteFile(filepath.Join(contents, "Info.plist"), info, 0o644),
		copyFile(b.program, filepath.Join(contents, "MacOS", "gatelight"), 0o755),
		copyFile(b.icon, filepath.Join(contents, "Resources", "Gatelight.icns"), 0o644),
	)
	if err != nil {
		return fmt.Errorf("cannot make the app: %w", err)
	}
	if err := moveAway(b.out, filepath.Join(draft, "old")); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(draft, "new"), b.out); err != nil {
		return fmt.Errorf("cannot put the app in its place: %w", err)
	}
	return nil
}

// info is what macOS is told (Information Property List, Apple's documentation
// of Bundle Resources).
func (b bundle) info() plist.Dict {
	version := dotted(b.version)
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
		{Key: "LSMinimumSystemVersion", Value: oldestMac},
		{Key: "LSApplicationCategoryType", Value: "public.app-category.finance"},
		{Key: "LSUIElement", Value: true}, // in the menu bar, not in the Dock
		{Key: "NSHighResolutionCapable", Value: true},
		// Alerts stay until they are dismissed: nobody has to be looking.
		{Key: "NSUserNotificationAlertStyle", Value: "alert"},
	}
}

// oldestMac is the oldest macOS that Go 1.26 runs on (golang/go#75836).
const oldestMac = "12.0"

var release = regexp.MustCompile(`^v?(\d+)\.(\d+)(\.\d+)?`)

// dotted makes the version one of digits and dots, which is all that macOS
// takes. What is no release is 0.0.0.
func dotted(version string) string {
	m := release.FindStringSubmatch(version)
	if m == nil {
		return "0.0.0"
	}
	if m[3] == "" {
		m[3] = ".0"
	}
	return m[1] + "." + m[2] + m[3]
}

// moveAway moves an app that is there already.
func moveAway(app, to string) error {
	if _, err := os.Lstat(app); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(filepath.Join(app, "Contents", "Info.plist")); err != nil {
		return fmt.Errorf("%s is there, and it is no app; move it away", app)
	}
	if err := os.Rename(app, to); err != nil {
		return fmt.Errorf("cannot replace the app that is there: %w", err)
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
