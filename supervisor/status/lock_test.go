package status

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

// sessions are paths with one state folder, as sessions of one user may have
// them.
func sessions(t *testing.T) map[string]settings.Paths {
	t.Helper()
	p := pathsOf(path(t))
	dir := filepath.Dir(p.State)
	older := []string{filepath.Join(dir, "older")}
	return map[string]settings.Paths{
		"a runtime folder":       {State: p.State, Runtime: p.Runtime, Older: older},
		"another runtime folder": {State: p.State, Runtime: filepath.Join(dir, "other"), Older: older},
		"no runtime folder":      {State: p.State, Runtime: p.State, Older: append(older, p.Runtime)},
		"a folder of its own":    {State: p.State, Runtime: filepath.Join(dir, "own", "run")},
	}
}

// serveIn serves a supervisor, as serve does.
func serveIn(t *testing.T, p settings.Paths, why string) (closeServer func()) {
	t.Helper()
	server, err := listenIn(p, newFake(connectedStatus(why)))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve() }()
	closeServer = sync.OnceFunc(func() {
		if err := errors.Join(server.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(closeServer)
	return closeServer
}

// answers checks who answers a command, and where.
func answers(t *testing.T, p settings.Paths, why, socket string) {
	t.Helper()
	r, err := Dial(t.Context(), p)
	if err != nil {
		t.Errorf("%s does not answer: %v", why, err)
		return
	}
	defer r.Close()
	if got := r.Latest().Gateways[0].Why; got != why || r.Socket() != socket {
		t.Errorf("%s answers at %s, want %s at %s", got, r.Socket(), why, socket)
	}
}

func TestTheLockSaysWhetherACommandHoldsIt(t *testing.T) {
	p := settings.Paths{State: t.TempDir()}
	p.Runtime = p.State
	check := func(wantHeld, wantCommand bool) {
		t.Helper()
		if held, command, err := Holder(p); held != wantHeld || command != wantCommand || err != nil {
			t.Errorf("held %v, by a command %v, %v", held, command, err)
		}
	}
	check(false, false)
	lock, err := TakeLock(p)
	if err != nil {
		t.Fatal(err)
	}
	check(true, false)
	if err := lock.ForCommand(); err != nil {
		t.Fatal(err)
	}
	check(true, true)
	if err := lock.write("/run/control.sock"); err != nil { // as when the socket is made anew
		t.Fatal(err)
	}
	check(true, true)
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	check(false, false)
}

func TestOneSupervisesAStateFolderAndEverySessionFindsIt(t *testing.T) {
	for first := range sessions(t) {
		t.Run(first, func(t *testing.T) {
			all := sessions(t)
			closeServer := serveIn(t, all[first], first)
			for second, p := range all {
				if _, err := TakeLock(p); !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), "process ") {
					t.Errorf("with %s: %v", second, err)
				}
				answers(t, p, first, all[first].Socket())
			}
			closeServer()
			for second, p := range all {
				if _, err := Dial(t.Context(), p); err != ErrNotRunning {
					t.Errorf("with %s: %v", second, err)
				}
			}
		})
	}
}

// The lock of a process that has ended is free, whatever its file says.
func TestALockFileAloneIsNoGatelight(t *testing.T) {
	elsewhere := path(t)
	serve(t, elsewhere, newFake(connectedStatus("another state folder's")))
	for name, text := range map[string]string{
		"empty":                            "",
		"of an older version":              "4711",
		"cut off":                          `{"pid":47`,
		"of a crash":                       `{"pid":4711,"socket":"/nowhere/control.sock"}`,
		"with the pid of another process":  `{"pid":1}`,
		"with the socket of another state": `{"pid":4711,"socket":"` + elsewhere + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			p := pathsOf(path(t))
			if err := os.MkdirAll(p.State, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p.Lock(), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Dial(t.Context(), p); err != ErrNotRunning {
				t.Error(err)
			}
			serveIn(t, p, "the new one")
			answers(t, p, "the new one", p.Socket())
		})
	}
}

// Older versions have their lock and socket in the runtime folder, and nothing
// in the state folder.
func TestAnOlderGatelightIsFound(t *testing.T) {
	for name, where := range map[string]func(settings.Paths) string{
		"in the runtime folder":           func(p settings.Paths) string { return p.Runtime },
		"in the folder of an old session": func(p settings.Paths) string { return p.Older[0] },
	} {
		t.Run(name, func(t *testing.T) {
			p := sessions(t)["a runtime folder"]
			dir := where(p)
			stop := serveOlder(t, dir)
			if _, err := TakeLock(p); !errors.Is(err, ErrRunning) {
				t.Errorf("a second one: %v", err)
			}
			answers(t, p, "older", filepath.Join(dir, "control.sock"))
			stop()
			serveIn(t, p, "newer")
			answers(t, p, "newer", p.Socket())
			if again, err := flock.New(filepath.Join(dir, "lock")).TryLock(); again || err != nil {
				t.Errorf("an older version would start now: %v", err)
			}
		})
	}
}

// serveOlder serves as versions did that knew the runtime folder only.
func serveOlder(t *testing.T, dir string) (stop func()) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	if got, err := lock.TryLock(); !got || err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "control.sock"))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: readRoutes(newFake(connectedStatus("older")))}
	ended := make(chan struct{})
	go func() { defer close(ended); server.Serve(l) }()
	stop = sync.OnceFunc(func() { server.Close(); <-ended; lock.Unlock() })
	t.Cleanup(stop)
	return stop
}

// Commands take the lock for a moment to see whether somebody holds it.
func TestCommandsDoNotKeepGatelightFromStarting(t *testing.T) {
	p := pathsOf(path(t))
	ctx, cancel := context.WithCancel(t.Context())
	var commands sync.WaitGroup
	defer commands.Wait()
	defer cancel()
	for range 4 {
		commands.Go(func() {
			for ctx.Err() == nil {
				isHeld(p.Lock())
			}
		})
	}
	for range 30 {
		lock, err := TakeLock(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := lock.Release(); err != nil {
			t.Fatal(err)
		}
	}
}

// Between its lock and its socket a Gatelight is starting.
func TestDialWaitsForAGatelightThatStarts(t *testing.T) {
	p := pathsOf(path(t))
	lock, err := TakeLock(p)
	if err != nil {
		t.Fatal(err)
	}
	found := make(chan error, 1)
	go func() {
		r, err := Dial(t.Context(), p)
		if err == nil {
			r.Close()
		}
		found <- err
	}()
	server, err := Listen(lock, newFake(connectedStatus("hello")), quiet, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go server.Serve()
	if err := <-found; err != nil {
		t.Error(err)
	}
}

func TestDialSaysWhichGatelightCannotBeReached(t *testing.T) {
	p := pathsOf(path(t))
	lock, err := TakeLock(p)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	_, err = Dial(t.Context(), p)
	if err == nil || errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), "is running (process ") {
		t.Error(err)
	}
}

// A home folder may be another machine's, too.
func TestALockOfAnotherHostSaysSo(t *testing.T) {
	p := pathsOf(path(t))
	lock, err := TakeLock(p)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Release()
	if err := writeRecord(p.Lock(), record{PID: 4711, Host: "elsewhere", Socket: p.Socket()}); err != nil {
		t.Fatal(err)
	}
	_, starts := TakeLock(p)
	_, asks := Dial(t.Context(), p)
	for _, err := range []error{starts, asks} {
		if err == nil || !strings.Contains(err.Error(), "(process 4711 on elsewhere)") {
			t.Error(err)
		}
	}
}

// Whoever comes by the link finds the same lock as who comes by the folder.
func TestAStateFolderMayBeALink(t *testing.T) {
	p := pathsOf(path(t))
	byLink := p
	byLink.State = p.State + ".link"
	if err := os.MkdirAll(p.State, 0o700); err != nil {
		t.Fatal(err)
	}
	testkit.Symlink(t, p.State, byLink.State)
	serveIn(t, byLink, "by the link")
	if _, err := TakeLock(p); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one by the folder: %v", err)
	}
	answers(t, p, "by the link", p.Socket())
}

func TestAStateFolderThatCannotBeUsedIsRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		harm func(p settings.Paths) error
		want string
	}{
		"a link to nothing":          {func(p settings.Paths) error { testkit.Symlink(t, p.State+".gone", p.State); return nil }, "cannot make the folder "},
		"a file":                     {func(p settings.Paths) error { return replaceByFile(p.State) }, "cannot make the folder "},
		"below a file":               {func(p settings.Paths) error { return replaceByFile(filepath.Dir(p.State)) }, "set GATELIGHT_STATE_DIR to another one"},
		"with a folder for its lock": {func(p settings.Paths) error { return os.MkdirAll(p.Lock(), 0o700) }, "it is not a regular file; remove it"},
	} {
		t.Run(name, func(t *testing.T) {
			p := pathsOf(path(t))
			p.State = filepath.Join(filepath.Dir(p.State), "parent", "state")
			if err := os.Mkdir(filepath.Dir(p.State), 0o700); err != nil {
				t.Fatal(err)
			}
			if name == "below a file" {
				os.Remove(filepath.Dir(p.State))
			}
			if err := tt.harm(p); err != nil {
				t.Fatal(err)
			}
			_, err := TakeLock(p)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), p.State) {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if _, err := os.Stat(p.Runtime); err == nil {
				t.Error("the runtime folder was made before the lock was taken")
			}
		})
	}
}
