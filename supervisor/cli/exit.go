package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"gatelight/supervisor"
)

// Exit statuses. Those of status and wait are the convention of monitoring
// plugins: 0 OK, 1 warning, 2 critical, 3 unknown. The others are those of
// sysexits.h and, for a program that run was given, of the shell.
const (
	exitOK         = 0
	exitFailed     = 1
	exitCritical   = 2
	exitUnknown    = 3
	exitUsage      = 64
	exitInternal   = 70
	exitCannotRun  = 126 // the program is there and cannot be started
	exitNotFound   = 127 // there is no such program
	exitBySignal   = 128 // and the signal's number
	exitTableInUse = "0 connected; 1 starting, listening, cut off, or connected without proof; 2 down, not responding or zombies; 3 unknown"
)

// exitStatus tells whether the API can be used, for every one of these Gateways:
// the worst of them counts.
func exitStatus(gateways []supervisor.Snapshot, stoppedIsFine bool) int {
	worst := exitOK
	if len(gateways) == 0 {
		worst = exitUnknown
	}
	for _, g := range gateways {
		if stoppedIsFine && g.State == supervisor.Down && g.Expected {
			continue
		}
		if one := exitStatusOf(g); slices.Index(fromGoodToBad, one) > slices.Index(fromGoodToBad, worst) {
			worst = one
		}
	}
	return worst
}

// fromGoodToBad: what is known to be broken is worse than what is not known.
var fromGoodToBad = []int{exitOK, exitFailed, exitUnknown, exitCritical}

func exitStatusOf(g supervisor.Snapshot) int {
	switch g.State {
	case supervisor.Connected:
		if g.Verified {
			return exitOK
		}
		return exitFailed
	case supervisor.Starting, supervisor.Listening, supervisor.CutOff:
		return exitFailed
	case supervisor.Down, supervisor.Silent, supervisor.Zombies:
		return exitCritical
	}
	return exitUnknown
}

// fail prints an error, and returns the exit status as the error that is left. An
// error may quote a file, or another program.
func (e *env) fail(status int, err error) exitError {
	lines := strings.Split(plainError(err), "\n")
	for i := range lines {
		lines[i] = supervisor.CleanText(lines[i], 0)
	}
	fmt.Fprintln(e.stderr, "gatelight:", strings.Join(lines, "\n"))
	return exitError(status)
}

// plainError is the text of an error, with what the system says about a file in words
// for people, and the home folder as ~.
func plainError(err error) string {
	text := err.Error()
	var file *fs.PathError
	if link := new(os.LinkError); errors.As(err, &link) { // a new file cannot take the place of the old one
		file = &fs.PathError{Path: link.New, Err: link.Err}
		text = strings.Replace(text, link.Error(), file.Error(), 1)
	}
	if file != nil || errors.As(err, &file) {
		text = strings.Replace(text, file.Error(), fileText(file), 1)
	}
	home, _ := os.UserHomeDir()
	for i := len(text); len(home) > 1; {
		i = strings.LastIndex(text[:i], home+string(filepath.Separator))
		if i < 0 {
			break
		}
		if i == 0 || strings.IndexByte(` "'(=:,`, text[i-1]) >= 0 {
			text = text[:i] + "~" + text[i+len(home):]
		}
	}
	return text
}

func fileText(e *fs.PathError) string {
	switch {
	case errors.Is(e, fs.ErrNotExist):
		return "there is no " + e.Path
	case errors.Is(e, fs.ErrPermission):
		return e.Path + " is not open to you; change its permissions or its owner"
	case errors.Is(e, syscall.ENOTDIR):
		return e.Path + ": a part of this path is a file, and has to be a folder"
	}
	return e.Path + ": " + e.Err.Error()
}

// An exitError is an exit status. What is to be said about it was printed already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }
