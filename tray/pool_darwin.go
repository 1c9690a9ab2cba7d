package tray

import (
	"runtime"

	"github.com/ebitengine/purego/objc"
)

// pooled gives f an autorelease pool, which belongs to a thread: a goroutine has
// none of its own, and what the toolkit makes in f would never be freed.
func pooled(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := newObject(class("NSAutoreleasePool"))
	defer pool.Send(objc.RegisterName("drain"))
	f()
}
