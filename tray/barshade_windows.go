package tray

import (
	"golang.org/x/sys/windows/registry"

	"gatelight/assets"
)

// themePath is where Windows keeps, for the user, whether the taskbar is light
// (Settings > Personalization > Colors > Default Windows mode).
const themePath = `Software\Microsoft\Windows\CurrentVersion\Themes\Personalize`

// barShade is the shade of an icon in one colour: black on a light taskbar, and
// white on a dark one, as the icons of Windows itself. A Windows that says nothing
// is older than light taskbars (1903).
func barShade() assets.Shade { return shadeIn(themePath) }

func shadeIn(path string) assets.Shade {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.QUERY_VALUE)
	if err != nil {
		return assets.White
	}
	defer key.Close()
	if light, _, err := key.GetIntegerValue("SystemUsesLightTheme"); err == nil && light != 0 {
		return assets.Black
	}
	return assets.White
}
