package cli

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// followInterval is the time between two looks of a command that looks for
// itself. Each look of a machine with 10,000 sockets takes some milliseconds.
const followInterval = time.Second

// follow calls see with the newest status after each change, and at least once a
// second, until see returns true or ctx ends, which is an error. The status is
// that of the Gatelight that runs, also of one that begins meanwhile. Where none
// runs, follow looks for itself, and does not keep one from beginning.
func follow(ctx context.Context, e *env, see func(supervisor.Status) (done bool)) error {
	own := ownLooks{e: e}
	defer own.close()
	said := ""
	for {
		remote, err := status.Dial(ctx, e.paths)
		if err == nil {
			done := followRemote(ctx, remote, func() bool { return runs(e) }, see)
			remote.Close()
			if done {
				return nil
			}
		} else {
			if why := err.Error(); !errors.Is(err, status.ErrNotRunning) && ctx.Err() == nil && why != said {
				said = why
				fmt.Fprintf(e.stderr, "gatelight: %v. This is from looks of its own instead.\n", err)
			}
			w, err := own.look(ctx)
			if err != nil && ctx.Err() == nil {
				return err
			}
			if err == nil && see(w) {
				return nil
			}
		}
		if !supervisor.Sleep(ctx, followInterval) {
			return context.Cause(ctx)
		}
	}
}

// followRemote calls see until that returns true, or the other Gatelight has
// ended.
func followRemote(ctx context.Context, remote *status.Remote, runs func() bool, see func(supervisor.Status) bool) (done bool) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	changes := remote.Watch(ctx)
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for {
		select {
		case w, open := <-changes:
			if !open {
				return false
			}
			if see(w) {
				return true
			}
		case <-tick.C:
			if see(remote.Latest()) {
				return true
			}
			if !runs() {
				return false
			}
		}
	}
}

// runs reports a Gatelight that supervises, and one for which that cannot be
// told.
func runs(e *env) bool {
	held, _, err := status.Holder(e.paths)
	return held || err != nil
}

// ownLooks are the looks of a command where no Gatelight runs. Other hosts are
// connected once, at the first look.
type ownLooks struct {
	e       *env
	options *serviceOptions
	links   []*status.Link
	running sync.WaitGroup
	end     context.CancelFunc
}

func (l *ownLooks) look(ctx context.Context) (supervisor.Status, error) {
	if l.options == nil {
		o, err := loadOptions(l.e)
		if err != nil {
			return supervisor.Status{}, err
		}
		l.options, l.links = &o, o.links(nil)
		var run context.Context
		run, l.end = context.WithCancel(ctx)
		for _, link := range l.links {
			l.running.Go(func() { link.Run(run) })
		}
	}
	w, err := lookOnce(ctx, *l.options)
	for _, link := range l.links {
		w.Gateways = append(w.Gateways, link.Latest().Gateways...)
	}
	return w, err
}

func (l *ownLooks) close() {
	if l.end != nil {
		l.end()
		l.running.Wait()
	}
}
