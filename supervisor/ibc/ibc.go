// Package ibc drives an IB Gateway through IBC, the program that logs it in
// and keeps its windows in order: it starts IBC's own script, follows its log,
// talks to its command server, and identifies a Gateway by pid, start time and
// command line.
package ibc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/regularfile"
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
	JavaPath         string // folder with java in it; "": the Java that came with the Gateway
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

// A Driver starts, stops and follows one Gateway. It implements
// [supervisor.Driver].
type Driver struct {
	o        Options
	launched chan struct{} // holds a token when there may be a new current run
	current  chan *run     // holds the current run, nil when there is none
	adopted  chan struct{} // closed when it is known whether one ran already

	othersInterval time.Duration // as the constant

	foreign atomic.Pointer[foreignGateway]         // the newest that Identify has found
	emit    atomic.Pointer[func(supervisor.Event)] // Follow's
}

// Grace is how long each step of a stop may take before the next, harsher one.
type Grace struct {
	Stop time.Duration // after STOP: the Gateway closes its windows and says goodbye to IBKR; StopGrace if zero
	Term time.Duration // after SIGTERM, and until the port is free; TermGrace if zero
}

// The grace of the program.
const (
	StopGrace = time.Minute
	TermGrace = 15 * time.Second
)

// New makes a driver.
func New(o Options) *Driver {
	o.Grace.Stop = cmp.Or(o.Grace.Stop, StopGrace)
	o.Grace.Term = cmp.Or(o.Grace.Term, TermGrace)
	d := &Driver{o: o, launched: make(chan struct{}, 1), current: make(chan *run, 1), adopted: make(chan struct{}), othersInterval: othersInterval}
	d.current <- nil
	return d
}

// Simulated reports that the IBC in this folder is the simulated one.
func Simulated(path string) bool {
	version, err := regularfile.Read(filepath.Join(path, "version"), 1<<10)
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(version)), "-simulated")
}

// Follow implements [supervisor.Driver]: first whatever an earlier Gatelight
// left running, then whatever Act starts.
func (d *Driver) Follow(ctx context.Context, emit func(supervisor.Event)) {
	d.emit.Store(&emit)
	known := sync.OnceFunc(func() { close(d.adopted) })
	var others sync.WaitGroup
	defer others.Wait()
	unknown := d.adoptOnce()
	for _, e := range d.o.earlierEvents(d.running(), unknown) {
		emit(e)
	}
	others.Go(func() { watchOthers(ctx, d, emit) })
	for {
		if r := d.running(); r != nil {
			d.track(ctx, r, emit, known)
			d.forget(r)
		}
		var again <-chan time.Time
		if unknown != nil {
			emit(supervisor.ProcessUnknown{Why: unknown.Error()})
			again = time.After(unknownInterval)
		}
		known()
		select {
		case <-ctx.Done():
			return
		case <-d.launched:
		case <-again:
			if unknown = adoptAgain(d, emit); unknown == nil && d.running() == nil {
				emit(supervisor.ProcessUnknown{})
			}
		}
	}
}

// unknownInterval is how often Follow finds out anew whether a Gateway of ours
// runs, when that is not known.
const unknownInterval = 2 * time.Second

// adoptAgain finds out whether a Gateway of ours runs, after that was not known.
func adoptAgain(d *Driver, emit func(supervisor.Event)) (unknown error) {
	if unknown = d.adoptOnce(); unknown != nil || d.running() != nil {
		return unknown
	}
	r, err := d.o.recall()
	if err != nil || r == nil {
		return err
	}
	if exit, ended := d.o.unwatchedEnd(r); ended {
		emit(supervisor.GatewayEnded{Exit: exit, Before: true})
	}
	return nil
}

// adoptOnce makes the Gateway that an earlier Gatelight has started the current
// run, unless there is a run already. An error says why that is not known.
func (d *Driver) adoptOnce() (err error) {
	r := <-d.current
	if r == nil {
		r, err = d.o.adopt()
	}
	d.current <- r
	return err
}

// running is the current run, nil when there is none.
func (d *Driver) running() *run {
	r := <-d.current
	d.current <- r
	return r
}

// owns reports whether a process belongs to the run.
func (r *run) owns(pid int) bool {
	if r == nil {
		return false
	}
	p := r.process().PID
	return p == pid || sameGroup(r.PID, pid) || sameGroup(p, pid)
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

// Perform implements [supervisor.Driver]. What a program may want to tell apart
// is a [supervisor.ActionError].
func (d *Driver) Perform(ctx context.Context, act supervisor.PerformAction) error {
	err := d.perform(ctx, act)
	if unreachable(err) {
		err = d.o.refuse(supervisor.ReasonCommandServer, "", "%v", err)
	}
	if refused, ok := errors.AsType[*supervisor.ActionError](err); ok {
		refused.Action = act.Action
	}
	return err
}

func (d *Driver) perform(ctx context.Context, act supervisor.PerformAction) error {
	if act.Action == supervisor.CopyConfig {
		place := config.Place{Port: d.o.Port, Mode: d.o.Mode, TWS: d.o.Program == "tws", TwoFactorTimeout: d.o.TwoFactorTimeout, SettingsPath: d.o.TWSSettingsPath}
		_, err := config.Install(d.o.ConfigSource, d.o.Config, place, supervisor.Now())
		return err
	}
	do, known := map[supervisor.Action]func() error{
		supervisor.Start:        func() error { return d.start(ctx, act.Unattended) },
		supervisor.Stop:         func() error { return d.stop(ctx, !act.Unattended, false) },
		supervisor.Restart:      func() error { return d.restart(ctx) },
		supervisor.ClearZombies: func() error { return d.clearZombies(ctx) },
	}[act.Action]
	if !known {
		return fmt.Errorf("%s is not something IBC can do", act.Action)
	}
	if err := d.awaitAdoption(ctx); err != nil {
		return err
	}
	return do()
}

// awaitAdoption waits until it is known what runs already.
func (d *Driver) awaitAdoption(ctx context.Context) error {
	select {
	case <-d.adopted:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// refuse is why an action on this Gateway is refused or has failed.
func (o Options) refuse(reason supervisor.Reason, hint, text string, args ...any) error {
	return &supervisor.ActionError{Gateway: o.Gateway, Reason: reason, Text: fmt.Sprintf(text, args...), Hint: hint}
}

// progress reports how far an action has come.
func (d *Driver) progress(format string, args ...any) {
	if emit := d.emit.Load(); emit != nil {
		(*emit)(supervisor.ActionProgressed{Text: fmt.Sprintf(format, args...)})
	}
}
