//go:build linux

package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"gatelight/assets"
	"gatelight/tray/panel"
)

// The screen of the movie, at scale 1, and the strip below it with the captions. The
// widest menu and an alert under it fit on it.
var (
	movieSize  = image.Pt(620, 400)
	stripColor = color.RGBA{0x18, 0x1b, 0x1e, 0xff}
)

const (
	stripHeight = 52
	captionSize = 15.5 // of its font
)

// A movie is what a person does with the demo, and sees of it.
type movie struct {
	*panel.Screen
	gif     gif.GIF
	last    *image.RGBA // the newest frame
	icon    string      // shown in the strip
	caption *image.RGBA
}

// takeMovie plays the demo on a panel, and writes what is to be seen as a GIF.
func takeMovie(path string) error {
	dir, err := os.MkdirTemp("", "movie-") // short enough for sockets
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe, err := build(dir)
	if err != nil {
		return err
	}
	m := &movie{}
	o := panel.Options{Dark: true, Theme: "Greybird-dark", Font: "Inter", Scale: 2, Size: movieSize}
	// Each part has a demo of its own: several drops in a minute would be told as one
	// Gateway that keeps dropping.
	for _, part := range []struct {
		scenario string
		scenes   []func() error
	}{{"drop", m.drop()}, {"zombies", m.zombies()}} {
		err := onDesktop(dir, exe, part.scenario, o, func(s *panel.Screen) error {
			m.Screen = s
			for _, scene := range part.scenes {
				if err := scene(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &m.gif); err != nil {
		return err
	}
	fmt.Printf("%s %v, %d frames, %d bytes\n", filepath.Base(path), m.last.Rect.Size(), len(m.gif.Image), file.Len())
	return os.WriteFile(path, file.Bytes(), 0o644)
}

// drop is a Gateway that crashes, and is started again from the menu.
func (m *movie) drop() []func() error {
	return []func() error{
		m.await("two-factor"),
		m.alert,
		m.say("two-factor", "A login waits. Blue means that you must act: here, in IBKR Mobile."),
		m.frame(2800 * time.Millisecond),
		m.await("connected"),
		m.closeAlerts,
		m.menu(),
		m.say("connected", "The API answers. Your scripts ask Gatelight; nobody asks the port."),
		m.frame(2800 * time.Millisecond),
		func() error { return m.CloseMenu() },

		m.await("down"),
		m.alert,
		m.say("down", "The Gateway is killed. The icon is red at once, and one alert says why."),
		m.frame(2600 * time.Millisecond),
		m.menu("Start"),
		m.say("down", "Start it again from the menu."),
		m.frame(2200 * time.Millisecond),
		m.choose,
		m.await("starting"),
		m.say("starting", "IBC starts the Gateway and logs in."),
		m.frame(1200 * time.Millisecond),
		m.await("connected"),
		m.newAlert,
		m.say("connected", "It is back, and the alert says for how long it was away."),
		m.frame(2400 * time.Millisecond),
	}
}

// zombies are sockets that the Gateway does not close, and what clears them.
func (m *movie) zombies() []func() error {
	return []func() error{
		m.await("connected"),
		m.closeAlerts,
		m.await("zombies"),
		m.alert,
		m.say("zombies", "A script has probed the port. Its sockets are stuck, and block the API."),
		m.frame(2600 * time.Millisecond),
		m.menu("Zombies (2)"),
		func() error { return m.Keys("Right") },
		m.say("zombies", "The menu names the sockets, and who has opened them."),
		m.frame(1800 * time.Millisecond),
		func() error { return m.CloseMenu() },
		m.menu("Clear zombies…", "Restart it"),
		m.say("zombies", "Only a restart of the Gateway clears them. It needs no new login."),
		m.frame(2800 * time.Millisecond),
		m.choose,
		m.await("starting"),
		m.say("starting", "The Gateway restarts."),
		m.frame(1200 * time.Millisecond),
		m.await("connected"),
		m.newAlert,
		m.say("connected", "The API answers again."),
		m.frame(2800 * time.Millisecond),
	}
}

func (m *movie) await(icon string) func() error {
	return func() error {
		_, err := m.AwaitIcon(panel.Picture{Name: icon, Simulated: true})
		return err
	}
}

// alert waits until an alert is to be seen.
func (m *movie) alert() error {
	_, err := m.NotificationPixels()
	return err
}

func (m *movie) closeAlerts() error {
	_, err := m.CloseNotifications()
	return err
}

// newAlert waits until the alerts are others than in the newest frame.
func (m *movie) newAlert() error {
	return m.Await("another alert", func() bool {
		shot, err := m.Shot()
		if err != nil {
			return false
		}
		below := shot.Rect
		below.Min.Y = below.Max.Y / 2
		return !panel.Difference(m.last, shot, below).Empty()
	})
}

// menu opens the menu, with the way through it that is to be highlighted. The panel
// makes the menu as big as it was before, and fits it only the second time.
func (m *movie) menu(way ...string) func() error {
	return func() error {
		<-time.After(time.Second) // the first why of a state is about to change
		for _, step := range []func() error{m.openMenu, m.CloseMenu, m.openMenu} {
			if err := step(); err != nil {
				return err
			}
		}
		return m.Select(way...)
	}
}

func (m *movie) openMenu() error {
	_, err := m.OpenMenu()
	return err
}

// choose chooses what is highlighted.
func (m *movie) choose() error {
	if err := m.Keys("Return"); err != nil {
		return err
	}
	return m.Park()
}

// say sets the caption of the next frames, beside the picture of a state.
func (m *movie) say(icon, text string) func() error {
	return func() error {
		out, err := exec.Command("convert", "-background", fmt.Sprintf("#%02x%02x%02x", stripColor.R, stripColor.G, stripColor.B),
			"-fill", "#f0f0f0", "-font", "Inter-Medium", "-pointsize", fmt.Sprint(captionSize*float64(m.Scale)), "label:"+text, "png:-").Output()
		if err != nil {
			return fmt.Errorf("cannot draw a caption: %w", err)
		}
		img, err := png.Decode(bytes.NewReader(out))
		if err != nil {
			return err
		}
		m.icon, m.caption = icon, image.NewRGBA(img.Bounds())
		draw.Draw(m.caption, m.caption.Rect, img, img.Bounds().Min, draw.Src)
		if room := m.Scale*(movieSize.X-stripHeight) - margin; m.caption.Rect.Dx() > room {
			return fmt.Errorf("the caption %q is %d pixels wide; there are %d", text, m.caption.Rect.Dx(), room)
		}
		return nil
	}
}

// frame adds what the screen shows now, and shows it for so long. Only what has
// changed since the frame before is in the file.
func (m *movie) frame(long time.Duration) func() error {
	return func() error {
		<-time.After(150 * time.Millisecond) // the panel paints
		shot, err := m.Shot()
		if err != nil {
			return err
		}
		img := m.withStrip(shot)
		changed := img.Rect
		if m.last != nil {
			changed = panel.Difference(m.last, img, img.Rect)
		}
		m.last = img
		m.gif.Image = append(m.gif.Image, reduceColours(img.SubImage(changed).(*image.RGBA)))
		m.gif.Delay = append(m.gif.Delay, int(long/(10*time.Millisecond)))
		m.gif.Disposal = append(m.gif.Disposal, gif.DisposalNone)
		return nil
	}
}

// withStrip is a shot with the strip below it.
func (m *movie) withStrip(shot *image.RGBA) *image.RGBA {
	high := stripHeight * m.Scale
	img := image.NewRGBA(image.Rect(0, 0, shot.Rect.Dx(), shot.Rect.Dy()+high))
	draw.Draw(img, img.Rect, image.NewUniform(stripColor), image.Point{}, draw.Src)
	draw.Draw(img, shot.Rect, shot, image.Point{}, draw.Src)
	strip := image.Rect(0, shot.Rect.Max.Y, img.Rect.Max.X, img.Rect.Max.Y)
	icon := panel.Scaled(assets.PNG(m.icon, false), high*6/10, stripColor)
	draw.Draw(img, icon.Rect.Add(strip.Min).Add(image.Pt(high/5, high/5)), icon, image.Point{}, draw.Src)
	draw.Draw(img, m.caption.Rect.Add(strip.Min).Add(image.Pt(high, (high-m.caption.Rect.Dy())/2)), m.caption, image.Point{}, draw.Src)
	return img
}
