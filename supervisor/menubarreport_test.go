package supervisor

import "testing"

func TestAnIconThatCannotBeSeenIsFound(t *testing.T) {
	seen := MenuBarReport{Visible: true, OnScreen: true, X: 1100, Width: 40, ScreenWidth: 1512, NotchFrom: 660, NotchTo: 850}
	for _, tt := range []struct {
		name   string
		change func(*MenuBarReport)
		want   string
	}{
		{"beside the notch", func(*MenuBarReport) {}, ""},
		{"a screen without a notch", func(r *MenuBarReport) { r.X, r.NotchFrom, r.NotchTo = 700, 0, 0 }, ""},
		{"a full screen", func(r *MenuBarReport) { r.OnScreen = false }, ""}, // it may come back
		{"just beside the notch", func(r *MenuBarReport) { r.X = 850 }, ""},
		{"half below the notch", func(r *MenuBarReport) { r.X = 830 }, "the camera's notch covers it"},
		{"taken out", func(r *MenuBarReport) { r.Visible = false }, "it was taken out of the menu bar"},
		{"no room", func(r *MenuBarReport) { r.X = -20 }, "the menu bar is full"},
		{"no place", func(r *MenuBarReport) { *r = MenuBarReport{Visible: true} }, "macOS gives it no place in the menu bar"},
	} {
		r := seen
		tt.change(&r)
		if got := r.Hidden(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
