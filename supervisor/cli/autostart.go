package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"gatelight/packaging"
	"gatelight/supervisor/settings"
)

type autostartCommand struct {
	On     autostartOn     `cmd:"" help:"Start Gatelight at login, with the settings it uses now."`
	Off    autostartOff    `cmd:"" help:"Do not start it at login. A running one is not stopped."`
	Status autostartStatus `cmd:"" help:"Say whether it starts at login. Exit status: 0 yes; 1 no; 3 cannot tell."`
}

// autostart is what starts at login: the light. Settings that the user has named
// become an argument, since the environment at login is another one.
func autostart(p settings.Paths) (packaging.Autostart, error) {
	if !p.Named {
		return packaging.Find(os.Getenv)
	}
	path, err := filepath.Abs(p.Settings)
	if err != nil {
		return packaging.Autostart{}, fmt.Errorf("cannot find the path of the settings: %w", err)
	}
	return packaging.Find(os.Getenv, "--config", path)
}

// startsAtLogin reports whether this program starts at login, for the menu.
// Another copy of it does not count, so that one click corrects that. Other
// settings do count, so that no click replaces them unnoticed.
func startsAtLogin(p settings.Paths) (on bool, err error) {
	a, err := autostart(p)
	if err != nil {
		return false, err
	}
	s, err := a.Status()
	return s.State == packaging.On || s.State == packaging.OtherArguments, err
}

// setStartsAtLogin starts this program at login, or does not.
func setStartsAtLogin(p settings.Paths, on bool) error {
	a, err := autostart(p)
	if err != nil {
		return err
	}
	if !on {
		return a.Off()
	}
	if err := a.On(); err != nil {
		return err
	}
	if s, err := a.Status(); err == nil && s.OnlyThere {
		return fmt.Errorf("it is switched off in %s; only you can switch it on there", s.DisabledBy)
	}
	return nil
}

type autostartOn struct{}

// Run switches it on, and prints what will be different at login.
func (autostartOn) Run(e *env) error {
	if err := checkNamedSettings(e); err != nil {
		return err
	}
	if err := setStartsAtLogin(e.paths, true); err != nil {
		return err
	}
	if _, err := printAutostart(e); err != nil {
		return err
	}
	for _, name := range []string{"GATELIGHT_STATE_DIR", "GATELIGHT_RUNTIME_DIR"} {
		if os.Getenv(name) != "" {
			fmt.Fprintln(e.stdout, name, "is set here, and will not be at login.")
		}
	}
	if runtime.GOOS == "darwin" {
		fmt.Fprintln(e.stdout, "macOS may ask you about it; its own switch is in System Settings > General > Login Items.")
	}
	return nil
}

type autostartOff struct{}

func (autostartOff) Run(e *env) error {
	if err := setStartsAtLogin(e.paths, false); err != nil {
		return err
	}
	_, err := printAutostart(e)
	return err
}

type autostartStatus struct {
	JSON bool `help:"Print it for scripts."`
}

func (c autostartStatus) Run(e *env) error {
	show := printAutostart
	if c.JSON {
		show = encodeAutostart
	}
	on, err := show(e)
	switch {
	case err != nil:
		return e.fail(exitUnknown, err)
	case !on:
		return exitError(exitFailed)
	}
	return nil
}

func whatStartsAtLogin(e *env) (a packaging.Autostart, s packaging.Status, err error) {
	if a, err = autostart(e.paths); err == nil {
		s, err = a.Status()
	}
	return a, s, err
}

// encodeAutostart prints it for scripts: the command is what would start, or null.
func encodeAutostart(e *env) (on bool, err error) {
	_, s, err := whatStartsAtLogin(e)
	if err != nil {
		return false, err
	}
	on = s.DisabledBy == "" && !s.Missing && s.State != packaging.Off
	return on, printJSON(e.stdout, struct {
		Schema     int      `json:"schema"`
		On         bool     `json:"on"`
		This       bool     `json:"this"` // this program, with these settings
		Command    []string `json:"command"`
		DisabledBy *string  `json:"disabled_by"`
	}{1, on, on && s.State == packaging.On, s.Command, known(s.DisabledBy)})
}

// printAutostart prints what starts at login, and returns whether anything does.
func printAutostart(e *env) (on bool, err error) {
	a, s, err := whatStartsAtLogin(e)
	if err != nil {
		return false, err
	}
	command := strings.Join(s.Command, " ")
	print := func(lines ...string) { fmt.Fprintln(e.stdout, strings.Join(lines, "\n")) }
	switch {
	case s.OnlyThere:
		print("Off: it is switched off in "+s.DisabledBy+".", "Only you can switch it on there.")
	case s.DisabledBy != "":
		print("Off: it is switched off in "+s.DisabledBy+".", "Switch it on there, or with: gatelight autostart on")
	case s.Missing:
		print("Off: what should start at login is not there any more: "+command, "This one instead: gatelight autostart on")
	case s.State == packaging.On:
		print("On: this starts at login: "+command, "File: "+a.Where())
		return true, nil
	case s.State == packaging.OtherArguments:
		print("On: this starts at login, but with other settings: "+command, "With these: gatelight autostart on")
		return true, nil
	case s.State == packaging.OtherProgram:
		print("On, but for another Gatelight: "+command, "This one instead: gatelight autostart on")
		return true, nil
	default:
		print("Off: Gatelight does not start at login.")
	}
	return false, nil
}
