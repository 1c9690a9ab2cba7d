package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// A purpose is what a command needs a supervisor for. It decides what the
// command's own one does where no Gatelight is running.
type purpose int

const (
	forAction purpose = iota // supervise until the action is done, without a session
	forView                  // supervise until the view ends, without a session
	forTray                  // supervise as the settings say
)

// connect gives use the running Gatelight. Where there is none it gives use a
// [service] of the command's own, which ends with use.
func connect(e *env, p purpose, use func(supervisor.Supervisor) error) error {
	remote, err := status.Dial(e.ctx, e.paths)
	if err != nil {
		own, err := ownService(e, p)
		if err == nil {
			defer own.close()
			return own.use(e, func() error { return use(own) })
		}
		if !errors.Is(err, status.ErrRunning) {
			return err
		}
		if remote, err = status.Dial(e.ctx, e.paths); err != nil {
			return fmt.Errorf("another Gatelight is running, but: %w", err)
		}
	}
	defer remote.Close()
	if p == forAction {
		return use(remote)
	}
	zone, endZone := context.WithCancel(e.ctx)
	defer endZone()
	go followZone(zone)
	allowAppNap, err := preventAppNap() // a view that is late would be wrong, too
	if err != nil {
		fmt.Fprintln(e.stderr, "gatelight: macOS may slow this view down:", err)
	}
	defer allowAppNap()
	// Where the lock does not say who it is, as when its folder is moved away, it is
	// taken for a command, too: nobody else may be there to start it again.
	if held, command, err := status.Holder(e.paths); p == forTray && (command || !held || err != nil) {
		return viewOfCommand(e, func() error { return use(remote) })
	}
	fmt.Fprintln(e.stdout, "Gatelight is supervising already; this is a view of it.")
	return use(remote)
}

// ownService is a service that has looked at the ports. With another Gatelight
// there the error is [status.ErrRunning].
func ownService(e *env, p purpose) (*service, error) {
	o, err := loadOptions(e)
	if err != nil {
		return nil, err
	}
	if p != forTray {
		o = lookOnly(o)
		o.command = true
	}
	s, err := startService(e.ctx, o)
	if err != nil {
		return nil, err
	}
	if p != forAction {
		s.await(e.ctx, 300*time.Millisecond, hasLooked) // so that a view does not begin with "unknown"
	} else if err := s.ready(e.ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// lookOnly is the same service without a session, which does nothing by itself.
func lookOnly(o serviceOptions) serviceOptions {
	o.settings.Gateway = slices.Clone(o.settings.Gateway)
	for i := range o.settings.Gateway {
		o.settings.Gateway[i].Monitor = new(bool)
		o.settings.Gateway[i].KeepRunning = false
		o.settings.Gateway[i].ClearZombies = "ask"
	}
	return o
}

// currentStatus is the running Gatelight's. Where there is none, it is judged by
// one look, without supervising.
func currentStatus(e *env) (supervisor.Status, error) {
	remote, err := status.Dial(e.ctx, e.paths)
	if err == nil {
		defer remote.Close()
		return remote.Latest(), nil
	}
	if !errors.Is(err, status.ErrNotRunning) {
		fmt.Fprintf(e.stderr, "gatelight: %v. This is from one look instead.\n", err)
	}
	o, err := loadOptions(e)
	if err != nil {
		return supervisor.Status{}, err
	}
	w, err := lookOnce(e.ctx, o)
	if err != nil {
		return w, err
	}
	return askOnce(e.ctx, o, w), nil
}

// askOnce adds the Gateways of other hosts.
func askOnce(ctx context.Context, o serviceOptions, w supervisor.Status) supervisor.Status {
	links := o.links(nil)
	var asking sync.WaitGroup
	for _, l := range links {
		asking.Go(func() { l.Fetch(ctx) })
	}
	asking.Wait()
	for _, l := range links {
		w.Gateways = append(w.Gateways, l.Latest().Gateways...)
	}
	return w
}

// ready returns when every port was looked at, whatever the looks show, and
// every Gateway that is running was adopted. It gives up after 10 s.
func (s *service) ready(ctx context.Context) error {
	const limit = 10 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for _, d := range s.drivers {
		select {
		case <-d.Adopted():
		case <-ctx.Done():
		}
	}
	if !s.await(ctx, limit, hasLooked) {
		return errors.New("the port could not be looked at in time")
	}
	return nil
}

// hasLooked reports whether every port was looked at.
func hasLooked(w supervisor.Status) bool {
	return !slices.ContainsFunc(w.Gateways, func(g supervisor.Snapshot) bool { return g.Reader == "" && g.Host == "" })
}
