package simgateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"gatelight/supervisor/regularfile"
)

// entryPoint is IBC's main class; it stands in front of the config.ini on the
// command line of the real thing, and here too.
const entryPoint = "ibcalpha.ibc.IbcGateway"

// sessionDir is the folder below the settings folder in which the Gateway
// leaves its autorestart file. The real one has a name of IBKR's making.
const sessionDir = "simulated"

// exitTerminated is what a JVM returns after SIGTERM: 128 + 15.
const exitTerminated = 143

// javaArgs are the command line of the java process.
type javaArgs struct {
	ini, mode, scenes             string
	configDir, sessionID, restart string
}

// parseJavaArgs takes the options in any order; the first other argument is the
// config.ini, the second the trading mode.
func parseJavaArgs(args []string) (javaArgs, error) {
	var a javaArgs
	options := map[string]*string{
		"--scenes": &a.scenes, "-DjtsConfigDir": &a.configDir, "-Dibcsessionid": &a.sessionID, "-Drestart": &a.restart,
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch to := options[name]; {
		case to != nil:
			*to = value
		case strings.HasPrefix(arg, "-"):
			return a, fmt.Errorf("simgateway java: unknown option %q", arg)
		case arg == entryPoint:
		case a.ini == "":
			a.ini = arg
		case a.mode == "":
			a.mode = arg
		default:
			return a, fmt.Errorf("simgateway java: unexpected argument %q", arg)
		}
	}
	if a.ini == "" {
		return a, errors.New("simgateway java: which config.ini?")
	}
	if a.configDir == "" {
		a.configDir = filepath.Dir(a.ini)
	}
	return a, nil
}

// An endReason is why the java process comes to its end.
type endReason int

const (
	notEnding     endReason = iota
	endStop                 // STOP
	endRestart              // RESTART, or PAUSE
	endNightly              // the Gateway's own nightly restart
	endColdReboot           // a failed login: IBC wants to start over
)

// A gateway is the java process: IBC and the Gateway in one.
type gateway struct {
	out    *console
	stderr io.Writer
	args   javaArgs
	scenes scenes
	ibc    version
	props  properties

	term   context.Context // over at SIGTERM
	ctx    context.Context // over when anything ends the process
	cancel context.CancelFunc

	api      *apiServer
	commands *commandServer
	control  *controlServer
	probes   probes

	approved chan struct{}
	loggedIn chan struct{} // closed when the login is complete

	mu         sync.Mutex
	ending     endReason
	restarting bool // RESTART or PAUSE was received
	waiting    bool // for the approval
}

func javaMain(args []string, stdout, stderr io.Writer) int {
	a, err := parseJavaArgs(args)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	ini, err := regularfile.Read(a.ini, 1<<20)
	if err != nil {
		fmt.Fprintln(stderr, "simgateway java: cannot read the configuration:", err)
		return exitUsage
	}
	s, err := readScenes(a.scenes)
	if err != nil {
		fmt.Fprintln(stderr, "simgateway java:", err)
		return exitUsage
	}
	g := &gateway{
		out: &console{w: stdout, ibc3: parseVersion(s.IBC)}, ibc: parseVersion(s.IBC), stderr: stderr, args: a, scenes: s, props: parseProperties(string(ini)),
		api:      newAPIServer(s.ServerVersion, s.Account),
		approved: make(chan struct{}, 1), loggedIn: make(chan struct{}),
	}
	g.commands = newCommandServer(g.out, g.ibc, g.props, g.command)
	return g.run()
}

func (g *gateway) run() int {
	ignoreBrokenPipes()
	var release context.CancelFunc
	if g.scenes.IgnoreTerm {
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		g.term, release = context.WithCancel(context.Background())
	} else {
		g.term, release = signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	}
	defer release()
	g.ctx, g.cancel = context.WithCancel(g.term)
	defer g.close()

	g.out.raw(banner)
	g.control = startControl(g)
	if g.scenes.EarlyPort {
		g.openPort()
	}
	g.preamble()
	g.commands.start()
	if code := g.session(); code != 0 {
		return code
	}
	<-g.ctx.Done()
	return g.shutdown()
}

// close ends all that the process has started, the control socket last, so that
// whoever still finds it finds a living process.
func (g *gateway) close() {
	g.cancel()
	g.probes.end()
	g.api.close()
	g.commands.close()
	g.control.close()
}

// pause waits for d, or less when the process is to end. It reports whether to
// go on.
func (g *gateway) pause(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// end begins the end, unless one has begun.
func (g *gateway) end(e endReason) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ending != notEnding {
		return false
	}
	g.ending = e
	g.cancel()
	return true
}

func (g *gateway) isLoggedIn() bool {
	select {
	case <-g.loggedIn:
		return true
	default:
		return false
	}
}

// openPort opens the API port. A port that is taken leaves a Gateway without an
// API, as it does with the real one.
func (g *gateway) openPort() {
	if err := g.api.listen(g.scenes.APIAddress, g.apiPort()); err != nil {
		g.out.raw("SIMULATED Gateway: cannot open the API port: %v", err)
	}
}

// apiPort is the configured one, or the Gateway's own default for the mode.
func (g *gateway) apiPort() int {
	byDefault := 4001
	if strings.EqualFold(g.tradingMode(), "paper") {
		byDefault = 4002
	}
	return g.props.getInt("OverrideTwsApiPort", byDefault)
}

func (g *gateway) tradingMode() string {
	if g.args.mode != "" {
		return g.args.mode
	}
	return g.props.get("TradingMode", "live")
}

// writeFlag creates an empty file by which IBC tells the script what to do
// next.
func (g *gateway) writeFlag(name string) {
	if err := os.WriteFile(filepath.Join(g.args.configDir, name+g.args.sessionID), nil, 0o600); err != nil {
		g.out.exception(err)
	}
}

// autorestartFile is the file that lets the next start go without
// authentication.
func (g *gateway) autorestartFile() string {
	return filepath.Join(g.args.configDir, sessionDir, "autorestart")
}

func (g *gateway) writeAutorestart() {
	if err := os.MkdirAll(filepath.Dir(g.autorestartFile()), 0o700); err != nil {
		g.out.exception(err)
		return
	}
	if err := os.WriteFile(g.autorestartFile(), nil, 0o600); err != nil {
		g.out.exception(err)
	}
}

// loginsFile counts the login attempts over all starts, a byte for each.
func (g *gateway) loginsFile() string { return g.args.scenes + ".logins" }

func (g *gateway) countLogin() {
	if g.args.scenes == "" {
		return
	}
	f, err := os.OpenFile(g.loginsFile(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString("\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		g.out.exception(err)
	}
}

func (g *gateway) logins() int {
	text, err := regularfile.Read(g.loginsFile(), 1<<20)
	if err != nil {
		return 0
	}
	return bytes.Count(text, []byte("\n"))
}
