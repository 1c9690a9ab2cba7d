package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/monitor"
	"gatelight/supervisor/rotatedlog"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/status"
)

// A service supervises: the engine with its event log and control socket.
type service struct {
	*supervisor.Engine
	options serviceOptions
	log     *slog.Logger
	history *history.Log
	server  *status.Server
	drivers map[string]*ibc.Driver
	links   []*status.Link        // to other hosts
	view    supervisor.Supervisor // the engine, with the Gateways of other hosts

	stop        context.CancelFunc
	lost        chan error // why it must not supervise any more
	allowAppNap func()     // lets macOS slow this program's timers again
	wg          sync.WaitGroup
}

// serviceOptions are what differs between the program, the demo and the tests.
type serviceOptions struct {
	settings settings.File
	paths    settings.Paths
	sockets  supervisor.SocketReader
	demo     bool
	command  bool // it ends when a command is done
	times    times
}

// times are durations that tests shorten. The zero value is the product.
type times struct {
	tune      func(*supervisor.Policy) // shortens those of the settings; nil: does not
	grace     ibc.Grace                // how long a stop waits for the Gateway's end; zero: ibc's defaults
	demoSpeed time.Duration            // divides those of the demo; zero: 1
}

func (t times) demo(d time.Duration) time.Duration { return d / max(t.demoSpeed, 1) }

// loadOptions are what the settings file says.
func loadOptions(e *env) (serviceOptions, error) {
	file, err := loadSettings(e)
	return serviceOptions{settings: file, paths: e.paths, sockets: sockets.New(socketsChild), times: e.times}, err
}

// startTakes is how long a start takes at most. The memory that it has needed goes
// back to the system then: about 1 MB.
const startTakes = 15 * time.Second

// startService takes the lock, before it does anything else, and starts
// supervising. With another Gatelight there the error is [status.ErrRunning].
func startService(ctx context.Context, o serviceOptions) (*service, error) {
	lock, err := status.TakeLock(o.paths)
	if err != nil {
		return nil, err
	}
	if o.command {
		if err := lock.ForCommand(); err != nil {
			return nil, errors.Join(err, lock.Release())
		}
	}
	s := &service{options: o, drivers: map[string]*ibc.Driver{}, lost: make(chan error, 1)}
	// Neither log has to be there, or to be one that can be written: each write tries
	// again, and doctor says what is wrong.
	s.log = newLog(filepath.Join(o.paths.Logs(), "gatelight.log"))
	s.history = history.New(o.paths.Events(), s.log)
	s.Engine = s.newEngine()
	s.links = o.links(func(e supervisor.Entry) { s.history.Append(e) })
	s.view = status.With(s.Engine, s.links)
	if s.server, err = status.Listen(lock, s.view, s.log, sockets.NewTimer); err != nil {
		return nil, err
	}
	if s.allowAppNap, err = preventAppNap(); err != nil {
		s.log.Warn("macOS may slow this program down", "error", err)
	}
	s.server.History(o.paths.Events())
	if address := o.settings.StatusListen; address != "" && !o.command {
		s.server.ListenTCP(address)
	}
	ctx, s.stop = context.WithCancel(ctx)
	recordMark(s.Engine, s.history, beginMark)
	s.wg.Go(func() { recordAlive(ctx, s.Engine, s.history) })
	s.wg.Go(func() { followZone(ctx) })
	s.wg.Go(func() { s.Engine.Run(ctx) })
	s.wg.Go(s.serve)
	for _, l := range s.links {
		s.wg.Go(func() { l.Run(ctx) })
	}
	started := time.AfterFunc(startTakes, debug.FreeOSMemory)
	context.AfterFunc(ctx, func() { started.Stop() })
	s.log.Info("supervising", "version", versionText(), "settings", o.paths.Settings)
	return s, nil
}

// Latest implements [supervisor.Supervisor].
func (s *service) Latest() supervisor.Status { return s.view.Latest() }

// Watch implements [supervisor.Supervisor].
func (s *service) Watch(ctx context.Context) <-chan supervisor.Status { return s.view.Watch(ctx) }

// Do implements [supervisor.Supervisor].
func (s *service) Do(ctx context.Context, gateway string, a supervisor.Action) error {
	return s.view.Do(ctx, gateway, a)
}

// links are those to the hosts of the settings.
func (o serviceOptions) links(record func(supervisor.Entry)) (links []*status.Link) {
	for _, r := range o.settings.Remote {
		links = append(links, status.NewLink(r.Name, r.Command, record))
	}
	return links
}

// newLog is Gatelight's own log.
func newLog(path string) *slog.Logger {
	return slog.New(slog.NewTextHandler(rotatedlog.New(path, 3, func(again io.Writer) {
		slog.New(slog.NewTextHandler(again, nil)).Warn("this log was removed; it is made again")
	}), nil))
}

// newEngine is an engine for the Gateways of the settings.
func (s *service) newEngine() *supervisor.Engine {
	o := s.options
	config := supervisor.EngineConfig{Sockets: o.sockets, NewTimer: sockets.NewTimer, Version: versionText(), Demo: o.demo}
	for _, g := range o.settings.Gateway {
		policy := o.policy(g)
		driver := ibc.New(o.driver(g))
		s.drivers[g.Name] = driver
		config.Gateways = append(config.Gateways, supervisor.Gateway{
			Policy: policy, Driver: driver,
			Session: func(ctx context.Context, clientID int, emit func(supervisor.Event)) string {
				o := monitor.Options{Args: []string{monitorChild}, Port: policy.Port, ClientID: clientID, Heartbeat: policy.Heartbeat}
				return monitor.Run(ctx, o, emit)
			},
			SaveKeepRunning: func(keep bool) error { return o.saveKeepRunning(g.Name, keep) },
		})
	}
	config.Record = func(e supervisor.Entry) { s.history.Append(e) }
	return supervisor.NewEngine(config)
}

// serve serves the control socket. It ends supervision when another Gatelight
// supervises instead.
func (s *service) serve() {
	err := s.server.Serve()
	if err == nil {
		return
	}
	s.log.Error("the control socket has failed", "error", err)
	if errors.Is(err, status.ErrRunning) {
		s.stop()
		s.lost <- err
	}
}

// use calls f with a context that also ends when the service must not supervise
// any more. That is an error then.
func (s *service) use(e *env, f func() error) error {
	ctx, cancel := context.WithCancelCause(e.ctx)
	defer cancel(nil)
	go func() {
		select {
		case err := <-s.lost:
			cancel(err)
		case <-ctx.Done():
		}
	}()
	before := e.ctx
	e.ctx = ctx
	err := f()
	e.ctx = before
	if lost := context.Cause(ctx); errors.Is(lost, status.ErrRunning) {
		return fmt.Errorf("%w: %w", errSupervisionLost, lost)
	}
	return err
}

// close ends supervision. The Gateways live on.
func (s *service) close() {
	if err := s.server.Close(); err != nil {
		s.log.Warn("closing the control socket", "error", err)
	}
	s.stop()
	s.wg.Wait()
	s.allowAppNap()
	recordMark(s.Engine, s.history, history.EndMark)
	s.log.Info("ended")
}

// await reports whether the status becomes as wanted within a time.
func (s *service) await(ctx context.Context, limit time.Duration, wanted func(supervisor.Status) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for w := range s.Watch(ctx) {
		if wanted(w) {
			return true
		}
	}
	return false
}

func (o serviceOptions) policy(g settings.Gateway) supervisor.Policy {
	p := o.settings.Policy(g)
	p.Simulated = ibc.Simulated(g.IBC.Path)
	if o.times.tune != nil {
		o.times.tune(&p)
	}
	return p
}

// saveKeepRunning writes into the settings whether a Gateway is to be kept
// running. The demo's settings end with it.
func (o serviceOptions) saveKeepRunning(gateway string, keep bool) error {
	if o.demo {
		return nil
	}
	return editSettings(o.paths.Settings, func(b []byte) ([]byte, error) {
		return settings.SetKeepRunning(o.paths.Settings, b, gateway, keep)
	})
}

func (o serviceOptions) driver(g settings.Gateway) ibc.Options {
	d := ibc.Options{
		Gateway: g.Name, Port: g.Port, Program: g.Program,
		Path: g.IBC.Path, Config: g.IBC.Config, ConfigSource: g.IBC.ConfigSource,
		TWSPath: g.IBC.TWSPath, TWSSettingsPath: g.IBC.TWSSettingsPath, JavaPath: g.IBC.JavaPath,
		Version: g.IBC.Version, Mode: g.IBC.Mode, TwoFactorTimeout: g.IBC.TwoFactorTimeout,
		LogDir: o.paths.Logs(), RunDir: o.paths.Runs(), Sockets: o.sockets, Grace: o.times.grace,
	}
	for _, other := range o.settings.Gateway {
		if other.Name != g.Name {
			d.Others = append(d.Others, ibc.Other{Gateway: other.Name, Config: other.IBC.Config, Port: other.Port})
		}
	}
	return d
}
