package tray

import (
	"fmt"

	"github.com/ebitengine/purego/objc"
)

// The event that macOS sends to an app that is opened while it runs, instead of
// starting it a second time: kCoreEventClass and kAEReopenApplication of
// AppleEvents.h.
const (
	coreEvents = 'a'<<24 | 'e'<<16 | 'v'<<8 | 't'
	reopen     = 'r'<<24 | 'a'<<16 | 'p'<<8 | 'p'
)

// onSecondStart has f called, on the main thread, whenever the app is opened
// again. It may be called once, and after the app has finished launching, when
// AppKit has set its own handler.
func onSecondStart(f func()) error {
	handler, err := objc.RegisterClass("GatelightReopened", objc.GetClass("NSObject"), nil, nil, []objc.MethodDef{
		{
			Cmd: objc.RegisterName("listen:"),
			Fn: func(self objc.ID, _ objc.SEL, _ objc.ID) {
				class("NSAppleEventManager").Send(objc.RegisterName("sharedAppleEventManager")).Send(
					objc.RegisterName("setEventHandler:andSelector:forEventClass:andEventID:"),
					self, objc.RegisterName("reopened:withReplyEvent:"), uint32(coreEvents), uint32(reopen))
			},
		},
		{
			Cmd: objc.RegisterName("reopened:withReplyEvent:"),
			Fn:  func(_ objc.ID, _ objc.SEL, _, _ objc.ID) { f() },
		},
	})
	if err != nil {
		return fmt.Errorf("cannot learn of a second start: %w", err)
	}
	pooled(func() {
		// Nobody releases the handler: it lives as long as the process.
		newObject(objc.ID(handler)).Send(objc.RegisterName("performSelectorOnMainThread:withObject:waitUntilDone:"),
			objc.RegisterName("listen:"), objc.ID(0), false)
	})
	return nil
}

func class(name string) objc.ID { return objc.ID(objc.GetClass(name)) }

func newObject(class objc.ID) objc.ID {
	return class.Send(objc.RegisterName("alloc")).Send(objc.RegisterName("init"))
}
