package rotatedlog

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

// open is a log whose new beginning is "anew".
func open(t *testing.T) (f *File, path string) {
	path = filepath.Join(t.TempDir(), "state", "log", "some.log")
	return New(path, 2, func(again io.Writer) { io.WriteString(again, "anew\n") }), path
}

func write(t *testing.T, f *File, text string) {
	t.Helper()
	if n, err := io.WriteString(f, text); n != len(text) || err != nil {
		t.Errorf("%d of %q: %v", n, text, err)
	}
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	if b, err := os.ReadFile(path); err != nil || string(b) != want {
		t.Errorf("%s holds %.100q, %v; want %q", path, b, err, want)
	}
	for path, most := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(path); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm()&^most != 0) {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// Whatever becomes of the file, what is written afterwards is in the file that
// has the name.
func TestWhatIsWrittenIsInTheFileThatHasTheName(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(t *testing.T, path string)
		want string
	}{
		"nothing happens":             {func(*testing.T, string) {}, "one\ntwo\nthree\n"},
		"the file is removed":         {func(t *testing.T, p string) { testkit.Remove(t, p) }, "anew\ntwo\nthree\n"},
		"its folder is removed":       {func(t *testing.T, p string) { testkit.Remove(t, filepath.Dir(p)) }, "anew\ntwo\nthree\n"},
		"the folder above is removed": {func(t *testing.T, p string) { testkit.Remove(t, filepath.Dir(filepath.Dir(p))) }, "anew\ntwo\nthree\n"},
		"the file is renamed":         {func(t *testing.T, p string) { must(t, os.Rename(p, p+".old")) }, "anew\ntwo\nthree\n"},
		"another file takes its place": {func(t *testing.T, p string) {
			testkit.Remove(t, p)
			testkit.WriteFile(t, p, "other\n")
		}, "other\ntwo\nthree\n"},
		"it is made empty": {func(t *testing.T, p string) { must(t, os.Truncate(p, 0)) }, "two\nthree\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f, path := open(t)
			write(t, f, "one\n")
			holds(t, path, "one\n")
			tt.harm(t, path)
			write(t, f, "two\n")
			write(t, f, "three\n")
			holds(t, path, tt.want)
		})
	}
}

func TestALogThatIsThereIsContinued(t *testing.T) {
	f, path := open(t)
	write(t, f, "one\n")
	write(t, New(path, 2, f.removed), "two\n")
	holds(t, path, "one\ntwo\n")
	before := New(path, 2, f.removed)
	testkit.Remove(t, path)
	write(t, before, "three\n")
	holds(t, path, "anew\nthree\n")
}

func TestALongLogIsRotatedAndLosesNothing(t *testing.T) {
	f, path := open(t)
	const lines = maxSize + maxSize/2 // of 1 MB each
	for range lines {
		write(t, f, strings.Repeat("x", 1<<20-1)+"\n")
	}
	all, total := 0, int64(0)
	for _, name := range glob(t, filepath.Join(filepath.Dir(path), "*")) {
		info, err := os.Stat(name)
		if err != nil || info.Size() > maxSize<<20 {
			t.Fatalf("%v, %v", info, err)
		}
		all, total = all+1, total+info.Size()
	}
	if all != 2 || total != lines<<20 {
		t.Errorf("%d files with %d bytes", all, total)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return names
}
