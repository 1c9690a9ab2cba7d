package tray

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

func TestAHiddenIconIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithTimeout(t.Context(), time.Hour)
		defer end()
		var told []string
		var reports []supervisor.MenuBarReport
		o := Options{Log: slog.New(slog.DiscardHandler), Where: "Make room.",
			MenuBar: func(r supervisor.MenuBarReport) error { reports = append(reports, r); return nil }}
		looks := 0
		barWatcher{o, func() (supervisor.MenuBarReport, bool) {
			looks++
			r := supervisor.MenuBarReport{Visible: true, X: 100, Width: 20, ScreenWidth: 1000}
			if looks > 2 {
				r.X = -1
			}
			return r, looks != 2
		}, func(what string, err error) { told = append(told, what+": "+err.Error()) }}.watch(ctx)
		if want := []string{"You cannot see the light: the menu bar is full. Make room."}; !slices.Equal(told, want) {
			t.Errorf("%q, want %q", told, want)
		}
		if last := reports[len(reports)-1]; len(reports) != looks || !last.Ended || last.X != -1 {
			t.Errorf("%d reports of %d looks; the last one is %+v", len(reports), looks, last)
		}
	})
}
