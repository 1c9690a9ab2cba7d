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

// showDialog shows a notice in a window until it is closed or ctx ends, with a button
// of that label, "" for none. The return key does not press it: who types when the
// window comes must not restart a Gateway. The programs in zenity's place cannot be
// told that, so that they have no button.
func showDialog(ctx context.Context, n supervisor.Notice, button string) (pressed bool, err error) {
	program := "zenity"
	for _, p := range dialogPrograms {
		if _, err := exec.LookPath(p); err == nil {
			program = p
			break
		}
	}
	lines := slices.DeleteFunc(Wrap(n.Body, dialogWidth, dialogLines), func(line string) bool { return line == "" })
	text := n.Title + "\n\n" + strings.Join(lines, "\n") // a window may have no title bar
	args := []string{"--text", text, "--no-markup", "--title", n.Title, "--no-wrap", "--icon-name=dialog-warning"}
	if button == "" || program != "zenity" {
		_, _, err := runDialog(exec.CommandContext(ctx, program, append(args, "--warning")...))
		return false, err
	}
	_, pressed, err = runDialog(exec.CommandContext(ctx, program, append(args, "--question", "--default-cancel", "--ok-label", button, "--cancel-label", "Close")...))
	return pressed, err
}
