package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func holds(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || string(b) != text {
		t.Errorf("%s holds %q, %v; want %q", path, b, err, text)
	}
	if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != mode) {
		t.Errorf("%s: %v, %v; want %v", path, info, err, mode)
	}
}

func TestWriteReplacesTheFile(t *testing.T) {
	for name, write := range map[string]func(string, []byte, os.FileMode) error{"Write": Write, "Replace": Replace} {
		path := filepath.Join(t.TempDir(), "file")
		for _, text := range []string{"one", "", "three"} {
			if err := write(path, []byte(text), 0o640); err != nil {
				t.Fatal(err)
			}
			holds(t, path, text, 0o640)
		}
		if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"file"}) {
			t.Errorf("%s: %q", name, got)
		}
		if err := write(filepath.Join(path, "below"), nil, 0o600); err == nil {
			t.Errorf("%s: a file was written below a file", name)
		}
	}
}

func TestCommitNewReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	commitNew := func(text string) error {
		d, err := New(path)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Discard()
		if err := d.Write([]byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return d.CommitNew(path)
	}
	if err := commitNew("one"); err != nil {
		t.Fatal(err)
	}
	if err := commitNew("two"); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	holds(t, path, "one", 0o600)
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, []string{"file"}) {
		t.Errorf("%q", got)
	}
}

// Sweep removes what a crash has left, and nothing else: no temporary file in
// use, and none of another file.
func TestSweepRemovesOnlyWhatACrashHasLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	inUse, err := New(path)
	if err != nil {
		t.Fatal(err)
	}
	defer inUse.Discard()
	beside := []string{".other.gatelight-1", "file", ".file", ".file.gatelight", "file.gatelight-1"}
	for _, name := range append(beside, ".file.gatelight-1", ".file.gatelight-") {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	Sweep(path)
	want := append(beside, filepath.Base(inUse.f.Name()))
	slices.Sort(want)
	if got := names(t, filepath.Dir(path)); !slices.Equal(got, want) {
		t.Errorf("left are %q, want %q", got, want)
	}
	if err := errors.Join(inUse.Write([]byte("text"), 0o600), inUse.Commit()); err != nil {
		t.Error(err)
	}
	holds(t, path, "text", 0o600)
	Sweep(filepath.Join(filepath.Dir(path), "nowhere", "file"))
}

func TestResolveLinksLeadsToTheFileOrSaysWhyNot(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for to, from := range map[string]string{"real": "folder", filepath.Join("real", "file"): "link", "link": "again",
		"nothing": "dangling"} {
		testkit.Symlink(t, to, filepath.Join(dir, from))
	}
	for path, want := range map[string]string{
		"real/file": "real/file", "folder/file": "real/file", "link": "real/file", "again": "real/file",
		"folder/new": "real/new", "new": "new", "new/new": "new/new",
		"dangling": "", "link/below": "",
	} {
		got, err := ResolveLinks(filepath.Join(dir, filepath.FromSlash(path)))
		if rel, _ := filepath.Rel(dir, got); want != "" && (err != nil || filepath.ToSlash(rel) != want) {
			t.Errorf("%s leads to %s, %v; want %s", path, got, err, want)
		}
		if want == "" && (err == nil || !strings.Contains(err.Error(), dir)) {
			t.Errorf("%s leads to %s, %v", path, got, err)
		}
	}
}
