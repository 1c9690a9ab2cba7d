package supervisor

import "time"

// A MenuBarReport is where the icon is in the menu bar of macOS. The program that
// shows it writes it down, and doctor reads it. Lengths are in points.
type MenuBarReport struct {
	PID     int       `json:"pid"` // of the program that shows the icon
	At      time.Time `json:"at"`
	Visible bool      `json:"visible"` // it was not taken out of the bar
	// On the screen that it is on. OnScreen is false while a full screen hides the
	// bar, too.
	OnScreen    bool    `json:"on_screen"`
	X           float64 `json:"x"`
	Width       float64 `json:"width"`
	ScreenWidth float64 `json:"screen_width"`
	// The part of the bar that the camera covers; both are 0 for none.
	NotchFrom float64 `json:"notch_from"`
	NotchTo   float64 `json:"notch_to"`
	Ended     bool    `json:"ended"` // the program came to its end in order
}

// Hidden says why the icon cannot be seen, "" when nothing is known to hide it.
func (r MenuBarReport) Hidden() string {
	switch {
	case !r.Visible:
		return "it was taken out of the menu bar"
	case r.Width <= 0 || r.ScreenWidth <= 0:
		return "macOS gives it no place in the menu bar"
	case r.X < 0 || r.X+r.Width > r.ScreenWidth:
		return "the menu bar is full"
	case r.X < r.NotchTo && r.X+r.Width > r.NotchFrom:
		return "the camera's notch covers it"
	}
	return ""
}
