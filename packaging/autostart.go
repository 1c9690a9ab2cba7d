package packaging

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// An Autostart is the one thing that has the system start the program at login:
// a LaunchAgent on macOS, a desktop entry on Linux, a value in the registry on
// Windows. It changes nothing about what runs now: it neither starts a second
// Gatelight nor ends the one that a login has started.
type Autostart struct {
	Program string   // its absolute path
	Args    []string // what it is started with
	form    form
	place   place
}

// A form is how a system writes a command down.
type form struct {
	write func(argv []string) (string, error)
	// read also says who has switched the command off, if it is there all the same.
	read func(text string) (argv []string, off string, err error)
}

// A place is where a system keeps it.
type place interface {
	// read fails with [fs.ErrNotExist] where there is nothing. It also says who
	// has switched it off, where that is kept apart from it.
	read() (text, off string, err error)
	write(text string) error
	remove() error // also where there is nothing
	String() string
}

// Find says how this system starts the program at login. Nothing is changed yet.
func Find(getenv func(string) string, args ...string) (Autostart, error) {
	form, place, err := system(getenv)
	if err != nil {
		return Autostart{}, fmt.Errorf("cannot tell where this system keeps what starts at login: %w", err)
	}
	program, err := os.Executable()
	if err != nil {
		return Autostart{}, fmt.Errorf("cannot tell where this program is: %w", err)
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = lasting(program, real)
	}
	return Autostart{Program: program, Args: args, form: form, place: place}, nil
}

// lasting picks the path to start by: as it was called, since a link outlives
// what a package manager has it point to; but an app by its own, since a program
// that is called by a link into the app is a bare program to macOS.
func lasting(called, real string) string {
	if strings.HasSuffix(filepath.ToSlash(filepath.Dir(real)), ".app/Contents/MacOS") {
		return real
	}
	return called
}

// A State is whether the program starts at login.
type State int

// The states of an autostart.
const (
	Off       State = iota
	On              // this program
	Otherwise       // this program, with other arguments
	Another         // a program elsewhere: an older copy, or where this one used to be
)

// A Status is what is there.
type Status struct {
	State   State
	Command []string // what is started; nil when nothing is there
	Missing bool     // its program is not there any more
	By      string   // who has switched it off; "" when nothing is there
}

// Status reads what is there. An error means that nobody can tell.
func (a Autostart) Status() (Status, error) {
	text, off, err := a.place.read()
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("cannot tell what starts at login: %w", err)
	}
	argv, by, err := a.form.read(text)
	s := Status{Command: argv, By: cmp.Or(off, by)}
	if len(argv) == 0 && err == nil {
		if s.By != "" { // one that is off may be empty
			return s, nil
		}
		err = errors.New("it names no program")
	}
	if err != nil {
		return Status{}, fmt.Errorf("cannot understand %v: %w; gatelight autostart on writes it anew", a.place, err)
	}
	program, err := os.Stat(argv[0])
	s.Missing = errors.Is(err, fs.ErrNotExist)
	self, selfErr := os.Stat(a.Program)
	ours := argv[0] == a.Program || err == nil && selfErr == nil && os.SameFile(program, self)
	switch {
	case s.By != "":
	case !ours:
		s.State = Another
	case !slices.Equal(argv[1:], a.Args):
		s.State = Otherwise
	default:
		s.State = On
	}
	return s, nil
}

// On has this program started at login, whatever was there before.
func (a Autostart) On() error {
	argv := append([]string{a.Program}, a.Args...)
	for _, arg := range argv {
		if strings.ContainsFunc(arg, unicode.IsControl) || strings.ContainsRune(arg, unicode.ReplacementChar) {
			return fmt.Errorf("cannot have %q start at login: there is a character in it that cannot be written down; rename it", arg)
		}
	}
	text, err := a.form.write(argv)
	if err == nil {
		err = a.place.write(text)
	}
	if err != nil {
		return fmt.Errorf("cannot have Gatelight start at login: %w", err)
	}
	return nil
}

// Off has nothing started at login. What runs goes on.
func (a Autostart) Off() error {
	if err := a.place.remove(); err != nil {
		return fmt.Errorf("cannot keep Gatelight from starting at login: %w", err)
	}
	return nil
}

// Where names the file or the value that says so.
func (a Autostart) Where() string { return a.place.String() }
