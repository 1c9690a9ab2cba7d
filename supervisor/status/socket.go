package status

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

// checkInterval is the time between two looks at the lock and the socket. Each
// is a few system calls.
var checkInterval = 5 * time.Second

// A socket is the control socket: a listener that makes its file anew when
// somebody has removed or replaced it, as the system removes the runtime folder
// when the user logs out.
type socket struct {
	lock *Lock
	log  *slog.Logger

	mu       sync.Mutex
	listener *net.UnixListener
	path     string      // of listener
	made     fs.FileInfo // the file at path
	ended    error       // why there is no listener any more

	recorded bool // the lock says where the socket is; belongs to the watch
}

// openSocket opens the socket in the runtime folder.
func openSocket(lock *Lock, log *slog.Logger) (*socket, error) {
	s := &socket{lock: lock, log: log}
	if err := s.open(lock.paths.Socket()); err != nil {
		return nil, err
	}
	if err := s.record(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// open opens the socket at a path in place of the one that is open.
func (s *socket) open(path string) error {
	// We have the lock, so a socket that exists was left by a crash.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot replace the control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		if len(path) >= settings.MaxSocketPath {
			err = fmt.Errorf("%w (a path of %d bytes; set %s to a shorter one)", err, len(path), runtimeVariable)
		}
		return fmt.Errorf("cannot open the control socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // by then there may be another one at that path
	made, err := os.Lstat(path)
	if err := errors.Join(err, os.Chmod(path, 0o600)); err != nil {
		return errors.Join(fmt.Errorf("cannot close the control socket to others: %w", err), l.Close())
	}
	s.mu.Lock()
	before := s.listener
	s.listener, s.path, s.made = l, path, made
	s.mu.Unlock()
	if before != nil {
		before.Close()
	}
	return nil
}

// record writes into the lock where the socket is.
func (s *socket) record() error {
	err := s.lock.write(s.path)
	s.recorded = err == nil
	return err
}

// watch keeps the lock and the socket in place until the context ends.
func (s *socket) watch(ctx context.Context, timer supervisor.Timer) {
	defer timer.Stop()
	said := ""
	for {
		timer.Reset(checkInterval)
		select {
		case <-ctx.Done():
			return
		case <-timer.Due():
		}
		err := s.keepLock()
		if errors.Is(err, ErrRunning) {
			s.end(fmt.Errorf("the lock %s was removed, and %w", s.lock.paths.Lock(), err))
			return
		}
		if err == nil {
			err = s.keepSocket()
		}
		if err != nil && err.Error() != said {
			s.log.Error("commands may not find this Gatelight", "error", err)
			said = err.Error()
		}
	}
}

// keepLock takes the lock of the state folder again if its file was removed. The
// error is [ErrRunning] if another Gatelight was quicker.
func (s *socket) keepLock() error {
	if inPlace(s.lock.state) {
		return nil
	}
	s.recorded = false
	if err := makePrivate(s.lock.paths.State, stateVariable); err != nil {
		return err
	}
	if err := retake(&s.lock.state); err != nil {
		return err
	}
	s.log.Warn("the lock was removed; it is made again", "lock", s.lock.paths.Lock())
	return nil
}

// keepSocket makes the socket anew if it was removed or replaced: where it was,
// else in the state folder, which is not removed when the user logs out.
func (s *socket) keepSocket() error {
	if s.inPlace() {
		if s.recorded {
			return nil
		}
		return s.record()
	}
	why := s.reopen()
	if why != nil {
		if err := s.open(s.lock.paths.SpareSocket()); err != nil {
			return errors.Join(why, err)
		}
	}
	s.log.Warn("the control socket was removed; it is made again", "socket", s.path, "not_where_it_was", why)
	return s.record()
}

// reopen opens the socket in the runtime folder again, with the lock there.
func (s *socket) reopen() error {
	l := s.lock
	if s.path != l.paths.Socket() || l.socketInState() {
		return s.open(s.path)
	}
	if err := os.Mkdir(l.paths.Runtime, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err // the folder above is the session's: it comes with the login
	}
	if err := checkPrivate(l.paths.Runtime, runtimeVariable); err != nil {
		return err
	}
	if err := retake(&l.runtime); err != nil {
		return err
	}
	return s.open(s.path)
}

// inPlace reports whether the path of the socket still names the one that is
// open, in a folder of ours.
func (s *socket) inPlace() bool {
	found, err := os.Lstat(s.path)
	return err == nil && sameSocket(s.made, found) && len(ownFolders([]string{filepath.Dir(s.path)})) == 1
}

// Accept implements [net.Listener]. It goes on after the socket was made anew.
func (s *socket) Accept() (net.Conn, error) {
	for {
		l, ended := s.current()
		if ended != nil {
			return nil, ended
		}
		c, err := l.Accept()
		if err == nil || !errors.Is(err, net.ErrClosed) {
			return c, err
		}
	}
}

func (s *socket) current() (*net.UnixListener, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener, s.ended
}

// Close implements [net.Listener]. It removes the socket.
func (s *socket) Close() error { return s.end(net.ErrClosed) }

// end closes the listener. Accept returns the reason.
func (s *socket) end(why error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return net.ErrClosed
	}
	s.ended = why
	if s.inPlace() {
		os.Remove(s.path)
	}
	return s.listener.Close()
}

// Addr implements [net.Listener].
func (s *socket) Addr() net.Addr {
	l, _ := s.current()
	return l.Addr()
}
