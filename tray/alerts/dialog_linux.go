package alerts

import (
	"context"
	"os/exec"
	"slices"
	"strings"

	"gatelight/supervisor"
)

// How a text is broken into lines: the programs' windows are as wide as the
// longest line.
const (
	dialogWidth = 60 // characters
	dialogLines = 12
)

// dialogPrograms show a window, all with zenity's options: zenity itself, and
// the programs that were made in its place for Qt (qarma) and MATE.
var dialogPrograms = []string{"qarma", "zenity", "matedialog"}

// showDialog shows a notice in a window until it is closed or ctx ends.
func showDialog(ctx context.Context, n supervisor.Notice) error {
	program := "zenity"
	for _, p := range dialogPrograms {
		if _, err := exec.LookPath(p); err == nil {
			program = p
			break
		}
	}
	lines := slices.DeleteFunc(Wrap(n.Body, dialogWidth, dialogLines), func(line string) bool { return line == "" })
	text := n.Title + "\n\n" + strings.Join(lines, "\n") // a window may have no title bar
	return runDialog(exec.CommandContext(ctx, program, "--text", text, "--no-markup", "--warning",
		"--title", n.Title, "--no-wrap", "--icon-name=dialog-warning"))
}
