// Command reference writes the man page, and the completions of bash, zsh and
// fish. All of it is made of the command line as the program itself reads it.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/alecthomas/kong"

	"gatelight/supervisor/cli"
)

func main() {
	out := flag.String("out", "dist/reference", "the folder to write to")
	date := flag.String("date", "", "the date of the man page, such as 2026-11-30")
	version := flag.String("version", "devel", "the version in the man page")
	flag.Parse()
	if err := write(*out, *date, *version); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func write(out, date, version string) error {
	app, err := cli.CommandTree()
	if err != nil {
		return fmt.Errorf("cannot read the commands: %w", err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"gatelight.1":    manPage(app, date, version),
		"gatelight.bash": bash(app),
		"_gatelight":     zsh(app),
		"gatelight.fish": fish(app),
	} {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// children returns the commands below a command that people can see.
func children(n *kong.Node) (visible []*kong.Node) {
	for _, c := range n.Children {
		if !c.Hidden {
			visible = append(visible, c)
		}
	}
	return visible
}

// walk calls do for every command that people can see, with its words after the
// program's name. The program itself has none.
func walk(n *kong.Node, words []string, do func(n *kong.Node, words []string)) {
	do(n, words)
	for _, c := range children(n) {
		walk(c, append(words[:len(words):len(words)], c.Name), do)
	}
}

// flags returns the options of a command that people can see. Every command
// also has those of the program.
func flags(n *kong.Node) (visible []*kong.Flag) {
	for _, f := range n.Flags {
		if !f.Hidden {
			visible = append(visible, f)
		}
	}
	return visible
}

// help is the first sentence or the first line of what is said about something,
// short enough for a list.
func help(text string) string {
	for i, r := range text {
		if r == '\n' || (r == '.' || r == ';') && (i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\n') {
			return text[:i]
		}
	}
	return text
}
