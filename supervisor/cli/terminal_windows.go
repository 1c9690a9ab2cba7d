package cli

import (
	"os"

	"golang.org/x/sys/windows"
)

// obeysSequences reports that the terminal obeys control sequences instead of
// showing them. The console of Windows does so only when it is asked to.
func obeysSequences() bool {
	console := windows.Handle(os.Stdout.Fd())
	var mode uint32
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	const obey = windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	return mode&obey != 0 || windows.SetConsoleMode(console, mode|obey) == nil
}
