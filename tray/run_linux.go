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
)

// itemPath is where the toolkit has the icon.
const itemPath = "/StatusNotifierItem"

// How long to wait for a session bus before looking again: a login is quick, and
// somebody who has logged out is away for long.
const (
	quickest = 250 * time.Millisecond
	slowest  = 5 * time.Second
)

// run keeps an icon on the desktop until ctx ends. The session bus may be
// missing at first, die and return: the toolkit is started anew on each, and
// what is in the menu outlives them all.
func (t *ui) run(ctx context.Context, first Menu) error {
	// The toolkit reports a lost bus, and much else, to the standard log, also
	// when all is over.
	log.SetOutput(toolkitLog{t.Log})

	// Ends only the toolkit's own watch for panels: it misses the one that comes
	// while it starts, and may outlive its bus. stayInPanel does that.
	systray.Quit()
	systray.ResetMenu()
	t.before(first)
	t.build(first)
	t.listen(ctx)
	pause, told := quickest, false
	for ctx.Err() == nil {
		began := time.Now()
		err := t.onBus(ctx)
		if time.Since(began) > slowest {
			pause, told = quickest, false
		}
		if ctx.Err() != nil {
			break
		}
		if !told {
			t.Log.Info("no icon for now", "why", err)
			told = true
		}
		again := time.NewTimer(pause)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
		}
		pause = min(2*pause, slowest)
	}
	return nil
}

// onBus shows the icon for as long as the session bus lives, and says why it
// does so no more.
func (t *ui) onBus(ctx context.Context) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	own, err := privateBus(ctx)
	if err != nil {
		return fmt.Errorf("there is no session bus: %w", err)
	}
	defer own.Close()
	item, err := startToolkit(ctx, own)
	if err != nil {
		return err
	}
	defer context.AfterFunc(own.Context(), end)()
	defer context.AfterFunc(item.Context(), end)()
	t.Log.Info("the icon is on the desktop")
	t.announcer.nudge()
	t.forget()

	var wg sync.WaitGroup
	problem := make(chan error, 2)
	wg.Go(func() { problem <- t.paints(ctx); end() })
	wg.Go(func() {
		if err := stayInPanel(ctx, own, item); err != nil {
			problem <- err
			end()
		}
	})
	<-ctx.Done()
	go item.Close() // it waits for a painter that is held up by a stalled bus
	wait(&wg, leaving)
	select {
	case err := <-problem:
		if err != nil {
			return err
		}
	default:
	}
	return errors.New("the session bus has ended")
}

// startToolkit starts the toolkit on the session bus, and makes sure that it has
// come up: it does not say so. The toolkit waits without a limit; when ctx ends
// before it is done, it is left to itself.
func startToolkit(ctx context.Context, own *dbus.Conn) (*dbus.Conn, error) {
	type result struct {
		conn *dbus.Conn
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := dbus.SessionBus() // the one that the toolkit takes
		if err == nil {
			start, _ := systray.RunWithExternalLoop(nil, nil)
			start()
			err = answers(ctx, own, conn)
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

// answers asks our own icon for its name over the bus, as a panel does.
func answers(ctx context.Context, own, item *dbus.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, dialing)
	defer cancel()
	err := own.Object(item.Names()[0], itemPath).CallWithContext(ctx, bus+".Properties.Get", 0, "org.kde.StatusNotifierItem", "Id").Err
	if err != nil {
		return fmt.Errorf("the icon could not be put on the session bus: %w", err)
	}
	return nil
}

// A toolkitLog takes the toolkit's complaints: most are that a bus has gone.
type toolkitLog struct{ log *slog.Logger }

func (l toolkitLog) Write(b []byte) (int, error) {
	l.log.Debug(strings.TrimSpace(string(b)))
	return len(b), nil
}
