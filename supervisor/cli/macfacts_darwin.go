package cli

import (
	"context"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
	"golang.org/x/sys/unix"

	"gatelight/packaging"
	"gatelight/supervisor/doctor"
	"gatelight/supervisor/settings"
)

// macFacts reads what doctor wants to know of this Mac. What cannot be read stays
// empty.
func macFacts(p settings.Paths) func(context.Context) doctor.MacFacts {
	return func(ctx context.Context) doctor.MacFacts {
		var f doctor.MacFacts
		f.Version, _ = unix.Sysctl("kern.osproductversion")
		if woke, err := unix.SysctlTimeval("kern.waketime"); err == nil && woke.Sec > 0 {
			f.WokeAt = time.Unix(woke.Sec, 0)
		}
		appFacts(&f)
		if f.App != "" {
			f.Signature = printedBy(ctx, "/usr/bin/codesign", "-d", "--verbose=2", f.App)
		}
		f.Lid = lidClosed(printedBy(ctx, "/usr/sbin/ioreg", "-r", "-k", "AppleClamshellState", "-d", "1"))
		f.Power = printedBy(ctx, "/usr/bin/pmset", "-g", "systemstate")
		if f.MenuBar = readMenuBar(p); f.MenuBar != nil {
			err := syscall.Kill(f.MenuBar.PID, 0)
			f.MenuBarLives = f.MenuBar.PID > 0 && (err == nil || errors.Is(err, syscall.EPERM))
		}
		return f
	}
}

// printedBy is all that a program prints: codesign writes to its standard error.
func printedBy(ctx context.Context, program string, args ...string) string {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, program, args...).CombinedOutput()
	return string(out)
}

// appFacts asks AppKit, which knows the apps.
func appFacts(f *doctor.MacFacts) {
	const appKit = "/System/Library/Frameworks/AppKit.framework/AppKit"
	if _, err := purego.Dlopen(appKit, purego.RTLD_LAZY|purego.RTLD_GLOBAL); err != nil {
		return
	}
	sel := objc.RegisterName
	class := func(name string) objc.ID { return objc.ID(objc.GetClass(name)) }
	text := func(id objc.ID) string {
		if id == 0 {
			return ""
		}
		return objc.Send[string](id, sel("UTF8String"))
	}
	withAutoreleasePool(func() {
		main := class("NSBundle").Send(sel("mainBundle"))
		f.Bundle = text(main.Send(sel("bundleIdentifier")))
		if path := text(main.Send(sel("bundlePath"))); strings.HasSuffix(path, ".app") {
			f.App = path
		}
		id := class("NSString").Send(sel("stringWithUTF8String:"), packaging.BundleID)
		running := class("NSRunningApplication").Send(sel("runningApplicationsWithBundleIdentifier:"), id)
		if running != 0 {
			f.Copies = new(objc.Send[int](running, sel("count")))
		}
		// macOS 12 has this method; it is the oldest that we support.
		known := class("NSWorkspace").Send(sel("sharedWorkspace")).Send(sel("URLsForApplicationsWithBundleIdentifier:"), id)
		for i := range objc.Send[int](known, sel("count")) {
			f.Registered = append(f.Registered, text(known.Send(sel("objectAtIndex:"), i).Send(sel("path"))))
		}
	})
}
