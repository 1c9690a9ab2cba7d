package tray

import (
	"fmt"

	"github.com/ebitengine/purego/objc"
)

// The event that macOS sends to an app that is opened while it runs, in place of
// starting it a second time: kCoreEventClass and kAEReopenApplication of
// AppleEvents.h.
const (
	coreEvents = 'a'<<24 | 'e'<<16 | 'v'<<8 | 't'
	reopen     = 'r'<<24 | 'a'<<16 | 'p'<<8 | 'p'
)

// reopened has f called, on the main thread, whenever the app is opened again.
// It may be called once, and after the app has finished launching, which puts
// AppKit's own handler there.
func reopened(f func()) error {
	handler, err := objc.RegisterClass("GatelightReopened", objc.GetClass("NSObject"), nil, nil, []objc.MethodDef{
		{
			Cmd: sel("listen:"),
			Fn: func(self objc.ID, _ objc.SEL, _ objc.ID) {
				class("NSAppleEventManager").Send(sel("sharedAppleEventManager")).Send(
					sel("setEventHandler:andSelector:forEventClass:andEventID:"),
					self, sel("reopened:withReplyEvent:"), uint32(coreEvents), uint32(reopen))
			},
		},
		{
			Cmd: sel("reopened:withReplyEvent:"),
			Fn:  func(_ objc.ID, _ objc.SEL, _, _ objc.ID) { f() },
		},
	})
	if err != nil {
		return fmt.Errorf("cannot hear of a second start: %w", err)
	}
	pooled(func() {
		// Nobody releases it: it handles for as long as the process lives.
		objc.ID(handler).Send(sel("alloc")).Send(sel("init")).Send(
			sel("performSelectorOnMainThread:withObject:waitUntilDone:"), sel("listen:"), objc.ID(0), false)
	})
	return nil
}
