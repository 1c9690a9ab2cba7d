//go:build linux

package main

import (
	"errors"
	"fmt"
	"image"
	"image/draw"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"gatelight/tray/panel"
)

// states are the icons of the demo's tour, in the order in which a sheet has them.
var states = []string{"connected", "cut-off", "silent", "zombies", "down", "starting", "listening", "two-factor", "needs-you", "unknown", "down-expected"}

// tourTakes is how long the demo's tour takes at most.
const tourTakes = 4 * time.Minute

// takeStates puts the menu of each state into one picture, for a dark and for a light
// bar.
func takeStates(folder string) error {
	dir, err := os.MkdirTemp("", "shots-") // short enough for sockets
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe, err := build(dir)
	if err != nil {
		return err
	}
	for name, o := range map[string]panel.Options{
		"states-dark.png":  {Dark: true, Theme: "Greybird-dark", Font: "Inter", Scale: 1},
		"states-light.png": {Theme: "Adwaita", Font: "Inter", Scale: 1},
	} {
		sheet, err := sheetOf(filepath.Join(dir, name), exe, o)
		if err == nil {
			err = write(filepath.Join(folder, name), reduceColours(sheet))
		}
		if err != nil {
			return fmt.Errorf("cannot take %s: %w", name, err)
		}
		fmt.Println(name, sheet.Rect.Size())
	}
	return nil
}

func sheetOf(dir, exe string, o panel.Options) (sheet *image.RGBA, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	screen, err := panel.Start(dir, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, screen.Close()) }()
	demo := exec.Command(exe, "demo", "--scenario", "tour")
	demo.Env = append(os.Environ(), screen.Env()...)
	demo.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := demo.Start(); err != nil {
		return nil, err
	}
	defer func() {
		demo.Process.Signal(os.Interrupt)
		demo.Wait() // it was interrupted
	}()
	taken := map[string]image.Image{}
	for late := time.Now().Add(tourTakes); len(taken) < len(states) && time.Now().Before(late); <-time.After(50 * time.Millisecond) {
		icon, err := screen.Icon()
		if err != nil || taken[icon.Name] != nil || !slices.Contains(states, icon.Name) {
			continue
		}
		if _, err := screen.CloseNotifications(); err != nil {
			return nil, err
		}
		// xfce gives a menu that has become longer or shorter its new height when it is
		// opened for the second time.
		for range 2 {
			open, err := screen.OpenMenu()
			if err != nil {
				break // the demo has gone on
			}
			shot, err := screen.Shot()
			if err != nil {
				return nil, err
			}
			now, _ := screen.Icon()
			if now.Name == icon.Name {
				taken[icon.Name] = shot.SubImage(open.Union(icon.At))
			}
			if err := screen.CloseMenu(); err != nil {
				return nil, err
			}
			if now.Name != icon.Name {
				break
			}
		}
	}
	return arrange(taken)
}

// arrange puts the pictures beside and below each other, three in a row.
func arrange(taken map[string]image.Image) (*image.RGBA, error) {
	const columns, gap = 3, 16
	var cell image.Point
	for _, name := range states {
		if taken[name] == nil {
			return nil, fmt.Errorf("%s was not seen; of the states there are %d", name, len(taken))
		}
		size := taken[name].Bounds().Size()
		cell = image.Pt(max(cell.X, size.X), max(cell.Y, size.Y))
	}
	rows := (len(states) + columns - 1) / columns
	sheet := image.NewRGBA(image.Rect(0, 0, columns*(cell.X+gap)+gap, rows*(cell.Y+gap)+gap))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	for i, name := range states {
		at := image.Pt(gap+i%columns*(cell.X+gap), gap+i/columns*(cell.Y+gap))
		img := taken[name]
		draw.Draw(sheet, image.Rectangle{at, at.Add(img.Bounds().Size())}, img, img.Bounds().Min, draw.Src)
	}
	return sheet, nil
}
