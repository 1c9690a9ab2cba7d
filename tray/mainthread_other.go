//go:build !linux

package tray

import "os"

// first is the process's first thread, to which the menu bar of macOS belongs.
var first = newMainThread(os.Exit)

// OnMainThread runs the program, and keeps the first thread for the toolkit. It
// must be called on that thread, and ends the process.
func OnMainThread(program func() int) (status int) {
	first.run(program)
	return 0
}
