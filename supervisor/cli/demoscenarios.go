package cli

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// A step is one thing that the demo makes happen.
type step struct {
	after   time.Duration    // since the step before, at least
	from    supervisor.State // must be shown before, so that a slow machine leaves out nothing; "": any
	caption string           // says what happens
	run     func(context.Context, *demo) error
}

// fromLimit is how long a step waits for its state. Who uses the menu meanwhile
// may keep it from coming.
const fromLimit = 30 * time.Second

// control sends the simulated Gateway a command, see [simgateway.Control].
func control(line string) func(context.Context, *demo) error {
	return func(ctx context.Context, d *demo) error {
		_, err := simgateway.Control(ctx, d.layout.Control, line)
		return err
	}
}

// perform does what the user could do.
func perform(action supervisor.Action) func(context.Context, *demo) error {
	return func(ctx context.Context, d *demo) error { return d.service.Do(ctx, "demo", action) }
}

func failLooks(fail bool) func(context.Context, *demo) error {
	return func(_ context.Context, d *demo) error {
		d.lookFails.Store(fail)
		return nil
	}
}

const finished = "that was all; the simulated Gateway stays, so try the menu"

// scenarios are what `demo --scenario` can show. The tour comes by every state.
var scenarios = map[string][]step{
	"tour": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started through IBC and wants a two-factor approval", perform(supervisor.Start)},
		{12 * time.Second, supervisor.Connected, "the Gateway has lost IBKR's servers (code 1100)", control("link down")},
		{8 * time.Second, supervisor.CutOff, "IBKR is back (code 1102)", control("link up")},
		{6 * time.Second, supervisor.Connected, "a careless script probes the port, and the Gateway does not close its sockets", makeZombies},
		{13 * time.Second, supervisor.Zombies, "a restart cures it, without a new login", perform(supervisor.Restart)},
		{9 * time.Second, supervisor.Connected, "the Gateway restarts by itself, as it does every night: no alarm", control("nightly")},
		{9 * time.Second, supervisor.Connected, "the Gateway hangs: its port is open, but the API does not answer", control("hang")},
		{16 * time.Second, supervisor.Silent, "it answers again", control("resume")},
		{6 * time.Second, supervisor.Connected, "the Gateway crashes", control("crash")},
		{6 * time.Second, supervisor.Down, "nothing can be seen for a moment: unknown is not down", failLooks(true)},
		{5 * time.Second, supervisor.Unknown, "and can be seen again", failLooks(false)},
		{3 * time.Second, supervisor.Down, "the Gateway is started again, and its user is logged in elsewhere: a person must choose", startElsewhere},
		{8 * time.Second, supervisor.Starting, "the other session is given up", giveUpOther},
		{5 * time.Second, supervisor.Connected, finished, nil},
	},
	"drop": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started", perform(supervisor.Start)},
		{10 * time.Second, supervisor.Connected, "the Gateway crashes", control("crash")},
		{3 * time.Second, supervisor.Down, finished, nil},
	},
	"zombies": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started", perform(supervisor.Start)},
		{9 * time.Second, supervisor.Connected, "a careless script probes the port, and the Gateway does not close its sockets", makeZombies},
		{8 * time.Second, supervisor.Zombies, "these zombies stay until you restart the Gateway from the menu", nil},
	},
	"hang": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started", perform(supervisor.Start)},
		{9 * time.Second, supervisor.Connected, "the Gateway hangs: its port is open, but the API does not answer", control("hang")},
		{16 * time.Second, supervisor.Silent, "it hangs until you restart it, from the menu or the alert", nil},
	},
	"login": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started, and its user is logged in elsewhere", startElsewhere},
		{5 * time.Second, supervisor.Starting, "it waits for a person until you stop it, from the menu or the alert", nil},
	},
	"quiet": {
		{500 * time.Millisecond, supervisor.Down, "the Gateway is started", perform(supervisor.Start)},
		{10 * time.Second, supervisor.Connected, "all is well; try the menu", nil},
	},
}

// makeZombies lets the Gateway leave new connections unread and never close
// them, and a script connect that closes after 2 s.
func makeZombies(ctx context.Context, d *demo) error {
	if err := control("stick")(ctx, d); err != nil {
		return err
	}
	return control(fmt.Sprintf("probe 2 %s", d.times.demo(2*time.Second)))(ctx, d)
}

// startElsewhere starts the Gateway while its user is logged in elsewhere: IBKR
// asks which session to keep.
func startElsewhere(ctx context.Context, d *demo) error {
	o := d.scenes
	o.TwoFactor, o.LoginResult = 0, simgateway.LoginExisting
	if err := d.layout.SetScenes(o); err != nil {
		return err
	}
	return perform(supervisor.Start)(ctx, d)
}

// giveUpOther answers that question, for this login and later ones.
func giveUpOther(ctx context.Context, d *demo) error {
	d.service.await(ctx, fromLimit, func(w supervisor.Status) bool { return w.Gateways[0].Phase == supervisor.NeedsYou })
	if err := d.layout.SetScenes(d.scenes); err != nil {
		return err
	}
	return control("approve")(ctx, d)
}

// play plays a scenario.
func (d *demo) play(ctx context.Context, steps []step) {
	for _, s := range steps {
		if !supervisor.Sleep(ctx, d.times.demo(s.after)) {
			return
		}
		d.awaitState(ctx, s.from)
		d.setCaption(s.caption)
		if s.run == nil {
			continue
		}
		if err := s.run(ctx, d); err != nil && ctx.Err() == nil {
			// Somebody has used the menu meanwhile: say so, and go on.
			d.setCaption(fmt.Sprintf("%s (but: %v)", s.caption, err))
		}
	}
}

// awaitState returns when the state is shown, and has been for a moment, or when
// it does not come.
func (d *demo) awaitState(ctx context.Context, state supervisor.State) {
	shown := func(w supervisor.Status) bool { return state == "" || w.Gateways[0].State == state }
	if !shown(d.service.Latest()) && d.service.await(ctx, fromLimit, shown) {
		supervisor.Sleep(ctx, d.times.demo(2*time.Second))
	}
}
