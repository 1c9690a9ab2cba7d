package status

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path/filepath"
	"slices"
	"time"

	"gatelight/supervisor/settings"
)

var (
	// ErrNotRunning is the error of Dial when no Gatelight is running.
	ErrNotRunning = errors.New("no Gatelight is running")
	// ErrForeign is the error of Dial when another user may have made the
	// socket. What answers there is not believed.
	ErrForeign = errors.New("the control socket is not yours")
)

// Connect opens a connection to the running Gatelight. The error is
// [ErrNotRunning] when none is running.
func Connect(ctx context.Context, p settings.Paths) (net.Conn, error) { return connect(ctx, p) }

// connect opens a connection to the running Gatelight. The lock of the state
// folder says whether one is running, and where its socket is, whatever the
// environment of this session. While the lock is held, connect waits for the
// socket: it may only be starting, or be about to make its socket anew.
func connect(ctx context.Context, p settings.Paths) (net.Conn, error) {
	if err := checkOwner(p.State); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for end := time.Now().Add(checkInterval + time.Second); ; {
		held, err := isHeld(p.Lock())
		if err != nil {
			return nil, err
		}
		if !held {
			return connectOlder(ctx, p)
		}
		r, err := readRecord(p.Lock())
		if err == nil {
			var c net.Conn
			if c, err = connectTo(ctx, r.Socket); err == nil {
				return c, nil
			}
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("a Gatelight is running (%v), but cannot be reached: %w", r, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// connectOlder opens a connection to a Gatelight of an older version, which is
// where only the environment says. The error is [ErrNotRunning] if there is
// none.
func connectOlder(ctx context.Context, p settings.Paths) (net.Conn, error) {
	for _, dir := range append([]string{p.Runtime}, ownFolders(p.Older)...) {
		path := filepath.Join(dir, filepath.Base(p.Socket()))
		c, err := connectTo(ctx, path)
		if err == nil || !nobodyThere(err) {
			return c, err
		}
	}
	return nil, ErrNotRunning
}

// nobodyThere reports whether an error says that nobody listens on a socket:
// there is none, it was left by a crash, or it is another file.
func nobodyThere(err error) bool {
	return slices.ContainsFunc(noListener, func(none error) bool { return errors.Is(err, none) })
}

// connectTo opens a connection to a socket of the user, and to nobody else's.
func connectTo(ctx context.Context, path string) (net.Conn, error) {
	if path == "" {
		return nil, errors.New("its control socket is not open yet")
	}
	if err := checkSocket(path); err != nil {
		return nil, err
	}
	c, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := checkPeer(c.(*net.UnixConn)); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}
