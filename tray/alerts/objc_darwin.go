package alerts

import (
	"runtime"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

// This file is what the notification centre needs of the Objective-C runtime.
// Objects that a call returns live until the pool that it ran in ends, unless
// they are retained.

func class(name string) objc.ID { return objc.ID(objc.GetClass(name)) }

func sel(name string) objc.SEL { return objc.RegisterName(name) }

// pooled gives f an autorelease pool, which belongs to a thread: a goroutine
// has none of its own.
func pooled(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := class("NSAutoreleasePool").Send(sel("alloc")).Send(sel("init"))
	defer pool.Send(sel("drain"))
	f()
}

// nsString of bytes that are not UTF-8 would be nil, and end the process where
// text is needed.
func nsString(s string) objc.ID {
	return class("NSString").Send(sel("stringWithUTF8String:"), strings.ToValidUTF8(s, "\uFFFD"))
}

// goString of nil is "".
func goString(s objc.ID) string {
	if s == 0 {
		return ""
	}
	return objc.Send[string](s, sel("UTF8String"))
}

func nsArray(items ...objc.ID) objc.ID {
	array := class("NSMutableArray").Send(sel("array"))
	for _, item := range items {
		array.Send(sel("addObject:"), item)
	}
	return array
}

// callBlock runs a block that the system has handed us: its invoke function is the
// third word, and takes the block itself first (clang's Block-ABI-Apple,
// "High Level"). The library calls blocks of its own making alone.
func callBlock(b objc.Block, args ...uintptr) {
	block := *(*unsafe.Pointer)(unsafe.Pointer(&b))
	invoke := *(*uintptr)(unsafe.Add(block, 2*unsafe.Sizeof(uintptr(0))))
	purego.SyscallN(invoke, append([]uintptr{uintptr(b)}, args...)...)
}
