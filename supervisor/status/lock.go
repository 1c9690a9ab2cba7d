package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"gatelight/supervisor"
	"gatelight/supervisor/regularfile"
	"gatelight/supervisor/settings"
)

// ErrRunning is the error of TakeLock when another Gatelight supervises.
var ErrRunning = errors.New("another Gatelight is running already")

// A Lock makes sure that no second Gatelight supervises with the same state
// folder. The system releases it when the process ends, however it ends: a lock
// file alone means nothing.
type Lock struct {
	paths   settings.Paths
	command bool
	state   *flock.Flock
	// Older versions know only the locks of these folders.
	runtime *flock.Flock
	older   []*flock.Flock
}

// A record is what a lock file says about the process that holds it.
type record struct {
	PID    int    `json:"pid"`
	Host   string `json:"host,omitempty"`   // more than one may use a home folder
	Socket string `json:"socket,omitempty"` // empty until the socket is open
	// Command: it is a command that supervises only until it is done.
	Command bool `json:"command,omitempty"`
}

// TakeLock takes the lock of the state folder, and those that an older version
// would take. The error is [ErrRunning] if another Gatelight has one of them.
func TakeLock(p settings.Paths) (*Lock, error) {
	if err := makePrivate(p.State, stateVariable); err != nil {
		return nil, err
	}
	l := &Lock{paths: p}
	var err error
	if l.state, err = take(p.Lock()); err == nil {
		err = l.write("")
	}
	if err == nil && !l.socketInState() {
		if err = makePrivate(p.Runtime, runtimeVariable); err == nil {
			l.runtime, err = take(l.runtimePath())
		}
	}
	for _, dir := range ownFolders(p.Older) {
		if err == nil {
			var older *flock.Flock
			if older, err = take(filepath.Join(dir, "lock")); older != nil {
				l.older = append(l.older, older)
			}
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.Release())
	}
	return l, nil
}

// socketInState reports whether the session has no runtime folder, so that the
// socket is in the state folder.
func (l *Lock) socketInState() bool { return l.paths.Runtime == l.paths.State }

func (l *Lock) runtimePath() string { return filepath.Join(l.paths.Runtime, "lock") }

// retake takes a lock again whose file was removed, unless another Gatelight was
// quicker.
func retake(lock **flock.Flock) error {
	if inPlace(*lock) {
		return nil
	}
	again, err := take((*lock).Path())
	if err != nil {
		return err
	}
	removed := *lock
	*lock = again
	return removed.Unlock()
}

// String says which process it is.
func (r record) String() string {
	if host, _ := os.Hostname(); r.Host != "" && r.Host != host {
		return fmt.Sprintf("process %d on %s", r.PID, supervisor.CleanText(r.Host, supervisor.MaxName))
	}
	return fmt.Sprint("process ", r.PID)
}

// write writes into the locks that this process holds them, and where its
// socket is.
func (l *Lock) write(socket string) error {
	host, _ := os.Hostname() // only for people
	r := record{PID: os.Getpid(), Host: host, Socket: socket, Command: l.command}
	for _, lock := range []*flock.Flock{l.state, l.runtime} {
		if lock == nil {
			continue
		}
		if err := writeRecord(lock.Path(), r); err != nil {
			return fmt.Errorf("cannot write the lock: %w", err)
		}
	}
	return nil
}

// ForCommand notes in the lock that a command holds it, until that is done.
func (l *Lock) ForCommand() error {
	l.command = true
	return l.write("")
}

// Holder reports whether a Gatelight supervises, and whether that is a command,
// which will not go on when it is done.
func Holder(p settings.Paths) (held, command bool, err error) {
	if held, err = isHeld(p.Lock()); !held || err != nil {
		return held, false, err
	}
	r, err := readRecord(p.Lock())
	return true, r.Command, err
}

// Release releases the lock. The files stay: who removes one could remove the
// lock of the next Gatelight.
func (l *Lock) Release() error {
	var err error
	for _, lock := range append(l.older, l.runtime, l.state) {
		if lock != nil {
			err = errors.Join(err, lock.Unlock())
		}
	}
	return err
}

// ownFolders are those that belong to the user, and to which nobody else can
// write.
func ownFolders(dirs []string) (own []string) {
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && private(info) {
			own = append(own, dir)
		}
	}
	return own
}

// lockPatience is how long a lock may be taken before another Gatelight holds
// it. Commands take it for microseconds to see whether anybody does.
const lockPatience = 300 * time.Millisecond

// take locks a file. The error is [ErrRunning] if another process has it locked.
func take(path string) (*flock.Flock, error) {
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		if err := checkLockFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		lock := flock.New(path, flock.SetPermissions(0o600))
		got, err := lock.TryLock()
		switch {
		case err != nil:
			return nil, fmt.Errorf("cannot lock %s: %w; it and its folder have to be yours, on a file system with locks", path, err)
		case got && inPlace(lock):
			return lock, nil
		case got: // somebody has removed the file meanwhile
			lock.Unlock()
		case time.Now().After(end):
			return nil, running(path)
		}
	}
}

// checkLockFile refuses what would block whoever opens it.
func checkLockFile(path string) error {
	info, err := os.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("cannot lock %s: it is not a regular file; remove it", path)
	}
	return err
}

// running is an [ErrRunning] that says which process it is.
func running(path string) error {
	if r, err := readRecord(path); err == nil && r.PID != 0 {
		return fmt.Errorf("%w (%v)", ErrRunning, r)
	}
	return ErrRunning
}

// inPlace reports whether the path of a lock still names the file that is
// locked.
func inPlace(lock *flock.Flock) bool {
	locked, err := lock.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(lock.Path())
	return err == nil && os.SameFile(locked, named)
}

// isHeld reports whether a process holds the lock.
func isHeld(path string) (bool, error) {
	if err := checkLockFile(path); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := lock.TryRLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("cannot tell whether a Gatelight is running: %w", err)
	case got:
		return false, lock.Unlock()
	}
	return true, nil
}

// writeRecord writes over the record in a lock file. The file cannot be
// replaced as a whole, since the lock is on this one.
func writeRecord(path string, r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	f, err := regularfile.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	text = append(text, '\n')
	if _, err := f.WriteAt(text, recordOffset); err != nil {
		return err
	}
	return f.Truncate(recordOffset + int64(len(text)))
}

// readRecord reads what a lock file says. That is old unless the lock is held.
func readRecord(path string) (r record, err error) {
	f, err := regularfile.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	return r, json.NewDecoder(io.NewSectionReader(f, recordOffset, 4<<10)).Decode(&r)
}
