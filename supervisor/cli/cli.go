// Package cli is the command line, a file per command. Here the parts of the
// program are put together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"gatelight/packaging"
	"gatelight/supervisor"
	"gatelight/supervisor/abort"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/monitor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
	"gatelight/tray"
	"gatelight/tray/alerts"
)

// commands is the command line as kong reads it.
type commands struct {
	Config      string           `help:"Settings file." placeholder:"FILE" type:"path"`
	ShowVersion kong.VersionFlag `name:"version" help:"Print the version."`

	Tray       trayCommand      `cmd:"" default:"1" help:"Show the status icon in the menu bar, or the state in the terminal without a desktop. This is the default."`
	Demo       demoCommand      `cmd:"" help:"Show what it looks like, with a simulated Gateway."`
	Status     statusCommand    `cmd:"" help:"Print the state. Exit status: ${exits}. 2 without output is no state."`
	Wait       waitCommand      `cmd:"" help:"Wait until the API can be used, or for another state. Exit status: 0 it holds; when it has not in time, that of status, and 1 instead of 0."`
	Program    programCommand   `cmd:"" name:"run" help:"Wait, then run a program: gatelight run -- python trader.py. Exit status: the program's; that of wait when it was not started; 126 it cannot be started, 127 it is not there."`
	Watch      watchCommand     `cmd:"" help:"Show the state in the terminal, live."`
	Serve      serveCommand     `cmd:"" help:"Run in the background, without an icon."`
	Start      startCommand     `cmd:"" help:"Start the Gateway through IBC."`
	Stop       stopCommand      `cmd:"" help:"Stop the Gateway. Asks if that disconnects somebody."`
	Restart    restartCommand   `cmd:"" help:"Restart the Gateway, without a new login where IBC's command server is on. Asks if that disconnects somebody."`
	Zombies    zombiesCommand   `cmd:"" help:"Print the sockets that the Gateway does not close, and who made them. Exit status: 0 none, 2 some, 3 cannot tell."`
	Clear      clearCommand     `cmd:"" name:"clear-zombies" help:"Restart the Gateway to get rid of its zombies, without a new login."`
	ConfigFile configCommand    `cmd:"" name:"config" help:"Write, check, compare and install IBC's config.ini."`
	IBC        ibcCommand       `cmd:"" name:"ibc" help:"Install IBC."`
	Init       initCommand      `cmd:"" help:"Write settings from what is installed here."`
	Autostart  autostartCommand `cmd:"" name:"autostart" help:"Start Gatelight at login, or not."`
	History    historyCommand   `cmd:"" help:"Print what happened, and how long which state has lasted."`
	Timeline   timelineCommand  `cmd:"" help:"Write what happened as a page for the browser."`
	Logs       logsCommand      `cmd:"" help:"Print the logs of IBC and Gatelight as one, without secrets."`
	Doctor     doctorCommand    `cmd:"" help:"Check everything on this machine, and say what to do. Exit status: 0 when nothing is broken."`
	Dial       dialCommand      `cmd:"" name:"dial-stdio" help:"Join stdin and stdout to the Gatelight that runs here: for a remote in the settings of another host."`
	Version    versionCommand   `cmd:"" help:"Print the version."`
	Help       helpCommand      `cmd:"" help:"Explain a command, with examples: gatelight help wait."`
}

// An env is what a command gets from the process and the desktop around it.
type env struct {
	ctx         context.Context
	stdin       io.Reader
	stdout      io.Writer
	stderr      io.Writer
	interactive bool // somebody can answer a question
	paths       settings.Paths
	times       times

	// The desktop: see the functions of package tray and of package alerts.
	desktop       func(context.Context) (waiting bool, err error)
	showTray      func(context.Context, tray.Options) error
	showAlert     func(ctx context.Context, title, body string) error
	showDialog    func(ctx context.Context, title, body string) error // until it was closed
	inspectAlerts func(context.Context) (supervisor.AlertReport, error)

	footer  func() string // below the view in the terminal; nil: the usual text
	caption func() string // in the menu; nil: none
	noTray  error         // why the view is in the terminal, if nobody asked for that
}

// Main runs one command and returns the exit status.
func Main(args []string) int {
	// One core is plenty. With more, the runtime wakes a second thread at every
	// wake-up, to find that there is nothing for it to do.
	runtime.GOMAXPROCS(1)
	if status, ok := runChild(args); ok {
		return status
	}
	if runtime.GOOS == "darwin" {
		startInApp()
	}
	return tray.OnMainThread(func() int { return runProgram(args) })
}

// startInApp becomes the program in the app, when it was called through a link
// into the app. If that fails the program goes on as it was called.
func startInApp() {
	self, err := os.Executable()
	if err != nil {
		return
	}
	if program := packaging.ProgramOfApp(self); program != "" {
		_ = syscall.Exec(program, os.Args, os.Environ())
	}
}

func runProgram(args []string) int {
	ibc.ForbidCoreDumps()
	e, stop := newEnv()
	defer stop()
	return run(args, e)
}

// newEnv is the environment of this process. Its context ends when the process
// is asked to end.
func newEnv() (e env, stop func()) {
	ctx, stop := untilSignal(context.Background())
	return env{
		ctx: ctx, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		interactive: term.IsTerminal(int(os.Stdin.Fd())), paths: settings.Find(os.Getenv),
		times:   times{tune: scaleTimes, grace: scaledGrace()},
		desktop: tray.CheckTray, showTray: tray.Run, showAlert: alerts.Show, showDialog: alerts.ShowDialog, inspectAlerts: alerts.Inspect,
	}, stop
}

// runChild is the program as its own child process, if the arguments say so.
func runChild(args []string) (status int, ok bool) {
	if len(args) == 0 {
		return 0, false
	}
	switch args[0] {
	case monitorChild:
		abort.AtOnce()
		return monitor.Child(args[1:], os.Stdin, os.Stdout, sockets.NewTimer), true
	case socketsChild:
		return sockets.Child(os.Stdin, os.Stdout), true
	case ibc.LauncherCommand:
		return ibc.Launcher(args[1:]), true
	case simgateway.Command:
		return simgateway.Main(args[1:], os.Stdout, os.Stderr), true
	}
	return 0, false
}

// The hidden commands by which the program runs itself.
const (
	monitorChild = "monitor-child"
	socketsChild = "sockets-child"
)

// run runs one command and returns the exit status. An answer that cannot be
// printed is an internal error, whatever the answer is. What tray and serve print
// is none.
func run(args []string, e env) int {
	out := &output{Writer: e.stdout}
	e.stdout = out
	command, err := runCommand(args, &e)
	var printed exitError
	switch {
	case out.err != nil && command != "tray" && command != "serve":
		return int(e.fail(exitInternal, fmt.Errorf("cannot print everything: %w", out.err)))
	case err == nil:
		return exitOK
	case errors.As(err, &printed):
		return int(printed)
	case (command == "tray" || command == "serve" || command == "watch") && e.ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitOK // it was asked to end before it was ready, which is how it ends otherwise
	}
	if unknown := (supervisor.UnknownGatewayError{}); errors.As(err, &unknown) {
		return int(e.fail(exitUsage, err))
	}
	return int(e.fail(exitFailed, err))
}

// runCommand also returns which command it was, "" for none.
func runCommand(args []string, e *env) (command string, err error) {
	var c commands
	status := -1
	if len(args) > 0 && args[0] == "help" {
		args = append(args[1:len(args):len(args)], "--help")
	}
	parser, err := newParser(&c, e.stdout, e.stderr, func(n int) { status = n })
	if err != nil {
		return "", e.fail(exitInternal, fmt.Errorf("[unexpected] %w", err))
	}
	parsed, err := parser.Parse(args)
	if status >= 0 { // help or the version was asked for
		return "", exitError(status)
	}
	if err != nil {
		return "", e.fail(exitUsage, errors.New(usageText(parser.Model.Node, err)))
	}
	if c.Config != "" {
		e.paths.Settings, e.paths.Named = c.Config, true
	}
	return parsed.Command(), parsed.Run(e, parsed)
}

// newParser returns what reads the arguments into c. exit is called after the
// help or the version.
func newParser(c *commands, stdout, stderr io.Writer, exit func(status int)) (*kong.Kong, error) {
	parser, err := kong.New(c, kong.Name("gatelight"), kong.Writers(stdout, stderr),
		kong.Description("The traffic light of an Interactive Brokers Gateway."),
		kong.Vars{"version": versionLine(), "exits": exitTableInUse}, kong.Exit(exit))
	if err == nil {
		addExamples(parser.Model.Node)
	}
	return parser, err
}

// CommandTree returns all commands with their options. The man page and the
// completions of shells are made of it when a package is built.
func CommandTree() (*kong.Application, error) {
	parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) {})
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}
