package alerts

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/windows"

	"gatelight/supervisor"
)

var postThreadMessage = windows.NewLazySystemDLL("user32.dll").NewProc("PostThreadMessageW")

const (
	wmQuit    = 0x0012                 // WM_QUIT of winuser.h
	quitEvery = 100 * time.Millisecond // how soon the end of ctx is noticed; a thread that has no window yet does not get the message
)

// showDialog shows a notice in a window until it is closed or ctx ends, and says what
// its OK does: the button's label, "" for nothing. The return key is Cancel then. A message
// box has no handle to close it by; it ends when its thread gets WM_QUIT (Raymond
// Chen, The Old New Thing, 1 March 2005).
func showDialog(ctx context.Context, n supervisor.Notice, button string) (pressed bool, err error) {
	flags := uint32(windows.MB_OK)
	if button != "" {
		n.Body += "\n\nOK: " + button
		flags = windows.MB_OKCANCEL | windows.MB_DEFBUTTON2
	}
	text, err := windows.UTF16PtrFromString(strings.ReplaceAll(n.Body, "\x00", ""))
	if err != nil {
		return false, err
	}
	title, err := windows.UTF16PtrFromString(strings.ReplaceAll(n.Title, "\x00", ""))
	if err != nil {
		return false, err
	}
	var ok atomic.Bool
	thread, done := make(chan uint32, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends, with what is left in its queue
		thread <- windows.GetCurrentThreadId()
		answer, err := windows.MessageBox(0, text, title, flags|windows.MB_ICONWARNING|windows.MB_SETFOREGROUND)
		ok.Store(answer == 1) // IDOK
		done <- err
	}()
	id := <-thread
	tick := time.NewTicker(quitEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				return false, fmt.Errorf("alerts cannot open a window: %w", err)
			}
			return button != "" && ok.Load(), nil
		case <-tick.C:
			if ctx.Err() != nil {
				postThreadMessage.Call(uintptr(id), wmQuit, 0, 0) // fails while the thread has no queue
			}
		}
	}
}
