package cli

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// userInitiatedActivity is NSActivityUserInitiatedAllowingIdleSystemSleep of
// NSProcessInfo.h: 0x00FFFFFF without NSActivityIdleSystemSleepDisabled. The
// Mac itself may sleep.
const userInitiatedActivity uint64 = 0x00FFFFFF &^ (1 << 20)

// preventAppNap keeps macOS from slowing this program's timers, as it does with programs
// that have no window (App Nap: a tick a second has become one in eight).
func preventAppNap() (end func(), err error) {
	const foundation = "/System/Library/Frameworks/Foundation.framework/Foundation"
	if _, err := purego.Dlopen(foundation, purego.RTLD_LAZY|purego.RTLD_GLOBAL); err != nil {
		return func() {}, fmt.Errorf("cannot open %s: %w", foundation, err)
	}
	sel := objc.RegisterName
	var process, activity objc.ID
	withAutoreleasePool(func() {
		process = objc.ID(objc.GetClass("NSProcessInfo")).Send(sel("processInfo")) // lives as long as we
		reason := objc.ID(objc.GetClass("NSString")).Send(sel("stringWithUTF8String:"), "watching a Gateway")
		activity = process.Send(sel("beginActivityWithOptions:reason:"), userInitiatedActivity, reason).Send(sel("retain"))
	})
	if activity == 0 {
		return func() {}, errors.New("macOS gives no activity to hold")
	}
	return func() {
		withAutoreleasePool(func() {
			process.Send(sel("endActivity:"), activity)
			activity.Send(sel("release"))
		})
	}, nil
}

// withAutoreleasePool gives f an autorelease pool, which belongs to a thread.
func withAutoreleasePool(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := objc.ID(objc.GetClass("NSAutoreleasePool")).Send(objc.RegisterName("alloc")).Send(objc.RegisterName("init"))
	defer pool.Send(objc.RegisterName("drain"))
	f()
}
