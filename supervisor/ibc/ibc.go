// Package ibc drives an IB Gateway through IBC, the program that logs it in
// and keeps its windows in order: it starts IBC's own script, follows its log,
// talks to its command server, and knows a Gateway again by pid, start time
// and command line.
package ibc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

// Options say where one Gateway's IBC is and how it is to be run.
type Options struct {
	Gateway string // its name in the settings
	Port    int    // the API port
	Program string // "gateway" or "tws"

	Path             string // IBC's folder, with version and scripts/
	Config           string // IBC's config.ini; holds the password
	ConfigSource     string // what CopyConfig copies to Config
	TWSPath          string
	TWSSettingsPath  string
	Version          string // of the Gateway; "auto": the newest installed
	Mode             string // live or paper
	TwoFactorTimeout string // exit or restart

	Others []Other // the other Gateways of the settings
	Grace  Grace

	LogDir string // IBC's output goes there
	RunDir string // what is remembered of a running Gateway

	Sockets supervisor.SocketReader // for whose port it is, and for a process's end
}

// An Other is another Gateway that is supervised here.
type Other struct {
	Gateway, Config string
	Port            int // of its API
}

// A Driver starts, stops and follows one Gateway. It implements [supervisor.Driver].
type Driver struct {
	o        Options
	launched chan struct{} // holds a token when there may be a new current run
	current  chan *run     // holds the current run, nil when there is none
	adopted  chan struct{} // closed when it is known whether one ran already

	stranger atomic.Pointer[stranger]               // the newest that was recognised
	emit     atomic.Pointer[func(supervisor.Event)] // Follow's
}

// Grace is how long each step of a stop may take before the next, harsher one.
type Grace struct {
	Stop time.Duration // after STOP: the Gateway closes its windows and says goodbye to IBKR; a minute if zero
	Term time.Duration // after SIGTERM, and until the port is free; 15 s if zero
}

// New makes a driver.
func New(o Options) *Driver {
	o.Grace.Stop = cmp.Or(o.Grace.Stop, time.Minute)
	o.Grace.Term = cmp.Or(o.Grace.Term, 15*time.Second)
	d := &Driver{o: o, launched: make(chan struct{}, 1), current: make(chan *run, 1), adopted: make(chan struct{})}
	d.current <- nil
	return d
}

// Simulated reports that the IBC in this folder is the simulated one.
func Simulated(path string) bool {
	v, err := readVersion(path)
	return err == nil && strings.HasSuffix(v, "-simulated")
}

// readVersion is IBC's version, from the file of that name in its folder.
func readVersion(path string) (string, error) {
	b, err := os.ReadFile(filepath.Join(path, "version"))
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("IBC is not installed in %s: there is no file %q; unpack IBC there, or set path under [gateway.ibc]", path, "version")
	}
	return strings.TrimSpace(string(b)), err
}

// Follow implements [supervisor.Driver]: first whatever an earlier Gatelight
// left running, then whatever Act starts.
func (d *Driver) Follow(ctx context.Context, emit func(supervisor.Event)) {
	d.emit.Store(&emit)
	for _, e := range d.past() {
		emit(e)
	}
	if r := <-d.current; r == nil {
		left, err := d.adopt()
		if err != nil {
			d.step("%v", err)
		}
		d.current <- left
	} else {
		d.current <- r
	}
	known := sync.OnceFunc(func() { close(d.adopted) })
	for {
		if r := d.running(); r != nil {
			d.track(ctx, r, emit, known)
			d.forget(r)
		}
		known()
		select {
		case <-ctx.Done():
			return
		case <-d.launched:
		}
	}
}

func (d *Driver) running() *run {
	r := <-d.current
	d.current <- r
	return r
}

// forget makes room for the next run.
func (d *Driver) forget(r *run) {
	if current := <-d.current; current != r {
		d.current <- current
	} else {
		d.current <- nil
	}
}

// Adopted is closed when Follow knows, and has told, whether an earlier
// Gatelight has left a Gateway running.
func (d *Driver) Adopted() <-chan struct{} { return d.adopted }

// Perform implements [supervisor.Driver].
func (d *Driver) Perform(ctx context.Context, act supervisor.PerformAction) error {
	a := act.Action
	do := map[supervisor.Action]func(context.Context) error{
		supervisor.Start:        func(ctx context.Context) error { return d.start(ctx, act.Unattended) },
		supervisor.Stop:         func(ctx context.Context) error { return d.stop(ctx, !act.Unattended) },
		supervisor.Restart:      d.restart,
		supervisor.ClearZombies: d.clearZombies,
	}[a]
	switch {
	case a == supervisor.CopyConfig:
		_, err := config.Install(d.o.ConfigSource, d.o.Config, config.Place{Port: d.o.Port, Mode: d.o.Mode, TwoFactorTimeout: d.o.TwoFactorTimeout}, time.Now())
		return err
	case do == nil:
		return fmt.Errorf("%s is not something IBC can do", a)
	}
	select {
	case <-d.adopted: // what is to be done depends on what runs already
		return do(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// start launches IBC and hands the run over to Follow.
func (d *Driver) start(ctx context.Context, unattended bool) error {
	if r := d.running(); r != nil {
		return runsAlready(r)
	}
	if err := d.portFree(ctx); err != nil {
		return err
	}
	if err := d.serverIsFree(ctx); err != nil {
		return err
	}
	r, err := d.launchAlone(unattended)
	if err != nil {
		return err
	}
	select {
	case d.launched <- struct{}{}:
	default: // Follow will look anyway
	}
	select {
	case <-r.seen:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// launchAlone launches unless there is a run already. The current run is held
// meanwhile, so that no second start and no adoption comes in between: each
// would be one more login.
func (d *Driver) launchAlone(unattended bool) (*run, error) {
	r := <-d.current
	defer func() { d.current <- r }()
	if r != nil {
		return nil, runsAlready(r)
	}
	if left, err := d.adopt(); err != nil {
		return nil, err
	} else if left != nil { // Follow has not come to it yet
		return nil, runsAlready(left)
	}
	launched, err := d.launch(unattended)
	if err == nil {
		r = launched
	}
	return launched, err
}

func runsAlready(r *run) error { return fmt.Errorf("it runs already, as process %d", r.PID) }

// portFree refuses to start a second Gateway onto a port that is taken.
func (d *Driver) portFree(ctx context.Context) error {
	t, err := d.o.Sockets.Look(ctx, []int{d.o.Port})
	if err != nil {
		return fmt.Errorf("it is not known whether port %d is free: %w", d.o.Port, err)
	}
	if l := t.Ports[d.o.Port].Listener; l != nil {
		return fmt.Errorf("port %d is taken by %s (process %d)", d.o.Port, l.Process.Name, l.Process.PID)
	}
	return nil
}

// step reports how far an action has come.
func (d *Driver) step(format string, args ...any) {
	if emit := d.emit.Load(); emit != nil {
		(*emit)(supervisor.ActionProgressed{Text: fmt.Sprintf(format, args...)})
	}
}

// restart has IBC restart the Gateway where that needs no new login. It does not
// where there is no command server. Nor where AutoRestartTime is not set: RESTART
// would make this minute the Gateway's time of restarting every day.
func (d *Driver) restart(ctx context.Context) error {
	keeps, err := d.keepsLogin(ctx)
	if err != nil {
		return err
	}
	why := "IBC's command server is off or AutoRestartTime is not set in config.ini"
	if keeps {
		if err := d.askRestart(ctx); !deaf(err) {
			return err
		}
		why = "IBC's command server does not answer"
	}
	d.step("restart: a new login is needed, since %s", why)
	if err := d.stop(ctx, false); err != nil {
		return err
	}
	if err := d.awaitPort(ctx, d.o.Grace.Term); err != nil {
		return err
	}
	return d.start(ctx, false)
}

// clearZombies restarts without a new login, or not at all.
func (d *Driver) clearZombies(ctx context.Context) error {
	keeps, err := d.keepsLogin(ctx)
	if err != nil {
		return err
	}
	if !keeps {
		return errors.New("a restart would need a new login: IBC's command server is off, or AutoRestartTime is not set in its config.ini")
	}
	return d.askRestart(ctx)
}

func (d *Driver) keepsLogin(ctx context.Context) (bool, error) {
	api, err := d.listener(ctx, d.o.Port)
	if err != nil {
		return false, fmt.Errorf("it is not known whose command server there is: %w", err)
	}
	c, _ := d.controls(d.configFile(api), false)
	return c.KeepsLogin, nil
}

func (d *Driver) askRestart(ctx context.Context) error {
	reply, err := d.command(ctx, "RESTART")
	if err == nil && !strings.HasPrefix(reply, "OK RESTART") {
		err = fmt.Errorf("IBC answered RESTART with %q", reply)
	}
	if err == nil {
		d.step("restart: IBC restarts the Gateway without a new login")
	}
	return err
}
