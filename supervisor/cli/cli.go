// Package cli is the command line, one file per command, and the place where
// the program is put together.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"gatelight/supervisor"
	"gatelight/supervisor/doctor"
	"gatelight/supervisor/monitor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
)

// Exit statuses. Those of status and wait are the monitoring plugins' convention.
const (
	exitOK       = 0
	exitFailed   = 1
	exitUnknown  = 3
	exitUsage    = 64
	exitInternal = 70
)

// A Face is what people look at. It is handed in by main, since the supervisor
// knows nothing of desktops.
type Face struct {
	// Desktop says why there is no tray; waiting when one may still come.
	Desktop func(ctx context.Context) (waiting bool, err error)
	// Tray shows the icon until ctx ends or the user quits, whenever there is a
	// desktop to show it on. It must run on the main goroutine.
	Tray func(ctx context.Context, o TrayOptions) error
	// Notify raises one desktop notification. It gives up at ctx's deadline.
	Notify func(ctx context.Context, title, body string) error
	// Alerts says how notifications are shown; with an error nobody shows them.
	Alerts func(ctx context.Context) (Alerts, error)
	// Text is the same view for a terminal.
	Text func(w supervisor.Status, now time.Time, colour bool) string
}

// Alerts is how notifications are shown.
type Alerts = doctor.Alerts

// TrayOptions are what the tray is given.
type TrayOptions struct {
	Supervisor   supervisor.Supervisor
	OpenLog      func(gateway string) error
	OpenTimeline func() error

	Notify bool
	Dialog bool
	Sound  bool

	Paused func() time.Time
	Pause  func(until time.Time) error

	AtLogin    func() (on bool, err error)
	SetAtLogin func(on bool) error

	Version  string
	Settings string
	Where    string // where the icon is, for somebody who starts it again and does not see it
	Log      *slog.Logger
}

// commands is the command line as kong reads it.
type commands struct {
	Config string           `help:"Settings file." placeholder:"FILE" type:"path"`
	Tells  kong.VersionFlag `name:"version" help:"Print the version."`

	Tray     trayCommand      `cmd:"" default:"1" help:"Show the light in the menu bar, or in the terminal without a desktop. This is the default."`
	Demo     demoCommand      `cmd:"" help:"Show what it looks like, with a simulated Gateway."`
	Status   statusCommand    `cmd:"" help:"Print the state. Exit status: 0 connected; 1 starting, listening or cut off; 2 down or zombies; 3 unknown."`
	Watch    watchCommand     `cmd:"" help:"Show the state in the terminal, live."`
	Serve    serveCommand     `cmd:"" help:"Supervise without a face."`
	Start    startCommand     `cmd:"" help:"Start the Gateway through IBC."`
	Stop     stopCommand      `cmd:"" help:"Stop the Gateway."`
	Restart  restartCommand   `cmd:"" help:"Restart the Gateway, without a new login where IBC's command server is on."`
	Zombies  zombiesCommand   `cmd:"" help:"Print the sockets that the Gateway does not close, and who made them. Exit status: 0 none, 2 some, 3 cannot tell."`
	Clear    clearCommand     `cmd:"" name:"clear-zombies" help:"Restart the Gateway to get rid of its zombies, without a new login."`
	Ini      configCommand    `cmd:"" name:"config" help:"Write, check, compare and install IBC's config.ini."`
	IBC      ibcCommand       `cmd:"" name:"ibc" help:"Install IBC."`
	Init     initCommand      `cmd:"" help:"Write settings from what is installed here."`
	Login    autostartCommand `cmd:"" name:"autostart" help:"Start Gatelight at login, or not."`
	History  historyCommand   `cmd:"" help:"Print what happened, and how long which state has lasted."`
	Timeline timelineCommand  `cmd:"" help:"Write what happened as a page for the browser."`
	Logs     logsCommand      `cmd:"" help:"Print the logs of IBC and Gatelight as one, without secrets."`
	Doctor   doctorCommand    `cmd:"" help:"Check everything on this machine, and say what to do. Exit status: 0 when nothing is broken."`
	Version  versionCommand   `cmd:"" help:"Print the version."`
}

// An env is the program's surroundings, handed to every command.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	asks   bool // a person is there to answer
	face   Face
	paths  settings.Paths
	footer func() string // below the terminal view; nil: the usual
	noTray error         // why the light is in the terminal, if it was not asked for
}

// An exit is an error that has been said already; only its status is left.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// Main runs one command and returns the exit status.
func Main(args []string, face Face) int {
	// One core is plenty. With more, the runtime wakes a second thread at every
	// wake-up, to find that there is nothing for it to do.
	runtime.GOMAXPROCS(1)
	if len(args) > 0 {
		switch args[0] { // the program's own child processes
		case monitorChild:
			return monitor.Child(args[1:], os.Stdin, os.Stdout)
		case socketsChild:
			return sockets.Child(os.Stdin, os.Stdout)
		case simulated:
			return simgateway.Main(args[1:], os.Stdout, os.Stderr)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return run(args, env{ctx: ctx, stdin: os.Stdin, asks: term.IsTerminal(int(os.Stdin.Fd())), stdout: os.Stdout, stderr: os.Stderr, face: face, paths: settings.Find(os.Getenv)})
}

// The hidden commands by which the program runs itself.
const (
	monitorChild = "monitor-child"
	socketsChild = "sockets-child"
	simulated    = "simgateway"
)

func run(args []string, e env) int {
	var c commands
	status := -1
	parser, err := kong.New(&c, kong.Name("gatelight"), kong.Writers(e.stdout, e.stderr),
		kong.Description("The traffic light of an Interactive Brokers Gateway."),
		kong.Vars{"version": "gatelight " + versionText()},
		kong.Exit(func(n int) { status = n }))
	if err != nil {
		fmt.Fprintln(e.stderr, "gatelight: [unexpected]", err)
		return exitInternal
	}
	parsed, err := parser.Parse(args)
	if status >= 0 { // help or the version was asked for
		return status
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "gatelight: %v\nTry: gatelight --help\n", err)
		return exitUsage
	}
	if c.Config != "" {
		e.paths.Settings, e.paths.Named = c.Config, true
	}
	err = parsed.Run(&e)
	var quiet exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &quiet):
		return int(quiet)
	}
	fmt.Fprintln(e.stderr, "gatelight:", err)
	return exitFailed
}

// version is the build's, by the module system or the Makefile.
var version = ""

func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "devel"
	}
	return strings.Trim(info.Main.Version, "()")
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(e *env) error {
	fmt.Fprintln(e.stdout, "gatelight", versionText())
	return nil
}
