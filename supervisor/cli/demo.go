package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
)

// demoCommand shows everything on a simulated Gateway: real processes and
// sockets, on free ports, in a folder of its own that is gone afterwards.
type demoCommand struct {
	Scenario string `help:"What to show: ${enum}." enum:"tour,drop,zombies,quiet" default:"tour"`
	Headless bool   `help:"In the terminal, even on a desktop."`
}

// Run shows the demo until it is ended.
func (c demoCommand) Run(e *env) error {
	d, err := newDemo()
	if err != nil {
		return err
	}
	defer os.RemoveAll(d.dir)
	// Its own end, not Ctrl-C's: the simulated Gateway has to be stopped first.
	a, err := open(context.WithoutCancel(e.ctx), d.build())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(e.ctx)
	directed := make(chan struct{})
	go func() { defer close(directed); d.direct(ctx, a, scenarios[c.Scenario]) }()
	defer func() {
		cancel()
		<-directed
		d.end(a)
		a.close()
	}()

	fmt.Fprintln(e.stdout, "Demo: a SIMULATED Gateway, not connected to IBKR. Your own Gateway and settings are not touched.")
	e.footer = func() string { return "Demo: " + *d.caption.Load() }
	if c.Headless {
		e.noTray = errors.New("as asked for with --headless")
		return terminal(e, a.engine)
	}
	return show(e, a.engine, d.build())
}

// A demo is the simulated Gateway and the hand that makes things happen to it.
type demo struct {
	dir     string
	layout  simgateway.Layout
	port    int
	blind   atomic.Bool
	caption atomic.Pointer[string]
}

func newDemo() (*demo, error) {
	dir, err := os.MkdirTemp("", "gatelight-demo-")
	if err != nil {
		return nil, err
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	d := &demo{dir: dir, port: ports[0]}
	d.say("the Gateway is about to be started")
	d.layout, err = simgateway.Install(filepath.Join(dir, "sim"), exe, simgateway.Options{
		APIPort: ports[0], CommandServerPort: ports[1],
		LaunchDelay: 600 * time.Millisecond, LoginDelay: 500 * time.Millisecond, TwoFactor: 2500 * time.Millisecond,
		RestartDelay: 500 * time.Millisecond, RelaunchDelay: 500 * time.Millisecond,
		LoginID: "simulated", Password: "simulated",
	})
	return d, err
}

// freePorts are ports that nobody listens on, so that the demo keeps away from
// a real Gateway.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", ":0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// build is the demo's own settings and folders.
func (d *demo) build() build {
	text := fmt.Sprintf(`
[[gateway]]
name = "demo"
port = %d
[gateway.ibc]
path = %q
config = %q
config_source = %q
tws_path = %q
tws_settings_path = %q
version = %q
`, d.port, d.layout.IBCPath, d.layout.Config, d.layout.Config, d.layout.TWSPath, d.layout.TWSSettingsPath, d.layout.Version)
	path := filepath.Join(d.dir, "config.toml")
	file, err := settings.Parse(path, []byte(text))
	if err != nil {
		panic("[unexpected] the demo's settings: " + err.Error())
	}
	return build{
		file:  file,
		paths: settings.Paths{Settings: path, State: filepath.Join(d.dir, "state"), Runtime: filepath.Join(d.dir, "run")},
		eyes:  blindfold{sockets.New(socketsChild), &d.blind},
		tune:  func(*supervisor.Policy) {},
		demo:  true,
	}
}

// end takes the simulated Gateway away with the demo. A real one would stay.
func (d *demo) end(a *app) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	driver := a.drivers["demo"]
	if driver.Perform(ctx, supervisor.PerformAction{Action: supervisor.Stop}) != nil { // not running, or it has no time for that
		driver.Kill()
	}
}

func (d *demo) say(caption string) { d.caption.Store(&caption) }

// A blindfold makes looks fail for a while, to show what that looks like.
type blindfold struct {
	supervisor.SocketReader
	on *atomic.Bool
}

func (b blindfold) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	if b.on.Load() {
		return supervisor.Table{}, fmt.Errorf("the demo has its eyes shut")
	}
	return b.SocketReader.Look(ctx, ports)
}
