//go:build unix

package status

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Who can open the socket can stop the Gateway, and who can replace it can
// pretend to be Gatelight. Only the user may be able to.

func permissions(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestOnlyTheUserCanOpenTheSocket(t *testing.T) {
	for _, tt := range []struct {
		name string
		dir  fs.FileMode // of the folder before; 0: there is none
	}{
		{"new folder", 0},
		{"private folder", 0o700},
		{"folder that others may look into", 0o755},
		{"folder that the group may write to", 0o770},
	} {
		t.Run(tt.name, func(t *testing.T) {
			// The user's umask must not matter. Nothing here runs in
			// parallel.
			defer syscall.Umask(syscall.Umask(0))
			socket := path(t)
			dir := filepath.Dir(socket)
			if tt.dir != 0 {
				if err := os.Mkdir(dir, tt.dir); err != nil {
					t.Fatal(err)
				}
			}
			serve(t, socket, newFake(connectedStatus("hello")))
			if got := permissions(t, dir); got != fs.ModeDir|0o700 {
				t.Errorf("the folder is %v", got)
			}
			if got := permissions(t, socket); got != fs.ModeSocket|0o600 {
				t.Errorf("the socket is %v", got)
			}
			if got := permissions(t, filepath.Join(dir, "lock")); got != 0o600 {
				t.Errorf("the lock is %v", got)
			}
		})
	}
}

func TestAFolderOfOthersIsRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		make func(t *testing.T, dir string) string // makes the folder or what is in its place; its path
		want string                                // after its path
	}{
		{"a symlink", func(t *testing.T, dir string) string {
			return dir + must(t, os.Mkdir(dir+".real", 0o700), os.Symlink(dir+".real", dir))
		}, " is not a folder of yours; remove it, or set GATELIGHT_RUNTIME_DIR"},
		{"somebody else's", func(t *testing.T, dir string) string {
			if os.Getuid() != 0 {
				return "/" // is root's, who is somebody else
			}
			return dir + must(t, os.Mkdir(dir, 0o755), os.Chown(dir, 65534, 65534))
		}, " is not a folder of yours; remove it, or set GATELIGHT_RUNTIME_DIR"},
		{"everybody's", func(t *testing.T, dir string) string {
			return dir + must(t, os.Mkdir(dir, 0o777), os.Chmod(dir, 0o777|fs.ModeSticky))
		}, " is open to everybody; set GATELIGHT_RUNTIME_DIR to a folder of Gatelight's own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := tt.make(t, filepath.Dir(path(t)))
			before := permissions(t, dir)
			_, err := listen(filepath.Join(dir, "control.sock"), newFake(connectedStatus("hello")))
			if err == nil || err.Error() != dir+tt.want {
				t.Errorf("\n got %v\nwant %s%s", err, dir, tt.want)
			}
			if after := permissions(t, dir); after != before {
				t.Errorf("its permissions were %v and are %v", before, after)
			}
			if left, err := filepath.Glob(filepath.Join(dir, "*.sock")); len(left) > 0 || err != nil {
				t.Error(left, err)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		dir := filepath.Dir(path(t))
		must(t, os.WriteFile(dir, nil, 0o600))
		if _, err := listen(filepath.Join(dir, "control.sock"), newFake(connectedStatus("hello"))); err == nil {
			t.Error("accepted")
		}
	})
}

// must is the empty string, or the end of the test.
func must(t *testing.T, errs ...error) string {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return ""
}
