package packaging

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/ebitengine/purego"
	"github.com/ebitengine/purego/objc"
)

func thisSystem(getenv func(string) string) (format, store, error) {
	format, file, err := launchAgent(getenv)
	if err != nil {
		return format, file, err
	}
	return format, switchedStore{file,
		func() string {
			return agentOffBy(serviceStatus(file.String()), launchctlSays("print-disabled", userDomain()))
		},
		func() error {
			launchctlSays("enable", userDomain()+"/"+BundleID) // Status tells whether it has helped
			return nil
		}}, nil
}

// userDomain is launchd's name for what runs in the session of the user.
func userDomain() string { return fmt.Sprintf("gui/%d", os.Getuid()) }

// launchctlSays is what launchctl prints, "" when it fails.
func launchctlSays(args ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "/bin/launchctl", args...).Output()
	return string(out)
}

// serviceStatus is an SMAppServiceStatus of a LaunchAgent's file, -1 before macOS
// 13, which has no such switch in its settings.
func serviceStatus(path string) (status int) {
	const library = "/System/Library/Frameworks/ServiceManagement.framework/ServiceManagement"
	if _, err := purego.Dlopen(library, purego.RTLD_LAZY|purego.RTLD_GLOBAL); err != nil {
		return -1
	}
	service := objc.ID(objc.GetClass("SMAppService"))
	if service == 0 {
		return -1
	}
	sel := objc.RegisterName
	// An autorelease pool belongs to a thread, and a goroutine has none of its own.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pool := objc.ID(objc.GetClass("NSAutoreleasePool")).Send(sel("alloc")).Send(sel("init"))
	defer pool.Send(sel("drain"))
	text := objc.ID(objc.GetClass("NSString")).Send(sel("stringWithUTF8String:"), path)
	url := objc.ID(objc.GetClass("NSURL")).Send(sel("fileURLWithPath:"), text)
	return objc.Send[int](service, sel("statusForLegacyURL:"), url)
}
