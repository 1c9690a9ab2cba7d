//go:build !windows

package tray

import "gatelight/assets"

// barShade is the shade of an icon in one colour. A panel of Linux tells nobody its
// colour. (macOS finds the shade itself.)
func barShade() assets.Shade { return assets.Grey }
