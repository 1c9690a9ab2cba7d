package alerts

import (
	"context"
	"os/exec"

	"gatelight/supervisor"
)

// dialogScript takes the texts as arguments, so that nothing in them is run.
const dialogScript = `on run argv
display dialog (item 2 of argv) with title (item 1 of argv) buttons {"OK"} default button 1 with icon caution
end run`

// showDialog shows a notice in a window until it is closed or ctx ends.
func showDialog(ctx context.Context, n supervisor.Notice) error {
	return runDialog(exec.CommandContext(ctx, "osascript", "-e", dialogScript, n.Title, n.Body))
}
