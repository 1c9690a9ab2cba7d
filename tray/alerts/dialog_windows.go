package alerts

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/windows"

	"gatelight/supervisor"
)

var postThreadMessage = windows.NewLazySystemDLL("user32.dll").NewProc("PostThreadMessageW")

const (
	wmQuit    = 0x0012                 // WM_QUIT of winuser.h
	quitEvery = 100 * time.Millisecond // how soon the end of ctx is noticed; a thread that has no window yet does not get the message
)

// showDialog shows a notice in a window until it is closed or ctx ends. A message
// box has no handle to close it by; it ends when its thread gets WM_QUIT (Raymond
// Chen, The Old New Thing, 1 March 2005).
func showDialog(ctx context.Context, n supervisor.Notice) error {
	text, err := windows.UTF16PtrFromString(strings.ReplaceAll(n.Body, "\x00", ""))
	if err != nil {
		return err
	}
	title, err := windows.UTF16PtrFromString(strings.ReplaceAll(n.Title, "\x00", ""))
	if err != nil {
		return err
	}
	thread, done := make(chan uint32, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends, with what is left in its queue
		thread <- windows.GetCurrentThreadId()
		_, err := windows.MessageBox(0, text, title, windows.MB_OK|windows.MB_ICONWARNING|windows.MB_SETFOREGROUND)
		done <- err
	}()
	id := <-thread
	tick := time.NewTicker(quitEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("alerts cannot open a window: %w", err)
			}
			return nil
		case <-tick.C:
			if ctx.Err() != nil {
				postThreadMessage.Call(uintptr(id), wmQuit, 0, 0) // fails while the thread has no queue
			}
		}
	}
}
