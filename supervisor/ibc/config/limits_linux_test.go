package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// asNobody does it as a user for whom a read-only folder is read-only.
func asNobody(t *testing.T, do func() error) error {
	if os.Geteuid() != 0 {
		return do()
	}
	const nobody = 65534
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Setfsuid(nobody); err != nil {
		t.Fatal(err)
	}
	defer unix.Setfsuid(0)
	return do()
}

// A disk that is really full.
func TestInstallOnAFullDiskKeepsTheOldFile(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=64k,mode=700"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI must run this as root: ", err)
		}
		t.Skip("only root can mount a small disk: ", err) // TestInstallWithoutRoomKeepsTheOldFile says it, too
	}
	t.Cleanup(func() { unix.Unmount(disk, unix.MNT_DETACH) })
	source, target := filepath.Join(t.TempDir(), "source.ini"), filepath.Join(disk, "ibc", "config.ini")
	long := newText + strings.Repeat("# a comment that takes room\n", 1000)
	write(t, source, long)
	write(t, target, oldText)
	filler := filepath.Join(disk, "filler")
	for _, free := range []int{0, 4096, len(long) - 1} {
		write(t, filler, strings.Repeat("x", 64<<10-2*4096-free)) // the folder and the old file take a page each
		err := installAnywhere(source, target, installedAt)
		if err == nil {
			t.Fatalf("with %d bytes free it was installed", free)
		}
		wantOldFile(t, target, err.Error(), "no space left on device")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if err := installAnywhere(source, target, installedAt); err != nil {
		t.Error(err)
	}
}
