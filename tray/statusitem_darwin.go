package tray

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/ebitengine/purego/objc"

	"gatelight/supervisor"
)

// The toolkit makes the icon, an NSStatusItem, and keeps it in a variable of the
// app's delegate: statusItem, and menu beside it (systray_darwin.m). AppKit wants
// to be called on the main thread.

// A rectangle is an NSRect.
type rectangle struct{ X, Y, Width, Height float64 }

// visibleOnScreen is NSWindowOcclusionStateVisible.
const visibleOnScreen = 1 << 1

// setUpIcon sets what the toolkit does not. macOS remembers the icon's place under
// a name. Digits have the same width, so that the text beside the icon does not
// move each second. A screen reader says the program's name. After a restart of
// the Mac the start at login is enough: macOS is not to open the program again.
func setUpIcon() error {
	return onMainThread(func() {
		app := class("NSApplication").Send(sel("sharedApplication"))
		app.Send(sel("disableRelaunchOnLogin"))
		item := toolkitVariable("statusItem")
		if item == 0 {
			return
		}
		item.Send(sel("setAutosaveName:"), text(title))
		item.Send(sel("setVisible:"), true) // under that name it may have been taken out
		button := item.Send(sel("button"))
		size := objc.Send[float64](class("NSFont").Send(sel("menuBarFontOfSize:"), 0.0), sel("pointSize"))
		button.Send(sel("setFont:"), class("NSFont").Send(sel("monospacedDigitSystemFontOfSize:weight:"), size, 0.0)) // NSFontWeightRegular
		button.Send(sel("setAccessibilityLabel:"), text(title))
	})
}

// onWake has f called whenever the Mac has woken up (NSWorkspace.h,
// NSWorkspaceDidWakeNotification). It may be called once.
func onWake(f func()) error {
	if f == nil {
		return nil
	}
	observer, err := objc.RegisterClass("GatelightWake", objc.GetClass("NSObject"), nil, nil, []objc.MethodDef{{
		Cmd: sel("woke:"),
		Fn:  func(_ objc.ID, _ objc.SEL, _ objc.ID) { f() },
	}})
	if err != nil {
		return fmt.Errorf("cannot learn of a wake-up: %w", err)
	}
	return onMainThread(func() {
		// Nobody releases the observer: it lives as long as the process.
		class("NSWorkspace").Send(sel("sharedWorkspace")).Send(sel("notificationCenter")).Send(sel("addObserver:selector:name:object:"),
			newObject(objc.ID(observer)), sel("woke:"), text("NSWorkspaceDidWakeNotification"), objc.ID(0))
	})
}

// closeMenu closes the menu, if it is open: the toolkit's loop does not end before.
func closeMenu() {
	_ = onMainThread(func() { toolkitVariable("menu").Send(sel("cancelTracking")) })
}

// barReport is where the icon is.
func barReport() (r supervisor.MenuBarReport, known bool) {
	err := onMainThread(func() {
		item := toolkitVariable("statusItem")
		if item == 0 {
			return
		}
		known = true
		r = supervisor.MenuBarReport{PID: os.Getpid(), At: supervisor.Now(), Visible: objc.Send[bool](item, sel("isVisible"))}
		window := item.Send(sel("button")).Send(sel("window"))
		screen := window.Send(sel("screen"))
		if window == 0 || screen == 0 {
			return
		}
		r.OnScreen = objc.Send[uint](window, sel("occlusionState"))&visibleOnScreen != 0
		icon, whole := objc.Send[rectangle](window, sel("frame")), objc.Send[rectangle](screen, sel("frame"))
		r.X, r.Width, r.ScreenWidth = icon.X-whole.X, icon.Width, whole.Width
		// Beside a notch there are two areas; without one both are empty.
		left, right := objc.Send[rectangle](screen, sel("auxiliaryTopLeftArea")), objc.Send[rectangle](screen, sel("auxiliaryTopRightArea"))
		if left.Width > 0 && right.Width > 0 {
			r.NotchFrom, r.NotchTo = left.X+left.Width-whole.X, right.X-whole.X
		}
	})
	return r, known && err == nil
}

func toolkitVariable(name string) objc.ID {
	delegate := class("NSApplication").Send(sel("sharedApplication")).Send(sel("delegate"))
	if delegate == 0 {
		return 0
	}
	return delegate.Send(sel("valueForKey:"), text(name))
}

func sel(name string) objc.SEL { return objc.RegisterName(name) }

func text(s string) objc.ID { return class("NSString").Send(sel("stringWithUTF8String:"), s) }

// mainThreadCalls are what the main thread is to call.
var mainThreadCalls struct {
	sync.Mutex
	receiver objc.ID // of the message; 0: not made yet
	waiting  []func()
}

// mainThreadTimeout is how long the main thread may be busy.
const mainThreadTimeout = 2 * time.Second

// onMainThread has f called on the main thread, also while the menu is open, and
// waits for it.
func onMainThread(f func()) error {
	calls := &mainThreadCalls
	calls.Lock()
	if calls.receiver == 0 {
		receiver, err := objc.RegisterClass("GatelightMainThread", objc.GetClass("NSObject"), nil, nil, []objc.MethodDef{{
			Cmd: sel("call:"),
			Fn:  func(_ objc.ID, _ objc.SEL, _ objc.ID) { callWaiting() },
		}})
		if err != nil {
			calls.Unlock()
			return fmt.Errorf("cannot call the main thread: %w", err)
		}
		calls.receiver = newObject(objc.ID(receiver)) // lives as long as the process
	}
	done := make(chan struct{})
	calls.waiting = append(calls.waiting, func() { defer close(done); f() })
	receiver := calls.receiver
	calls.Unlock()
	pooled(func() {
		receiver.Send(sel("performSelectorOnMainThread:withObject:waitUntilDone:"), sel("call:"), objc.ID(0), false)
	})
	select {
	case <-done:
		return nil
	case <-time.After(mainThreadTimeout):
		return errors.New("the main thread does not answer")
	}
}

func callWaiting() {
	calls := &mainThreadCalls
	calls.Lock()
	waiting := calls.waiting
	calls.waiting = nil
	calls.Unlock()
	for _, f := range waiting {
		f()
	}
}
