package status

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

// Who holds a removed lock must not supervise beside who holds the new one.
func TestAGatelightWhoseLockIsTakenEnds(t *testing.T) {
	p := pathsOf(path(t))
	server, err := listenIn(p, newFake(connectedStatus("the first")))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	second := pathsOf(path(t)) // is moved into the first one's place
	lock, err := TakeLock(second)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if err := os.Rename(second.Lock(), p.Lock()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-served:
		if !errors.Is(err, ErrRunning) {
			t.Error(err)
		}
	case <-time.After(testkit.Patience):
		t.Error("the first goes on")
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
}

// Whatever becomes of the files, the Gatelight that runs is found again.
func TestTheSocketAndTheLockAreMadeAnew(t *testing.T) {
	for name, tt := range map[string]struct {
		harm  func(p settings.Paths) error
		moves bool // to the state folder
	}{
		"the socket is removed":              {func(p settings.Paths) error { return os.Remove(p.Socket()) }, false},
		"a file is in its place":             {func(p settings.Paths) error { return replaceByFile(p.Socket()) }, false},
		"another socket is in its place":     {func(p settings.Paths) error { return replaceBySocket(p.Socket()) }, false},
		"its folder is removed":              {func(p settings.Paths) error { return os.RemoveAll(p.Runtime) }, false},
		"the session's folder is removed":    {func(p settings.Paths) error { return os.RemoveAll(filepath.Dir(p.Runtime)) }, true},
		"a file is in place of the folder":   {func(p settings.Paths) error { return replaceByFile(p.Runtime) }, true},
		"a folder is in place of the socket": {func(p settings.Paths) error { return replaceByFolder(p.Socket()) }, true},
		"the lock is removed":                {func(p settings.Paths) error { return os.Remove(p.Lock()) }, false},
		"all is removed":                     {func(p settings.Paths) error { return errors.Join(os.RemoveAll(p.State), os.RemoveAll(p.Runtime)) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := sessions(t)["a folder of its own"]
			serveIn(t, p, "hello")
			watch := dialIn(t, p).Watch(t.Context())
			awaitWhy(t, watch, "hello")
			if err := tt.harm(p); err != nil {
				t.Fatal(err)
			}
			want := p.Socket()
			if tt.moves {
				want = p.SpareSocket()
			}
			testkit.Eventually(t, "the lock and the socket are there again", func() bool {
				r, err := Dial(t.Context(), p)
				if err == nil {
					r.Close()
				}
				held, _ := isHeld(p.Lock())
				return err == nil && held && r.Socket() == want && r.Latest().Gateways[0].Why == "hello"
			})
			for session, p := range map[string]settings.Paths{"the same": p, "none": {State: p.State, Runtime: p.State}} {
				answers(t, p, "hello", want)
				if _, err := TakeLock(p); !errors.Is(err, ErrRunning) {
					t.Errorf("a second one, session %s: %v", session, err)
				}
			}
		})
	}
}

// putInPlace puts something in the place of what a server makes anew at once, maybe
// before it is there.
func putInPlace(path string, create func(path string) error) error {
	ready := path + ".ready"
	if err := create(ready); err != nil {
		return err
	}
	for late := time.Now().Add(testkit.Patience); ; {
		err := errors.Join(os.RemoveAll(path), os.Rename(ready, path))
		if err == nil || time.Now().After(late) {
			return err
		}
	}
}

func replaceByFile(path string) error {
	return putInPlace(path, func(path string) error { return os.WriteFile(path, nil, 0o600) })
}

// replaceByFolder puts a folder there that is not empty.
func replaceByFolder(path string) error {
	return putInPlace(path, func(path string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) })
}

// replaceBySocket puts a socket there on which nobody listens any more.
func replaceBySocket(path string) error {
	return putInPlace(path, func(path string) error {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			return err
		}
		l.SetUnlinkOnClose(false)
		return l.Close()
	})
}

// A view that was open goes on when the other Gatelight starts again in another
// session.
func TestWatchGoesOnInAnotherSession(t *testing.T) {
	t.Parallel()
	all := sessions(t)
	closeServer := serveIn(t, all["no runtime folder"], "before the login")
	watch := dialIn(t, all["no runtime folder"]).Watch(t.Context())
	awaitWhy(t, watch, "before the login")
	closeServer()
	serveIn(t, all["a runtime folder"], "after the login")
	awaitWhy(t, watch, "after the login")
}
