package packaging

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"
)

// An Autostart is what makes the system start the program at login: a
// LaunchAgent on macOS, a desktop entry on Linux, a value in the registry on
// Windows. It does not change what runs now: it neither starts a second
// Gatelight nor ends the one that runs.
type Autostart struct {
	Program string   // its absolute path
	Args    []string // what it is started with
	format  format
	store   store
}

// A format is how a system writes the command to start.
type format struct {
	write func(argv []string) (string, error)
	// read also returns who has disabled the command; "" when it is enabled.
	read func(text string) (argv []string, disabledBy string, err error)
}

// A store is where a system keeps the command.
type store interface {
	// read fails with [fs.ErrNotExist] when there is nothing. It also returns
	// who has disabled the command, on a system that keeps this apart from the
	// text.
	read() (text, disabledBy string, err error)
	write(text string) error
	remove() error // succeeds when there is nothing, too
	String() string
}

// Find returns the autostart of this program, with these arguments, on this
// system. It changes nothing.
func Find(getenv func(string) string, args ...string) (Autostart, error) {
	format, store, err := thisSystem(getenv)
	if err != nil {
		return Autostart{}, fmt.Errorf("cannot tell where this system keeps the programs that start at login: %w", err)
	}
	program, err := os.Executable()
	if err != nil {
		return Autostart{}, fmt.Errorf("cannot tell where this program is: %w", err)
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = stableProgram(program, real)
	}
	if runtime.GOOS == "windows" {
		program = withoutConsole(program, isFile)
	}
	return Autostart{Program: program, Args: args, format: format, store: store}, nil
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// The program of Windows that opens no console, and the one for the console. They
// are installed beside each other.
const (
	windowProgram  = "gatelightw.exe"
	consoleProgram = "gatelight.exe"
)

// withoutConsole is the program beside this one that opens no console, or this
// one where there is none: a console would stand open for as long as it runs.
func withoutConsole(program string, isFile func(string) bool) string {
	end := strings.LastIndexAny(program, `\/`) + 1
	beside := program[:end] + windowProgram
	if strings.EqualFold(program[end:], consoleProgram) && isFile(beside) {
		return beside
	}
	return program
}

// stableProgram returns the path to start the program by. It is the path that
// was called: a package manager keeps a link and changes its target. In an app
// it is the real path: macOS does not treat a program as an app when it is
// called through a link into the app.
func stableProgram(called, real string) string {
	if inApp(real) {
		return real
	}
	return called
}

// inApp reports a program inside of an app of macOS.
func inApp(program string) bool {
	return strings.HasSuffix(filepath.ToSlash(filepath.Dir(program)), ".app/Contents/MacOS")
}

// ProgramOfApp is the path of a program in an app that was called through a
// link, "" for any other. macOS gives a program that is called through a link
// from outside neither the app's name nor its right to show notifications.
func ProgramOfApp(called string) string {
	real, err := filepath.EvalSymlinks(called)
	if err != nil || inApp(called) || !inApp(real) {
		return ""
	}
	return real
}

// A State says which program starts at login, if any.
type State int

// The states of an autostart.
const (
	Off            State = iota // none
	On                          // this program, with these arguments
	OtherArguments              // this program, with other arguments
	OtherProgram                // another file: an older copy, or the former place of this one
)

// A Status is what the system has stored.
type Status struct {
	State      State
	Command    []string // the command to start; nil when there is none
	Missing    bool     // the program of the command does not exist
	DisabledBy string   // who has disabled the command; "" when it is enabled or there is none
	OnlyThere  bool     // it can be enabled there alone, by the person
}

// Status reads what the system has stored. An error means that the state is not
// known.
func (a Autostart) Status() (Status, error) {
	text, disabledBy, err := a.store.read()
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("cannot tell what starts at login: %w", err)
	}
	argv, byText, err := a.format.read(text)
	s := Status{Command: argv, DisabledBy: cmp.Or(disabledBy, byText), OnlyThere: disabledBy == loginItems}
	if len(argv) == 0 && err == nil {
		if s.DisabledBy != "" { // a disabled command may be empty
			return s, nil
		}
		err = errors.New("it names no program")
	}
	if err != nil {
		return Status{}, fmt.Errorf("cannot understand %v: %w; to write it again: gatelight autostart on", a.store, err)
	}
	program, err := os.Stat(argv[0])
	s.Missing = errors.Is(err, fs.ErrNotExist)
	self, selfErr := os.Stat(a.Program)
	ours := argv[0] == a.Program || err == nil && selfErr == nil && os.SameFile(program, self)
	switch {
	case s.DisabledBy != "":
	case !ours:
		s.State = OtherProgram
	case !slices.Equal(argv[1:], a.Args):
		s.State = OtherArguments
	default:
		s.State = On
	}
	return s, nil
}

// On makes the system start this program at login. It replaces what was stored
// before.
func (a Autostart) On() error {
	argv := append([]string{a.Program}, a.Args...)
	for _, arg := range argv {
		if strings.ContainsFunc(arg, unicode.IsControl) || strings.ContainsRune(arg, unicode.ReplacementChar) {
			return fmt.Errorf("cannot start %q at login: it contains a character that no system can store; rename it", arg)
		}
	}
	text, err := a.format.write(argv)
	if err == nil {
		err = a.store.write(text)
	}
	if err != nil {
		return fmt.Errorf("cannot start Gatelight at login: %w", err)
	}
	return nil
}

// Off makes the system start nothing at login. A Gatelight that runs goes on.
func (a Autostart) Off() error {
	if err := a.store.remove(); err != nil {
		return fmt.Errorf("cannot remove Gatelight from the programs that start at login: %w", err)
	}
	return nil
}

// Where returns the file, or the registry value, that holds the command.
func (a Autostart) Where() string { return a.store.String() }
