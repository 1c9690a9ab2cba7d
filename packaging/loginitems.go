package packaging

import (
	"slices"
	"strings"
)

// On macOS a LaunchAgent can be switched off outside of its file: by the person
// in System Settings, and by `launchctl disable`.

// A switchedStore is a store whose command can be switched off elsewhere.
type switchedStore struct {
	store
	offBy  func() string // who has switched it off, "" for nobody
	enable func() error  // undoes what can be undone
}

func (s switchedStore) read() (text, disabledBy string, err error) {
	text, disabledBy, err = s.store.read()
	if err == nil && disabledBy == "" {
		disabledBy = s.offBy()
	}
	return text, disabledBy, err
}

func (s switchedStore) write(text string) error {
	if err := s.store.write(text); err != nil {
		return err
	}
	return s.enable()
}

// loginItems is where macOS has its own switch. Only the person can use it.
const loginItems = "System Settings > General > Login Items"

// launchctl is the other one.
const launchctl = "launchd, by launchctl disable"

// requiresApproval is SMAppServiceStatusRequiresApproval (SMAppService.h).
const requiresApproval = 2

// agentOffBy says who has switched the LaunchAgent off: by the status that
// SMAppService has of its file, and by what `launchctl print-disabled` prints.
func agentOffBy(status int, disabled string) string {
	switch {
	case status == requiresApproval:
		return loginItems
	case disabledByLaunchctl(disabled, BundleID):
		return launchctl
	}
	return ""
}

// disabledByLaunchctl reads lines such as `"com.example.agent" => disabled`;
// until macOS 11 it is `=> true`.
func disabledByLaunchctl(printed, label string) bool {
	for line := range strings.Lines(printed) {
		name, state, found := strings.Cut(strings.TrimSpace(line), " => ")
		if found && strings.Trim(name, `"`) == label {
			return slices.Contains([]string{"disabled", "true"}, state)
		}
	}
	return false
}
