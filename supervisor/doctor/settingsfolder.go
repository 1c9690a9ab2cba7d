package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatelight/supervisor/ibc"
)

// settingsFolder checks the folder of the Gateway's settings. IBC's script ends
// when it does not exist. It also looks there for the file autorestart, with
// which the Gateway starts again without a login, and there is more than one way
// in which it then finds none.
func (c gatewayCheck) settingsFolder() {
	const check = "settings path"
	path := c.IBC.TWSSettingsPath
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		c.failure(check, "start the Gateway once by hand, make the folder, or set tws_settings_path",
			"the Gateway's settings folder %s is not there, and IBC ends without it", path)
		return
	case err != nil:
		c.failure(check, "fix its permissions, or set tws_settings_path", "the Gateway's settings folder: %v", err)
		return
	case !info.IsDir():
		c.failure(check, "set tws_settings_path", "the Gateway's settings folder %s is not a folder", path)
		return
	}
	if ibc.Simulated(c.IBC.Path) {
		return
	}
	if c.Machine.OS != "windows" && c.unfitForScript(path) {
		return
	}
	c.autoRestart(path)
}

// unfitForScript names what ibcstart.sh cannot handle (find_auto_restart: it
// calls find without following links, uses what that prints without quotes, and
// takes the folder for a pattern).
func (c gatewayCheck) unfitForScript(path string) bool {
	const check = "settings path"
	const lost = "IBC does not find the file with which the Gateway restarts without a login, and every restart needs one"
	switch info, err := os.Lstat(strings.TrimRight(path, "/")); {
	case strings.ContainsAny(path, " \t\n"):
		c.failure(check, "set tws_settings_path to a folder without one", "there is a space in %s, which IBC's script cannot handle", path)
	case strings.ContainsAny(path, `*?[]'"\`):
		c.failure(check, "set tws_settings_path to a folder without them", "there are quotes, backslashes or one of * ? [ ] in %s: %s", path, lost)
	case !filepath.IsAbs(path):
		c.failure(check, "set tws_settings_path to a path that begins with / or ~", "%s is not a whole path, and IBC is not started in the folder that you mean", path)
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		c.failure(check, "set tws_settings_path = \""+linkTarget(path)+"\", where it leads", "%s is a link, which IBC's script does not follow: %s", path, lost)
	default:
		return false
	}
	return true
}

// linkTarget is where a link leads, or the link if it leads nowhere.
func linkTarget(link string) string {
	if target, err := filepath.EvalSymlinks(link); err == nil {
		return target
	}
	return link
}

// autoRestart looks at the files named autorestart. The Gateway writes one just
// before it ends to be started again, into the user's folder in its settings
// folder: IBC looks exactly one level down, and starts the Gateway again with
// the one that it finds there.
func (c gatewayCheck) autoRestart(path string) {
	const check = "autorestart"
	if file := filepath.Join(path, "autorestart"); isRegular(file) && c.Machine.OS != "windows" {
		c.failure(check, "remove it: rm "+file, "%s lies where IBC takes it for one of several: it starts the Gateway again after every end, with a full login", file)
		return
	}
	found, err := filepath.Glob(filepath.Join(escapeGlob(path), "*", "autorestart"))
	if err != nil {
		return // the pattern is ours
	}
	var files, stale []string
	for _, file := range found {
		if info, err := os.Lstat(file); err == nil && info.Mode().IsRegular() {
			files = append(files, file)
			if info.ModTime().Before(weekBegan(c.Now())) {
				stale = append(stale, file)
			}
		}
	}
	switch {
	case len(files) > 1:
		c.failure(check, "remove the older ones, and give Gateways that share the folder different times in AutoRestartTime, or a tws_settings_path each",
			"there are %d files named autorestart below %s (%s): IBC cannot tell which one counts and deletes all, so that the next restart needs a login",
			len(files), path, strings.Join(files, ", "))
	case len(stale) > 0:
		c.failure(check, "remove it: rm "+stale[0]+", then the next start is a full login",
			"%s is from before Sunday 01:00 in New York, when a full login was due: the Gateway would be started with it, not be logged in, and wait at its login window", stale[0])
	}
}

func isRegular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// escapeGlob makes a path a pattern that means itself. Windows has no such
// characters in its names, and no escape.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// weekBegan is the last Sunday, 01:00 in New York: IBKR wants a full login with
// the second factor in each week, and what a Gateway has kept from before does
// not count any more (IBKR, TWS user guide, auto restart).
func weekBegan(now time.Time) time.Time {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic("[unexpected] " + err.Error()) // the supervisor package embeds the zones
	}
	now = now.In(ny)
	began := time.Date(now.Year(), now.Month(), now.Day()-int(now.Weekday()), 1, 0, 0, 0, ny)
	if began.After(now) {
		began = began.AddDate(0, 0, -7)
	}
	return began
}
