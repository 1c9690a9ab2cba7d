package doctor

import (
	"os"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor/ibc/config"
)

// sharedSettings finds what makes two Gateways lose each other's autorestart
// file, and a Gateway that keeps its settings where IBC does not look. What the
// check of config.ini has found already is not said again: it compares the
// folders by name, and this one by what they are.
func (c gatewayCheck) sharedSettings(f config.File, found []config.Finding) {
	const check = "autorestart"
	said := func(key string) bool {
		return slices.ContainsFunc(found, func(f config.Finding) bool { return f.Key == key && f.Severity == config.Error })
	}
	folder := settingsOf(f, c.IBC.TWSSettingsPath)
	if !sameFolder(folder, c.IBC.TWSSettingsPath) && !said("IbDir") {
		c.failure(check, "take IbDir out of config.ini, or set tws_settings_path to it",
			"IbDir in config.ini is another folder than tws_settings_path, %s: IBC looks for the autorestart file there, and the Gateway writes it to IbDir, so that every restart needs a login",
			c.IBC.TWSSettingsPath)
	}
	at, ok := restartTime(f)
	if !ok || said("AutoRestartTime") {
		return
	}
	for _, other := range c.all {
		b, err := config.Read(other.IBC.Config)
		if err != nil || other.Name == c.Name {
			continue
		}
		theirs := config.Parse(b)
		if t, ok := restartTime(theirs); ok && t.Equal(at) && sameFolder(folder, settingsOf(theirs, other.IBC.TWSSettingsPath)) {
			c.failure(check, "give them different times in AutoRestartTime, 15 minutes apart, or a tws_settings_path each",
				"the Gateways %s and %s have the same settings folder and restart at the same time, %s: IBC then deletes the autorestart files of both, and neither restarts without a login",
				c.Name, other.Name, at.Format(clock12))
		}
	}
}

// clock12 is how AutoRestartTime is written.
const clock12 = "03:04 PM"

// restartTime is when the Gateway of a config.ini restarts, if it is set there.
func restartTime(f config.File) (time.Time, bool) {
	text := strings.ToUpper(strings.TrimSpace(f.Value("AutoRestartTime")))
	for _, layout := range []string{clock12, "3:04 PM"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// settingsOf is where the Gateway of a config.ini keeps its settings.
func settingsOf(f config.File, settingsPath string) string {
	if dir := strings.TrimSpace(f.Value("IbDir")); dir != "" {
		return dir
	}
	return settingsPath
}

// sameFolder reports that two paths lead to the same folder.
func sameFolder(a, b string) bool {
	if a == b {
		return true
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}
