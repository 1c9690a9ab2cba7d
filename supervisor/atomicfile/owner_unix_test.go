//go:build unix

package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func ownerOf(t *testing.T, path string) [2]int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s := info.Sys().(*syscall.Stat_t)
	return [2]int{int(s.Uid), int(s.Gid)}
}

func TestRootTakesNobodysFileAway(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI must run this as root")
		}
		t.Skip("only root can make files of another user")
	}
	const user, group, other = 4321, 4322, 4323
	dir := t.TempDir()
	file, link, fresh := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "new")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Chown(file, other, group), os.Chown(dir, user, group), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	real, err := ResolveLinks(link)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func() error{
		file:  func() error { return Write(file, []byte("Write"), 0o600) },
		real:  func() error { return Replace(real, []byte("Replace"), 0o640) },
		fresh: func() error { return Write(fresh, []byte("new"), 0o600) },
	} {
		if err := write(); err != nil {
			t.Fatal(err)
		}
		want := [2]int{other, group}
		if name == fresh {
			want = [2]int{user, group}
		}
		if got := ownerOf(t, name); got != want {
			t.Errorf("%s belongs to %v, want %v", name, got, want)
		}
	}
	d, err := New(file)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Discard()
	beside := filepath.Join(dir, "backup")
	if err := errors.Join(d.Write(nil, 0o600), d.CommitNew(beside)); err != nil {
		t.Fatal(err)
	}
	if got := ownerOf(t, beside); got != [2]int{other, group} {
		t.Errorf("the backup belongs to %v", got)
	}
}

// A file may have one of the user's other groups.
func TestTheGroupStays(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	groups, err := os.Getgroups()
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range append(groups, os.Getgid()) {
		if err := os.Chown(file, -1, group); err != nil {
			t.Fatal(err)
		}
		if err := Write(file, []byte("text"), 0o640); err != nil {
			t.Fatal(err)
		}
		if got := ownerOf(t, file); got != [2]int{os.Getuid(), group} {
			t.Errorf("%v, want the group %d", got, group)
		}
	}
}
