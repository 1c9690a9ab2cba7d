package cli

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// These are the build's, by the Makefile. Without it, Go's own stamps are taken.
// The time is that of the commit, and not of the build: the same commit gives the
// same program.
var (
	version = ""
	commit  = ""
	date    = ""
)

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

// versionLine is the version with the commit and its time, where they are known.
func versionLine() string {
	line, of, at := "gatelight "+versionText(), commit, date
	if info, ok := debug.ReadBuildInfo(); ok && of == "" {
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				of = s.Value
			case "vcs.time":
				at = s.Value
			}
		}
	}
	if of == "" {
		return line
	}
	return fmt.Sprintf("%s (commit %.12s of %s)", line, of, at)
}

type versionCommand struct{}

func (versionCommand) Run(e *env) error {
	fmt.Fprintln(e.stdout, versionLine())
	return nil
}
