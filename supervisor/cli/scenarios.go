package cli

import (
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// A scene is one thing the demo makes happen, and what it says about it.
type scene struct {
	after   time.Duration // since the scene before
	caption string
	happen  func(context.Context, *demo, *app) error
}

// control plays the hand that breaks and mends the simulated Gateway.
func control(line string) func(context.Context, *demo, *app) error {
	return func(ctx context.Context, d *demo, _ *app) error {
		_, err := simgateway.Control(ctx, d.layout.Control, line)
		return err
	}
}

// ask plays the user.
func ask(action supervisor.Action) func(context.Context, *demo, *app) error {
	return func(ctx context.Context, _ *demo, a *app) error { return a.engine.Do(ctx, "demo", action) }
}

func blind(on bool) func(context.Context, *demo, *app) error {
	return func(_ context.Context, d *demo, _ *app) error {
		d.blind.Store(on)
		return nil
	}
}

const over = "that was all; the simulated Gateway stays, so try the menu"

// scenarios are what `demo --scenario` can show. The tour comes by every state.
var scenarios = map[string][]scene{
	"tour": {
		{500 * time.Millisecond, "the Gateway is started through IBC and wants a two-factor approval", ask(supervisor.Start)},
		{12 * time.Second, "the Gateway has lost IBKR's servers (code 1100)", control("link down")},
		{8 * time.Second, "IBKR is back (code 1102)", control("link up")},
		{6 * time.Second, "a careless script probes the port, and the Gateway does not close its sockets", zombies},
		{13 * time.Second, "a restart cures it, without a new login", ask(supervisor.Restart)},
		{9 * time.Second, "the Gateway restarts by itself, as it does every night: no alarm", control("nightly")},
		{9 * time.Second, "the Gateway hangs: its port is open, but the API does not answer", control("hang")},
		{16 * time.Second, "it answers again", control("resume")},
		{6 * time.Second, "the Gateway crashes", control("crash")},
		{6 * time.Second, "nothing can be seen for a moment: unknown is not down", blind(true)},
		{5 * time.Second, "and can be seen again", blind(false)},
		{3 * time.Second, "the Gateway is started again", ask(supervisor.Start)},
		{9 * time.Second, over, nil},
	},
	"drop": {
		{500 * time.Millisecond, "the Gateway is started", ask(supervisor.Start)},
		{10 * time.Second, "the Gateway crashes", control("crash")},
		{3 * time.Second, over, nil},
	},
	"zombies": {
		{500 * time.Millisecond, "the Gateway is started", ask(supervisor.Start)},
		{9 * time.Second, "a careless script probes the port, and the Gateway does not close its sockets", zombies},
		{8 * time.Second, "these zombies stay until you restart the Gateway from the menu", nil},
	},
	"quiet": {
		{500 * time.Millisecond, "the Gateway is started", ask(supervisor.Start)},
		{10 * time.Second, "all is well; try the menu", nil},
	},
}

// zombies has the Gateway neglect whoever connects from now on, and somebody
// connect who soon gives up.
func zombies(ctx context.Context, d *demo, a *app) error {
	if err := control("stick")(ctx, d, a); err != nil {
		return err
	}
	return control("probe 2 2s")(ctx, d, a)
}

// direct plays a scenario.
func (d *demo) direct(ctx context.Context, a *app, scenes []scene) {
	timer := time.NewTimer(0)
	<-timer.C
	defer timer.Stop()
	for _, s := range scenes {
		timer.Reset(s.after)
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		d.say(s.caption)
		if s.happen == nil {
			continue
		}
		if err := s.happen(ctx, d, a); err != nil && ctx.Err() == nil {
			// Somebody else has been at the menu: say so, and go on.
			d.say(fmt.Sprintf("%s (but: %v)", s.caption, err))
		}
	}
}
