package supervisor

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A SocketReader reads the kernel's socket table. It never connects to
// anything.
type SocketReader interface {
	// Reader names how the table is read: netlink, libproc, lsof …
	Reader() string
	// Look reads the table once, for all these ports together.
	Look(ctx context.Context, ports []int) (Table, error)
	// AwaitExit returns when the process has ended, or with ctx's error.
	AwaitExit(ctx context.Context, pid int) error
	// AwaitWake returns when the machine has woken from sleep or its clock has
	// jumped, or with an error: ctx's, or at once where the system does not
	// report wake-ups.
	AwaitWake(ctx context.Context) error
}

// A Driver starts, stops and follows one Gateway.
type Driver interface {
	// Follow finds a Gateway of ours that runs already, and reports its process
	// and its log until ctx ends.
	Follow(ctx context.Context, emit func(Event))
	// Perform carries out an action. It returns nil when the action is under
	// way, or why it has failed. A start that works reports [GatewaySeen]
	// before it returns.
	Perform(ctx context.Context, a PerformAction) error
	// Identify reports whether a process is a Gateway that somebody else has
	// started, and with which controls. Where it is known to be another program, it
	// is false with that pid.
	Identify(ctx context.Context, pid int) (GatewaySeen, bool)
}

// A Gateway is one Gateway, with everything that is needed to supervise it.
type Gateway struct {
	Policy Policy
	Driver Driver
	// SaveKeepRunning writes into the settings whether Gatelight keeps the
	// Gateway running; nil: there is no settings file.
	SaveKeepRunning func(keep bool) error
	// Session opens one API session, reports what it receives, and returns,
	// when the session has ended, why it has.
	Session func(ctx context.Context, clientID int, emit func(Event)) string
}

// EngineConfig is what an [Engine] is made of.
type EngineConfig struct {
	Gateways []Gateway
	Sockets  SocketReader
	Record   func(Entry)  // called by one goroutine, in order
	NewTimer func() Timer // as for [NewTimer]
	Version  string
	Demo     bool // see [Status]
}

// An Engine owns the state. Only the goroutine of Run decides. Looks and
// effects run in goroutines of their own and report with events.
type Engine struct {
	config EngineConfig
	events chan posted
	log    entryQueue
	poller *poller
	saving chan struct{} // has a value while one goroutine writes the settings
	wg     sync.WaitGroup

	done chan struct{} // closed when Run has ended

	latest      atomic.Pointer[Status]
	lastRequest atomic.Uint64

	mu      sync.Mutex
	waiting map[uint64]chan *ActionError // by the ID of their [ActionRequested]
	readers map[chan Status]struct{}
	ended   bool
}

// posted is an event on its way to the engine.
type posted struct {
	gateway int
	event   Event
}

// NewEngine makes an engine. It supervises once Run is called.
func NewEngine(c EngineConfig) *Engine {
	e := &Engine{
		config:  c,
		events:  make(chan posted),
		saving:  make(chan struct{}, 1),
		done:    make(chan struct{}),
		waiting: map[uint64]chan *ActionError{},
		readers: map[chan Status]struct{}{},
		log:     entryQueue{more: make(chan struct{}, 1)},
	}
	e.poller = newPoller(c)
	w := Status{Source: "engine", Version: c.Version, Demo: c.Demo}
	for _, g := range c.Gateways {
		w.Gateways = append(w.Gateways, New(g.Policy, Now()))
	}
	e.latest.Store(&w)
	return e
}

// Run supervises until ctx ends. It returns when everything that it has started
// has ended. It does not stop the Gateways.
func (e *Engine) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	logged := make(chan struct{})
	logging, stopLog := context.WithCancel(context.WithoutCancel(ctx))
	go func() { defer close(logged); e.log.drain(logging, e.config.Record) }()
	defer func() { // in this order, since what ends may still record entries
		cancel()
		e.wg.Wait()
		e.end()
		stopLog()
		<-logged
	}()

	e.wg.Go(func() { e.poller.run(ctx, e.distribute(ctx)) })
	for i, g := range e.config.Gateways {
		if g.Driver != nil {
			e.wg.Go(func() { g.Driver.Follow(ctx, e.emitter(ctx, i)) })
		}
	}
	timer := NewTimer(e.config.NewTimer)
	defer timer.Stop()
	timer.Reset(0)
	for {
		select {
		case p := <-e.events:
			e.decide(ctx, p)
		case <-timer.Due():
			for i := range e.config.Gateways {
				e.decide(ctx, posted{i, TimerFired{}})
			}
		case <-ctx.Done():
			e.recordQuit()
			return
		}
		timer.Reset(e.untilWake())
	}
}

// emitter returns the function that sends a Gateway's events to the loop of
// Run. It waits until the loop takes the event, or ctx ends.
func (e *Engine) emitter(ctx context.Context, gateway int) func(Event) {
	return func(ev Event) {
		select {
		case e.events <- posted{gateway, ev}:
		case <-ctx.Done():
		}
	}
}

// distribute returns the function that passes one look, or its failure, to
// every Gateway.
func (e *Engine) distribute(ctx context.Context) func(Table, error) {
	return func(t Table, err error) {
		for i, g := range e.config.Gateways {
			view, seen := t.Ports[g.Policy.Port]
			switch {
			case err != nil:
				e.emitter(ctx, i)(LookFailed{Reader: e.config.Sockets.Reader(), Why: err.Error()})
			case !seen:
				e.emitter(ctx, i)(LookFailed{Reader: t.Reader, Why: fmt.Sprintf("the look left out port %d", g.Policy.Port)})
			default:
				e.emitter(ctx, i)(Looked{At: t.At, Took: t.Took, Reader: t.Reader, View: view})
			}
		}
	}
}

// decide is the only place where the state changes.
func (e *Engine) decide(ctx context.Context, p posted) {
	status := *e.latest.Load()
	s, effects := Decide(status.Gateways[p.gateway], p.event, Now(), e.config.Gateways[p.gateway].Policy)
	gateways := append([]Snapshot(nil), status.Gateways...)
	gateways[p.gateway] = s
	status.Gateways = gateways
	e.publish(&status)
	e.poller.set(e.lookInterval(status), listeners(status))
	for _, effect := range effects {
		e.carryOut(ctx, p.gateway, effect)
	}
}

// lookInterval is the shortest look interval of all Gateways, since one look
// sees all of them.
func (e *Engine) lookInterval(w Status) time.Duration {
	interval := w.Gateways[0].lookInterval(e.config.Gateways[0].Policy)
	for i, g := range w.Gateways {
		interval = min(interval, g.lookInterval(e.config.Gateways[i].Policy))
	}
	return interval
}

// carryOut starts an effect. It never waits for one, since the loop must go on.
func (e *Engine) carryOut(ctx context.Context, i int, effect Effect) {
	g, emit := e.config.Gateways[i], e.emitter(ctx, i)
	switch f := effect.(type) {
	case Record:
		e.log.add(f.Entry)
	case LookNow:
		e.poller.pollNow()
	case Reply:
		e.reply(f)
	case OpenSession:
		e.wg.Go(func() { emit(SessionClosed{Why: g.Session(ctx, f.ClientID, emit)}) })
	case IdentifyProcess:
		e.wg.Go(func() { identify(ctx, g, f.PID, emit) })
	case PerformAction:
		e.wg.Go(func() { emit(perform(ctx, g, f)) })
	case SaveKeepRunning:
		e.wg.Go(func() { emit(e.saveKeepRunning(i, f)) })
	}
}

// identifyTimeout is how long it may take to read what a process is.
const identifyTimeout = 5 * time.Second

func identify(ctx context.Context, g Gateway, pid int, emit func(Event)) {
	ctx, cancel := context.WithTimeout(ctx, identifyTimeout)
	defer cancel()
	if g.Driver == nil {
		return
	}
	switch seen, ok := g.Driver.Identify(ctx, pid); {
	case ok:
		emit(seen)
	case seen.PID != 0:
		emit(OtherProgramSeen{PID: seen.PID})
	}
}

func perform(ctx context.Context, g Gateway, f PerformAction) ActionEnded {
	done := ActionEnded{ID: f.ID, Action: f.Action}
	// Shorter than the limit in Decide, so that the driver's own error is told.
	ctx, cancel := context.WithTimeout(ctx, g.Policy.ActionTimeout*9/10)
	defer cancel()
	if g.Driver == nil {
		done.Err = &ActionError{Reason: ReasonNoIBC, Text: "no IBC is set up for this Gateway", Hint: "name its folder under [gateway.ibc] in the settings"}
	} else if err := g.Driver.Perform(ctx, f); err != nil && !errors.As(err, &done.Err) {
		done.Err = &ActionError{Reason: ReasonFailed, Text: err.Error()}
	}
	if done.Err != nil {
		done.Err.Action, done.Err.Gateway = f.Action, g.Policy.Name
	}
	return done
}

// saveKeepRunning writes into the settings whether the Gateway is kept running. One
// call writes at a time, and it writes the value that holds at that moment:
// after several requests the settings hold the last one, in whatever order the
// calls come.
func (e *Engine) saveKeepRunning(i int, f SaveKeepRunning) KeepRunningSaved {
	e.saving <- struct{}{}
	defer func() { <-e.saving }()
	done := KeepRunningSaved{ID: f.ID}
	if save := e.config.Gateways[i].SaveKeepRunning; save == nil {
		done.Err = "there is no settings file to write it to"
	} else if err := save(e.latest.Load().Gateways[i].KeepRunning); err != nil {
		done.Err = err.Error()
	}
	return done
}

func (e *Engine) untilWake() time.Duration {
	next := time.Duration(1<<63 - 1)
	for _, g := range e.latest.Load().Gateways {
		next = min(next, g.WakeAt.Sub(Now()))
	}
	return max(next, 0)
}

// recordQuit records what quitting interrupts: a pending handshake is
// abandoned, which may leave a zombie in the Gateway.
func (e *Engine) recordQuit() {
	for _, g := range e.latest.Load().Gateways {
		if g.API.State == SessionConnecting {
			e.log.add(Entry{At: Now(), Gateway: g.Name, Kind: EntrySession, Simulated: g.Simulated,
				Text: "quitting while the API handshake is pending; this may leave one more CLOSE_WAIT in the Gateway"})
		}
	}
}
