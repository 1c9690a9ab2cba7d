package status

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const nobody = 65534

// What another user has put in the socket's place is not asked, and our own is
// made there.
func TestAnotherUsersSocketIsNotBelieved(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	for name, tt := range map[string]struct {
		harm   func(socket string) error
		want   string
		serves bool // our own Gatelight can start
	}{
		"the socket is another user's": {func(s string) error { return os.Lchown(s, nobody, nobody) }, "control.sock belongs to user id 65534", true},
		"the folder is another user's": {func(s string) error { return os.Chown(filepath.Dir(s), nobody, nobody) }, " belongs to user id 65534", false},
		"the folder is everybody's":    {func(s string) error { return os.Chmod(filepath.Dir(s), 0o777|fs.ModeSticky) }, "others may write to the folder ", false},
		"the folder is a group's":      {func(s string) error { return os.Chmod(filepath.Dir(s), 0o770) }, "others may write to the folder ", true},
		"the folder is a link": {func(s string) error {
			dir := filepath.Dir(s)
			return errors.Join(os.Rename(dir, dir+".real"), os.Symlink(dir+".real", dir))
		}, " is a link", false},
	} {
		t.Run(name, func(t *testing.T) {
			socket := path(t)
			p := pathsOf(socket)
			serveOlder(t, p.Runtime)
			answers(t, p, "older", socket)
			if err := os.Remove(filepath.Join(p.Runtime, "lock")); err != nil { // a stranger has none
				t.Fatal(err)
			}
			if err := tt.harm(socket); err != nil {
				t.Fatal(err)
			}
			_, err := Dial(t.Context(), p)
			if !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if !tt.serves {
				if _, err := TakeLock(p); err == nil || errors.Is(err, ErrRunning) {
					t.Errorf("a start there: %v", err)
				}
				return
			}
			serveIn(t, p, "ours")
			answers(t, p, "ours", socket)
		})
	}
}

// The same where the state folder's lock is held: the Gatelight that runs makes
// its own socket again.
func TestAnotherUsersSocketIsReplaced(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	p := pathsOf(path(t))
	serveIn(t, p, "ours")
	if err := errors.Join(replaceBySocket(p.Socket()), os.Lchown(p.Socket(), nobody, nobody)); err != nil {
		t.Fatal(err)
	}
	answers(t, p, "ours", p.Socket())
}

// A socket of ours on which another user's process listens, since it was passed
// there or opened by a program with other rights.
func TestAnotherUsersProcessIsNotBelieved(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	p := pathsOf(path(t))
	if err := os.Mkdir(p.Runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: p.Socket()}); err != nil {
		t.Fatal(err)
	}
	if err := listenAs(fd, nobody); err != nil {
		t.Fatal(err)
	}
	_, err = Dial(t.Context(), p)
	if !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), "a process of user id 65534 answers") {
		t.Error(err)
	}
}

// listenAs listens with the rights of another user, which belong to a thread
// alone in a system call that Go does not know.
func listenAs(fd, uid int) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, ^uintptr(0), uintptr(uid), ^uintptr(0)); errno != 0 {
			done <- errno
			return
		}
		done <- unix.Listen(fd, 1)
	}()
	return <-done
}

// A folder that an older version may have used, and that another user has made,
// is neither asked nor in the way.
func TestAnotherUsersOldFolderIsNotInTheWay(t *testing.T) {
	p := sessions(t)["a runtime folder"]
	dir := p.Older[0]
	stop := serveOlder(t, dir)
	defer stop()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), p); err != ErrNotRunning {
		t.Error(err)
	}
	serveIn(t, p, "ours")
	answers(t, p, "ours", p.Socket())
}

// As with sudo, which may keep the other user's HOME.
func TestAnotherUsersStateFolderIsNotUsed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can make folders of another user")
	}
	p := pathsOf(path(t))
	serveIn(t, p, "the other user's")
	if err := os.Chown(p.State, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(t.Context(), p); !errors.Is(err, ErrForeign) || !strings.Contains(err.Error(), p.State+" belongs to user id 65534") {
		t.Error(err)
	}
	if _, err := TakeLock(p); err == nil || err.Error() != "the state folder "+p.State+" belongs to another user; run gatelight as that user, or set GATELIGHT_STATE_DIR to a folder of yours" {
		t.Error(err)
	}
}

func TestTheLockIsNoPipe(t *testing.T) {
	p := pathsOf(path(t))
	if err := errors.Join(os.Mkdir(p.State, 0o700), unix.Mkfifo(p.Lock(), 0o600)); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"a start": second(TakeLock(p)), "a command": second(Dial(t.Context(), p))} {
		if err == nil || !strings.Contains(err.Error(), p.Lock()+": it is not a regular file; remove it") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }
