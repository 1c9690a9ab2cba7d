package tray

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"strings"
	"sync"
	"time"

	"fyne.io/systray"
	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
	"gatelight/tray/sessionbus"
)

// itemPath is the object path of the toolkit's icon.
const itemPath = "/StatusNotifierItem"

// How long to wait before trying the session bus again. The wait doubles: a login
// takes a moment, and a person who has logged out is away for long.
const (
	minRetry = 250 * time.Millisecond
	maxRetry = 5 * time.Second
)

// run keeps an icon on the desktop until ctx ends. The session bus may be
// missing at first, end and start again: the toolkit is started again on each, and
// the menu stays the same.
func (t *ui) run(ctx context.Context, first Menu) error {
	// The toolkit reports a lost bus, and much else, to the standard log, also after
	// the end.
	log.SetOutput(toolkitLog{t.Log})

	// This ends only the toolkit's own watch for panels, which misses a panel that
	// starts at the same time as the toolkit, and may outlive its bus.
	// keepRegistered does its work.
	systray.Quit()
	t.painter.prepare(first)
	t.painter.build(first)
	t.listen(ctx)
	retry, logged := minRetry, false
	for ctx.Err() == nil {
		began := time.Now()
		err := t.runOnBus(ctx)
		if time.Since(began) > maxRetry {
			retry, logged = minRetry, false
		}
		if ctx.Err() != nil {
			break
		}
		if !logged {
			t.Log.Info("no icon for now", "why", err)
			logged = true
		}
		supervisor.Sleep(ctx, retry)
		retry = min(2*retry, maxRetry)
	}
	return nil
}

// runOnBus shows the icon for as long as the session bus lives. The error says
// why it does not any more.
func (t *ui) runOnBus(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	own, err := sessionbus.Connect(ctx)
	if err != nil {
		return fmt.Errorf("there is no session bus: %w", err)
	}
	defer own.Close()
	item, err := startToolkit(ctx, own)
	if err != nil {
		return err
	}
	if err := exportMenu(ctx, t, item); err != nil {
		item.Close()
		return err
	}
	defer context.AfterFunc(own.Context(), end)()
	defer context.AfterFunc(item.Context(), end)()
	t.Log.Info("the icon is on the desktop")
	t.alerts.Retry()
	t.painter.invalidate()

	var wg sync.WaitGroup
	failures := make(chan error, 2)
	wg.Go(func() { failures <- t.paintLoop(ctx); end() })
	wg.Go(func() {
		if err := keepRegistered(ctx, own, item); err != nil {
			failures <- err
			end()
		}
	})
	<-ctx.Done()
	go item.Close() // it waits for a painter that a hanging bus holds up
	wait(&wg, quitTimeout)
	select {
	case err := <-failures:
		if err != nil {
			return err
		}
	default:
	}
	return errors.New("the session bus has ended")
}

// startToolkit starts the toolkit on the session bus, and checks that it has
// started: it does not say so. The toolkit has no timeout; when ctx ends first,
// the start goes on by itself.
func startToolkit(ctx context.Context, own *dbus.Conn) (*dbus.Conn, error) {
	type result struct {
		conn *dbus.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := dbus.SessionBus() // the one that the toolkit uses
		if err == nil {
			start, _ := systray.RunWithExternalLoop(nil, nil)
			start()
			err = checkItem(ctx, own, conn)
		}
		done <- result{conn, err}
	}()
	select {
	case r := <-done:
		if r.err != nil && r.conn != nil {
			r.conn.Close()
		}
		return r.conn, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checkItem asks our own icon for its name over the bus, as a panel does.
func checkItem(ctx context.Context, own, item *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, sessionbus.Timeout)
	defer cancel()
	err := own.Object(item.Names()[0], itemPath).CallWithContext(ctx, sessionbus.Name+".Properties.Get", 0, "org.kde.StatusNotifierItem", "Id").Err
	if err != nil {
		return fmt.Errorf("the icon could not be put on the session bus: %w", err)
	}
	return nil
}

// A toolkitLog takes the toolkit's messages: most say that a bus has ended.
type toolkitLog struct{ log *slog.Logger }

func (l toolkitLog) Write(b []byte) (int, error) {
	l.log.Debug(strings.TrimSpace(string(b)))
	return len(b), nil
}
