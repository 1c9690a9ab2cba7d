//go:build panel

package e2e

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"gatelight/tray/fakedesktop"
	"gatelight/tray/panel"
)

// How soon the light is there after the program was started: make bench-tray.
var icons = flag.Int("icons", 0, "measure so many times how soon the icon is there")

const neverStarted = "down-expected" // the picture of a Gateway that was never started

func TestHowSoonTheIconIsOnTheBus(t *testing.T) {
	if *icons == 0 {
		t.Skip("a measurement: make bench-tray")
	}
	b := newHarness(t, quick)
	b.desktop = fakedesktop.Start(t)
	var there, right []time.Duration
	for range *icons {
		began := time.Now()
		tray, item := b.startTray()
		there = append(there, time.Since(began))
		b.awaitIcon(item, neverStarted)
		right = append(right, time.Since(began))
		tray.stop()
		if err := b.desktop.Await(t.Context(), "the icon to go", func() bool { return b.desktop.Items() == 0 }); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Printf("%d starts on a bare session bus, to        median    worst\n", *icons)
	row("an icon registered", there)
	row("the right picture in it", right)
}

func TestHowSoonTheIconIsOnTheScreen(t *testing.T) {
	if *icons == 0 {
		t.Skip("a measurement: make bench-tray")
	}
	screen := startPanel(t)
	b := newHarness(t, quick)
	b.env = screen.Env()
	want := panel.Picture{Name: neverStarted, Simulated: true}
	var alone, whole, beyond []time.Duration
	for range *icons {
		i, err := screen.NewFakeItem(want)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := i.Register(); err != nil {
			t.Fatal(err)
		}
		alone = append(alone, awaitPixels(t, screen, want).Sub(began))
		i.Close()
		awaitEmpty(t, screen)

		began = time.Now()
		tray := b.start()
		whole = append(whole, awaitPixels(t, screen, want).Sub(began))
		tray.stop()
		awaitEmpty(t, screen)
	}
	own := median(alone)
	for _, d := range whole {
		beyond = append(beyond, d-own)
	}
	fmt.Printf("%d starts on a real panel                  median    worst\n", *icons)
	row("the panel by itself, from registering", alone)
	row("from the start to the pixels", whole)
	row("of that, beyond the panel's own median", beyond)
}

// awaitPixels is when the picture was first seen in the panel.
func awaitPixels(t *testing.T, s *panel.Screen, want panel.Picture) time.Time {
	t.Helper()
	at, err := s.AwaitIcon(want)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func awaitEmpty(t *testing.T, s *panel.Screen) {
	t.Helper()
	if err := s.AwaitEmpty(); err != nil {
		t.Fatal(err)
	}
}
