package cli

import (
	_ "embed"
	"strings"

	"github.com/alecthomas/kong"
)

// helpCommand is in the list of commands; "help wait" is read as "wait --help".
type helpCommand struct {
	Command []string `arg:"" optional:"" help:"The command."`
}

func (helpCommand) Run() {}

// examples are lines to type, each under the command that it begins with, and what
// they do behind the #.
//
//go:embed examples.txt
var examples string

// addExamples gives each command the examples that begin with its name.
func addExamples(n *kong.Node) {
	for _, c := range n.Children {
		addExamples(c)
	}
	if len(n.Children) > 0 {
		return
	}
	for _, line := range strings.SplitAfter(examples, "\n") {
		if strings.HasPrefix(line, n.FullPath()+" ") || line == n.FullPath()+"\n" {
			n.Detail += "    " + line
		}
	}
	if n.Detail != "" {
		n.Detail = "Examples:\n\n" + n.Detail
	}
}
