package tray

import (
	"time"

	"gatelight/supervisor"
)

// StatusText is the menu of a status for a terminal: see [Text].
func StatusText(w supervisor.Status, now time.Time, colour bool) string {
	return Text(View(w, Program{}, now), colour)
}
