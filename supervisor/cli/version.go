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

// madeOf is the commit and its time, "" where they are not known.
func madeOf() (of, at string) {
	of, at = commit, date
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
	return of, at
}

// versionLine is the version with the commit and its time, where they are known.
func versionLine() string {
	line := "gatelight " + versionText()
	of, at := madeOf()
	if of == "" {
		return line
	}
	return fmt.Sprintf("%s (commit %.12s of %s)", line, of, at)
}

type versionCommand struct {
	JSON bool `help:"Print it for scripts."`
}

func (c versionCommand) Run(e *env) error {
	if !c.JSON {
		fmt.Fprintln(e.stdout, versionLine())
		return nil
	}
	of, at := madeOf()
	return printJSON(e.stdout, struct {
		Schema  int     `json:"schema"`
		Version string  `json:"version"`
		Commit  *string `json:"commit"`
		Time    *string `json:"time"`
	}{1, versionText(), known(of), known(at)})
}

// known is a text for scripts, null for none.
func known(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
