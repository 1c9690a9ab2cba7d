package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

var write = testkit.WriteFile

var installedAt = time.Date(2026, 11, 23, 14, 2, 11, 0, time.Local)

// installAnywhere installs into a Gateway of which nothing is known.
func installAnywhere(source, target string, at time.Time) error {
	_, err := Install(source, target, Place{}, at)
	return err
}

// files lists a folder with what is in its files.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			found[e.Name()] = "a folder"
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = string(b)
	}
	return found
}

func wantFiles(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	got := files(t, dir)
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %q, want %q", name, got[name], text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is left", name)
		}
	}
}

func wantMode(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if runtime.GOOS == "windows" {
		return // its permissions are of another kind
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
		t.Errorf("%s: %v, %v, want %v", path, info, err, mode)
	}
}

func TestInstallCopiesAndKeepsBackups(t *testing.T) {
	const (
		first  = "# mine, with a `backtick` and a trailing space \r\n\r\nIbPassword=" + canary + "\\\r\n  x\r\n\r\n! no newline at the end, a byte that is no UTF-8: \xe9"
		second = "IbPassword=other\n"
	)
	dir := t.TempDir()
	source := filepath.Join(dir, "source.ini")
	target := filepath.Join(dir, "home", "ibc", "config.ini")
	install := func(text string, at time.Time) {
		t.Helper()
		write(t, source, text)
		if err := installAnywhere(source, target, at); err != nil {
			t.Fatal(err)
		}
		wantMode(t, target, 0o600)
	}

	write(t, source, first)
	if err := os.Chmod(source, 0o644); err != nil {
		t.Fatal(err)
	}
	install(first, installedAt)
	wantFiles(t, filepath.Dir(target), map[string]string{"config.ini": first})
	wantMode(t, filepath.Dir(target), 0o700)

	install(first, installedAt.Add(time.Minute)) // nothing new, so no backup
	wantFiles(t, filepath.Dir(target), map[string]string{"config.ini": first})

	install(second, installedAt)
	wantFiles(t, filepath.Dir(target), map[string]string{"config.ini": second, "config.ini.20261123-140211": first})
	wantMode(t, target+".20261123-140211", 0o600)

	install(first, installedAt.Add(24*time.Hour))
	wantFiles(t, filepath.Dir(target), map[string]string{"config.ini": first,
		"config.ini.20261123-140211": first, "config.ini.20261124-140211": second})
}

// A second copy within the second must not cost the first backup.
func TestTwoInstallsInASecondKeepBothBackups(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source.ini"), filepath.Join(dir, "ibc", "config.ini")
	write(t, target, "FIX=no # by hand\n")
	for _, text := range []string{"FIX=no\n", "FIX=yes\n"} {
		write(t, source, text)
		if err := installAnywhere(source, target, installedAt); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for _, text := range files(t, filepath.Dir(target)) {
		all = append(all, text)
	}
	if kept := strings.Join(all, ""); len(all) != 3 || !strings.Contains(kept, "by hand") || !strings.Contains(kept, "FIX=no") || !strings.Contains(kept, "FIX=yes") {
		t.Errorf("%q", files(t, filepath.Dir(target)))
	}
}

func TestInstallMakesTheFilePrivate(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source.ini"), filepath.Join(dir, "config.ini")
	write(t, source, "FIX=no\n")
	write(t, target, "FIX=no\n")
	if err := os.Chmod(target, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := installAnywhere(source, target, installedAt); err != nil {
		t.Fatal(err)
	}
	wantMode(t, target, 0o600)
}

// A file that is written in place is half a file for a moment: who has the old
// one open keeps it whole.
func TestInstallReplacesTheFileAndDoesNotWriteIntoIt(t *testing.T) {
	dir := t.TempDir()
	source, target, open := filepath.Join(dir, "source.ini"), filepath.Join(dir, "config.ini"), filepath.Join(dir, "open.ini")
	write(t, source, "FIX=no\n")
	write(t, target, "FIX=yes\n")
	if err := os.Link(target, open); err != nil {
		t.Fatal(err)
	}
	if err := installAnywhere(source, target, installedAt); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{target: "FIX=no\n", open: "FIX=yes\n"} {
		if got, err := os.ReadFile(file); string(got) != want {
			t.Errorf("%s: %q, %v; want %q", file, got, err, want)
		}
	}
}

// What cannot be installed leaves what was there.
func TestARefusedInstallKeepsTheOldFile(t *testing.T) {
	const old = "IbPassword=" + canary + "\n"
	for _, tt := range []struct {
		name string
		set  func(t *testing.T, source, target *string)
		says func(source, target string) string
	}{
		{"no source is set", func(t *testing.T, source, target *string) { *source = "" },
			func(string, string) string { return "no config_source is set" }},
		{"the source is missing", func(t *testing.T, source, target *string) { os.Remove(*source) },
			func(source, _ string) string {
				return "cannot read config_source, which the settings name: open " + source
			}},
		{"the source is a folder", func(t *testing.T, source, target *string) { *source = filepath.Dir(*source) },
			func(source, _ string) string {
				return "cannot read config_source, which the settings name: open " + source
			}},
		{"the source is empty", func(t *testing.T, source, target *string) { write(t, *source, "") },
			func(source, _ string) string { return source + " is empty" }},
		{"the source is blank", func(t *testing.T, source, target *string) { write(t, *source, "\r\n \n") },
			func(source, _ string) string { return source + " is empty" }},
		{"the source is endless", func(t *testing.T, source, target *string) { write(t, *source, strings.Repeat("#\n", 1<<19)+"#") },
			func(source, _ string) string {
				return source + ": it is longer than a file of its kind can be: more than 1 MB"
			}},
		{"the source has an error", func(t *testing.T, source, target *string) {
			write(t, *source, "IbPassword="+canary+"\nFIX=no\\\nTradingMode="+canary)
		}, func(source, _ string) string {
			return source + " has errors, and nothing was copied; line 2: FIX: the backslash at the end of line 2 makes line 3 a part of this value, so that TradingMode is not set there, and 1 more (gatelight config check --source"
		}},
		{"a folder stands in the target's place", func(t *testing.T, source, target *string) { *target = filepath.Dir(*target) },
			func(_, target string) string { return target }},
		{"a file stands in its folder's place", func(t *testing.T, source, target *string) { *target = filepath.Join(*target, "config.ini") },
			func(_, target string) string { return filepath.Dir(target) }},
		{"a link to nothing stands in its place", func(t *testing.T, source, target *string) {
			*target = filepath.Join(t.TempDir(), "link")
			testkit.Symlink(t, "nowhere", *target)
		}, func(_, target string) string { return target + " is a link to something that is not there" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			source, target := filepath.Join(dir, "source.ini"), filepath.Join(dir, "ibc", "config.ini")
			write(t, source, "IbPassword=new-"+canary+"\n")
			write(t, target, old)
			folder := filepath.Dir(target)
			tt.set(t, &source, &target)
			err := installAnywhere(source, target, installedAt)
			if want := tt.says(source, target); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v; want %q", err, want)
			}
			if err != nil && strings.Contains(err.Error(), canary) {
				t.Errorf("a secret is in the error: %v", err)
			}
			wantFiles(t, folder, map[string]string{"config.ini": old})
		})
	}
}

// The source is compared with the Gateway that it is for.
func TestInstallChecksTheSourceForItsGateway(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source.ini"), filepath.Join(dir, "ibc", "config.ini")
	write(t, source, validConfig)
	place := testPlace
	if _, err := Install(source, target, place, installedAt); err != nil {
		t.Error(err)
	}
	place.CommandPorts = map[string]int{"live": 7462}
	if _, err := Install(source, target, place, installedAt); err == nil || !strings.Contains(err.Error(), `Gateway "live", too`) {
		t.Error(err)
	}
}

func TestCopiedInWords(t *testing.T) {
	for want, c := range map[string]Copied{
		"Copied a to b.": {Source: "a", Target: "b"},
		"Copied a to b, and kept what was there as c; other users can look into its folder (chmod 700 d).": {Source: "a", Target: "b", Backup: "c", Open: "d"},
		"b is the same as a already; other users no longer have access.":                                   {Source: "a", Target: "b", Same: true, Closed: true},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
