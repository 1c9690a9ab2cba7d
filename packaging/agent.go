package packaging

import (
	"errors"
	"path/filepath"

	"gatelight/packaging/macos/plist"
)

// agentSystem is macOS (man 5 launchd.plist). launchd reads the folder at login.
func agentSystem(getenv func(string) string) (form, place, error) {
	dir, err := home(getenv)
	if err != nil {
		return form{}, nil, err
	}
	return form{writeAgent, readAgent}, file(filepath.Join(dir, "Library", "LaunchAgents", BundleID+".plist")), nil
}

// throttle is how many seconds lie between two starts. launchd's own 10 are too
// few where a mistake in the settings ends each of them at once.
const throttle = 30

func writeAgent(argv []string) (string, error) {
	text, err := plist.Encode(plist.Dict{
		{Key: "Label", Value: BundleID},
		{Key: "ProgramArguments", Value: argv},
		{Key: "RunAtLoad", Value: true},
		// Started again after a crash, but not after Quit.
		{Key: "KeepAlive", Value: plist.Dict{{Key: "SuccessfulExit", Value: false}}},
		{Key: "ThrottleInterval", Value: throttle},
		{Key: "LimitLoadToSessionType", Value: "Aqua"}, // where there is a menu bar
		{Key: "ProcessType", Value: "Interactive"},     // no throttling of CPU and disk
	})
	return string(text), err
}

func readAgent(text string) (argv []string, off string, err error) {
	d, err := plist.Decode([]byte(text))
	if err != nil {
		return nil, "", err
	}
	argv, _ = d.Get("ProgramArguments").([]string)
	if d.Get("Label") != BundleID {
		return nil, "", errors.New("its label is another program's")
	}
	if d.Get("Disabled") == true || d.Get("RunAtLoad") != true {
		off = "the file itself"
	}
	return argv, off, nil
}
