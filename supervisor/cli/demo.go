package cli

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
	Scenario string `help:"What to show: ${enum}." enum:"tour,drop,zombies,hang,login,quiet" default:"tour"`
	Headless bool   `help:"In the terminal, even on a desktop."`
}

// Run shows the demo until it is ended.
func (c demoCommand) Run(e *env) error {
	d, err := newDemo(e.times)
	if err != nil {
		return err
	}
	defer os.RemoveAll(d.dir)
	o := d.options()
	e.paths = o.paths
	// Ctrl-C does not end the service: the simulated Gateway has to be stopped first.
	d.service, err = startService(context.WithoutCancel(e.ctx), o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(e.ctx)
	played := make(chan struct{})
	go func() { defer close(played); d.play(ctx, scenarios[c.Scenario]) }()
	defer func() {
		cancel()
		<-played
		d.service.close() // before the Gateway ends, so that no start that is under way comes after its end
		if err := d.killGateway(); err != nil {
			fmt.Fprintln(e.stderr, "Demo: its simulated Gateway may still run:", err)
		}
	}()

	fmt.Fprintln(e.stdout, "Demo: a SIMULATED Gateway, not connected to IBKR. Your own Gateway and settings are not touched.")
	fmt.Fprintf(e.stdout, "Ask it from another terminal: GATELIGHT_CONFIG=%s GATELIGHT_STATE_DIR=%s GATELIGHT_RUNTIME_DIR=%s gatelight status\n",
		o.paths.Settings, o.paths.State, o.paths.Runtime)
	e.caption = func() string { return "Demo: " + *d.caption.Load() }
	e.footer = e.caption
	if c.Headless {
		e.noTray = errors.New("as asked for with --headless")
		return showInTerminal(e, d.service)
	}
	return showLight(e, d.service, o)
}

// A demo is a simulated Gateway with a service, and what a scenario needs to make
// things happen to them.
type demo struct {
	service   *service
	dir       string
	layout    simgateway.Layout
	scenes    simgateway.Options // as they were installed
	port      int
	times     times
	lookFails atomic.Bool
	caption   atomic.Pointer[string]
}

func newDemo(t times) (*demo, error) {
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
	d := &demo{dir: dir, port: ports[0], times: t}
	d.setCaption("the Gateway is about to be started")
	d.scenes = simgateway.Options{
		APIPort: ports[0], CommandServerPort: ports[1],
		LaunchDelay: t.demo(600 * time.Millisecond), LoginDelay: t.demo(500 * time.Millisecond), TwoFactor: t.demo(2500 * time.Millisecond),
		RestartDelay: t.demo(500 * time.Millisecond), RelaunchDelay: t.demo(500 * time.Millisecond),
		LoginID: "simulated", Password: "simulated",
	}
	d.layout, err = simgateway.Install(filepath.Join(dir, "sim"), exe, d.scenes)
	return d, err
}

// freePorts are ports that nobody listens on. So the demo never uses the port of
// a real Gateway. They lie below the ports that a system gives to connections,
// since the demo's Gateway leaves its port for a while when it crashes.
func freePorts(n int) ([]int, error) {
	const from, to = 20_000, 30_000
	var ports []int
	for range to - from {
		port := from + rand.IntN(to-from)
		l, err := net.Listen("tcp", fmt.Sprint(":", port))
		if err != nil {
			continue
		}
		defer l.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("the demo found no free port from %d to %d", from, to)
}

// options are the demo's own settings and folders.
func (d *demo) options() serviceOptions {
	file, err := settings.Parse("", nil)
	if err != nil {
		panic("[unexpected] the default settings: " + err.Error())
	}
	g, l := &file.Gateway[0], d.layout
	g.Name, g.Port = "demo", d.port
	g.IBC.Path, g.IBC.Config, g.IBC.ConfigSource = l.IBCPath, l.Config, l.Config
	g.IBC.TWSPath, g.IBC.TWSSettingsPath, g.IBC.Version = l.TWSPath, l.TWSSettingsPath, l.Version
	return serviceOptions{
		settings: file,
		paths: settings.Paths{
			Settings: filepath.Join(d.dir, "config.toml"), State: filepath.Join(d.dir, "state"), Runtime: filepath.Join(d.dir, "run"),
		},
		sockets: failingReader{sockets.New(socketsChild), &d.lookFails},
		times:   d.times,
		demo:    true,
	}
}

// killGateway ends the simulated Gateway with the demo. A real one would stay.
func (d *demo) killGateway() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return d.service.drivers["demo"].Kill(ctx)
}

func (d *demo) setCaption(caption string) { d.caption.Store(&caption) }

// A failingReader lets every look fail while fail is set.
type failingReader struct {
	supervisor.SocketReader
	fail *atomic.Bool
}

func (b failingReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	if b.fail.Load() {
		return supervisor.Table{}, fmt.Errorf("the demo lets every look fail")
	}
	return b.SocketReader.Look(ctx, ports)
}
