package cli

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/DeRuina/timberjack"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/status"
)

// An app is a supervising Gatelight: engine, event log, control socket.
type app struct {
	engine  *supervisor.Engine
	file    settings.File
	paths   settings.Paths
	log     *slog.Logger
	logFile *timberjack.Logger
	history *history.Log
	server  *status.Server
	drivers map[string]*ibc.Driver

	stop context.CancelFunc
	nap  func() // lets the system slow this program again
	wg   sync.WaitGroup
}

// A build is what may differ between the real thing and the demo.
type build struct {
	file  settings.File
	paths settings.Paths
	eyes  supervisor.SocketReader
	tune  func(*supervisor.Policy)
	grace ibc.Grace // how patient a stop is; zero: as it should be
	demo  bool
}

// realBuild is what the settings file says.
func realBuild(e *env) (build, error) {
	if e.paths.Named {
		if _, err := os.Stat(e.paths.Settings); err != nil {
			return build{}, fmt.Errorf("cannot read the settings: %w", err)
		}
	}
	file, err := settings.Load(e.paths.Settings)
	return build{file: file, paths: e.paths, eyes: sockets.New(socketsChild), tune: scaleSessionTimes}, err
}

// open takes the lock and starts supervising. With another Gatelight there the
// error is [status.ErrRunning].
func open(ctx context.Context, b build) (*app, error) {
	a := &app{file: b.file, paths: b.paths, drivers: map[string]*ibc.Driver{}}
	if err := os.MkdirAll(b.paths.Logs(), 0o700); err != nil {
		return nil, fmt.Errorf("cannot make the log folder: %w", err)
	}
	a.logFile = &timberjack.Logger{Filename: filepath.Join(b.paths.Logs(), "gatelight.log"), MaxSize: 10, MaxBackups: 3, FileMode: 0o600}
	a.log = slog.New(slog.NewTextHandler(a.logFile, nil))

	parts := supervisor.EngineConfig{Sockets: b.eyes, Version: versionText(), Demo: b.demo}
	for _, g := range b.file.Gateway {
		policy := b.file.Policy(g)
		policy.Simulated = ibc.Simulated(g.IBC.Path)
		b.tune(&policy)
		driver := ibc.New(driverOptions(g, b))
		a.drivers[g.Name] = driver
		parts.Gateways = append(parts.Gateways, supervisor.Gateway{Policy: policy, Driver: driver, Session: session(policy), SaveKeepRunning: b.keeper(g.Name)})
	}
	parts.Record = func(e supervisor.Entry) { a.history.Append(e) }
	a.engine = supervisor.NewEngine(parts)

	var err error
	if a.server, err = status.Listen(b.paths.Socket(), a.engine); err != nil {
		return nil, err
	}
	if a.history, err = history.Open(b.paths.Events(), a.log); err != nil {
		a.server.Close()
		return nil, fmt.Errorf("cannot open the event log: %w", err)
	}
	if a.nap, err = noNap(); err != nil {
		a.log.Warn("macOS may slow this program down", "error", err)
	}
	a.server.History(b.paths.Events())
	ctx, a.stop = context.WithCancel(ctx)
	markBegin(a.engine, a.history)
	a.wg.Go(func() { markOn(ctx, a.engine, a.history) })
	a.wg.Go(func() { a.engine.Run(ctx) })
	a.wg.Go(func() {
		if err := a.server.Serve(); err != nil {
			a.log.Error("the control socket has failed", "error", err)
		}
	})
	a.log.Info("supervising", "version", versionText(), "settings", b.paths.Settings)
	return a, nil
}

// firstLook returns when the ports were looked at, so that a face begins with
// what is and not with "unknown"; or soon, when that takes its time.
func (a *app) firstLook(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	for w := range a.engine.Watch(ctx) {
		if !slices.ContainsFunc(w.Gateways, func(g supervisor.Snapshot) bool { return g.Reader == "" }) {
			return
		}
	}
}

// close ends supervision; the Gateways live on.
func (a *app) close() {
	if err := a.server.Close(); err != nil {
		a.log.Warn("closing the control socket", "error", err)
	}
	a.stop()
	a.wg.Wait()
	a.nap()
	markEnd(a.engine, a.history)
	a.history.Close()
	a.log.Info("ended")
	a.logFile.Close()
}

func driverOptions(g settings.Gateway, b build) ibc.Options {
	o := ibc.Options{
		Gateway: g.Name, Port: g.Port, Program: g.Program,
		Path: g.IBC.Path, Config: g.IBC.Config, ConfigSource: g.IBC.ConfigSource,
		TWSPath: g.IBC.TWSPath, TWSSettingsPath: g.IBC.TWSSettingsPath,
		Version: g.IBC.Version, Mode: g.IBC.Mode, TwoFactorTimeout: g.IBC.TwoFactorTimeout,
		LogDir: b.paths.Logs(), RunDir: b.paths.Runs(), Sockets: b.eyes, Grace: b.grace,
	}
	for _, other := range b.file.Gateway {
		if other.Name != g.Name {
			o.Others = append(o.Others, ibc.Other{Gateway: other.Name, Config: other.IBC.Config, Port: other.Port})
		}
	}
	return o
}
