package alerts

import (
	"context"
	"os/exec"
	"strings"

	"gatelight/supervisor"
)

// dialogScript takes the texts as arguments, so that nothing in them is run.
const dialogScript = `on run argv
if (count of argv) is 3 then
display dialog (item 2 of argv) with title (item 1 of argv) buttons {item 3 of argv, "Close"} default button 2 with icon caution
else
display dialog (item 2 of argv) with title (item 1 of argv) buttons {"OK"} default button 1 with icon caution
end if
return button returned of result
end run`

// showDialog shows a notice in a window until it is closed or ctx ends, with a button
// of that label, "" for none. The return key does not press it: who types when the
// window comes must not restart a Gateway.
func showDialog(ctx context.Context, n supervisor.Notice, button string) (pressed bool, err error) {
	args := []string{"-e", dialogScript, n.Title, n.Body}
	if button != "" {
		args = append(args, button)
	}
	printed, _, err := runDialog(exec.CommandContext(ctx, "osascript", args...))
	return button != "" && strings.TrimSpace(printed) == button, err
}
