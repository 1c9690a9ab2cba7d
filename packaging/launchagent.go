package packaging

import (
	"errors"
	"path/filepath"

	"gatelight/packaging/macos/plist"
)

// launchAgent is the autostart of macOS: a LaunchAgent (man 5 launchd.plist).
// launchd reads its folder at login.
func launchAgent(getenv func(string) string) (format, store, error) {
	dir, err := homeDir(getenv)
	if err != nil {
		return format{}, nil, err
	}
	return format{writeAgent, readAgent}, fileStore(filepath.Join(dir, "Library", "LaunchAgents", BundleID+".plist")), nil
}

// throttleSeconds is the least time between two starts, in seconds. launchd's
// default of 10 is too short where a mistake in the settings ends the program
// at once each time.
const throttleSeconds = 30

func writeAgent(argv []string) (string, error) {
	text, err := plist.Encode(plist.Dict{
		{Key: "Label", Value: BundleID},
		{Key: "ProgramArguments", Value: argv},
		{Key: "RunAtLoad", Value: true},
		// launchd starts it again after a crash, but not after Quit.
		{Key: "KeepAlive", Value: plist.Dict{{Key: "SuccessfulExit", Value: false}}},
		{Key: "ThrottleInterval", Value: throttleSeconds},
		{Key: "LimitLoadToSessionType", Value: "Aqua"}, // where there is a menu bar
		{Key: "ProcessType", Value: "Interactive"},     // no throttling of CPU and disk
		// The Gateway lives on when launchd ends the program. It has a process group
		// of its own already.
		{Key: "AbandonProcessGroup", Value: true},
		// The name and the icon in the list of login items (macOS 13).
		{Key: "AssociatedBundleIdentifiers", Value: BundleID},
	})
	return string(text), err
}

func readAgent(text string) (argv []string, disabledBy string, err error) {
	d, err := plist.Decode([]byte(text))
	if err != nil {
		return nil, "", err
	}
	argv, _ = d.Get("ProgramArguments").([]string)
	if d.Get("Label") != BundleID {
		return nil, "", errors.New("its label belongs to another program")
	}
	if d.Get("Disabled") == true || d.Get("RunAtLoad") != true {
		disabledBy = "the file itself"
	}
	return argv, disabledBy, nil
}
