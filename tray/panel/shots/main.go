//go:build linux

// Command shots takes the README's pictures: the demo on a real panel, as a
// person sees it. It takes the folder to put them into, and before that movie or
// states for these alone.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"gatelight/tray/panel"
)

// A screenshot is one of the demo's moments.
type screenshot struct {
	file     string
	scenario string
	dark     bool
	show     func(*panel.Screen) (image.Rectangle, error) // what of the screen is to be seen
}

var screenshots = []screenshot{
	{"connected.png", "quiet", true, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "connected", false) }},
	{"two-factor.png", "quiet", true, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "two-factor", true) }},
	{"needs-you.png", "login", true, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "needs-you", true) }},
	{"silent.png", "hang", true, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "silent", true) }},
	{"down.png", "drop", true, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "down", true) }},
	{"down-light.png", "drop", false, func(s *panel.Screen) (image.Rectangle, error) { return menu(s, "down", true) }},
	{"zombies.png", "zombies", true, func(s *panel.Screen) (image.Rectangle, error) {
		return menu(s, "zombies", false, "Clear zombies…", "Restart it")
	}},
}

func main() {
	what, folder := "", os.Args[len(os.Args)-1]
	if len(os.Args) == 3 {
		what = os.Args[1]
	}
	if len(os.Args) < 2 || len(os.Args) > 3 || !slices.Contains([]string{"", "movie", "states"}, what) {
		fmt.Fprintln(os.Stderr, "usage: shots [movie|states] FOLDER")
		os.Exit(64)
	}
	var err error
	if what == "" {
		err = takeAll(folder)
	}
	if what != "movie" {
		err = errors.Join(err, takeStates(folder))
	}
	if err == nil && what != "states" {
		err = takeMovie(filepath.Join(folder, "tour.gif"))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "shots: %v\n", err)
		os.Exit(1)
	}
}

// errTooLate: the demo went on before the picture was taken, on a machine that is
// busy with something else.
var errTooLate = errors.New("the moment was over too soon")

const tries = 4

func takeAll(folder string) error {
	dir, err := os.MkdirTemp("", "shots-") // short enough for sockets
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe, err := build(dir)
	if err != nil {
		return err
	}
	for _, p := range screenshots {
		img, err := p.take(dir, exe)
		for try := 1; try < tries && errors.Is(err, errTooLate); try++ {
			img, err = p.take(dir, exe)
		}
		if err != nil {
			return fmt.Errorf("cannot take %s: %w", p.file, err)
		}
		if err := write(filepath.Join(folder, p.file), img); err != nil {
			return err
		}
		fmt.Printf("%s %v\n", p.file, img.Bounds().Size())
	}
	return nil
}

// build builds the program into a folder.
func build(dir string) (exe string, err error) {
	exe = filepath.Join(dir, "gatelight")
	if out, err := exec.Command("go", "build", "-o", exe, "gatelight").CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the program: %w: %s", err, out)
	}
	return exe, nil
}

// take brings up a desktop with the demo on it for one picture.
func (p screenshot) take(dir, exe string) (img image.Image, err error) {
	o := panel.Options{Dark: p.dark, Theme: "Adwaita", Font: "Inter", Scale: 2}
	if p.dark {
		o.Theme = "Greybird-dark"
	}
	err = onDesktop(dir, exe, p.scenario, o, func(screen *panel.Screen) error {
		seen, err := p.show(screen)
		if err != nil {
			return err
		}
		whole, err := screen.Shot()
		if err != nil {
			return err
		}
		img = reduceColours(crop(whole, seen.Inset(-margin).Intersect(whole.Rect)))
		return nil
	})
	return img, err
}

// onDesktop brings up a desktop with the demo on it. The demo's folder is in dir.
func onDesktop(dir, exe, scenario string, o panel.Options, do func(*panel.Screen) error) (err error) {
	desktop, err := os.MkdirTemp(dir, "")
	if err != nil {
		return err
	}
	screen, err := panel.Start(desktop, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, screen.Close()) }()
	demo := exec.Command(exe, "demo", "--scenario", scenario)
	demo.Env = append(append(os.Environ(), screen.Env()...), "TMPDIR="+dir)
	demo.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := demo.Start(); err != nil {
		return err
	}
	defer func() {
		demo.Process.Signal(os.Interrupt)
		demo.Wait() // it was interrupted
	}()
	return do(screen)
}

// menu waits for a state, and has its menu open, perhaps beside a notification, and
// with the way through it that is to be highlighted.
func menu(s *panel.Screen, state string, notification bool, way ...string) (seen image.Rectangle, err error) {
	if state != "connected" && state != "two-factor" && state != "needs-you" {
		// The notifications of the start are another story.
		if _, err := s.AwaitIcon(panel.Picture{Name: "connected", Simulated: true}); err != nil {
			return seen, err
		}
		if _, err := s.CloseNotifications(); err != nil {
			return seen, err
		}
	}
	if _, err := s.AwaitIcon(panel.Picture{Name: state, Simulated: true}); err != nil {
		return seen, err
	}
	if notification {
		if seen, err = s.NotificationPixels(); err != nil {
			return seen, err
		}
	} else if _, err := s.CloseNotifications(); err != nil {
		return seen, err
	}
	if state != "two-factor" { // which is soon over
		<-time.After(time.Second) // the first why of a state is about to change
	}
	icon, err := s.Icon()
	if err != nil {
		return seen, err
	}
	open, err := s.OpenMenu()
	if err != nil {
		return seen, err
	}
	seen = seen.Union(icon.At).Union(open)
	if len(way) > 0 {
		before, err := s.Shot()
		if err != nil {
			return seen, err
		}
		if err := s.Select(way...); err != nil {
			return seen, err
		}
		after, err := s.Shot()
		if err != nil {
			return seen, err
		}
		seen = seen.Union(panel.Difference(before, after, after.Rect))
	}
	if after, _ := s.Icon(); after.Name != state { // off by the ground of an icon that is pointed at
		return seen, fmt.Errorf("%w: instead of %s there is %v", errTooLate, state, after)
	}
	return seen, nil
}

// The margin around what is to be seen, in pixels.
const margin = 24

// crop crops a picture, and takes out what is nothing but desktop beyond a
// margin, as if the screen were smaller.
func crop(whole *image.RGBA, part image.Rectangle) *image.RGBA {
	var rows []int
	blank := 0
	desk := whole.RGBAAt(2, whole.Rect.Max.Y-2)
	for y := part.Min.Y; y < part.Max.Y; y++ {
		if plain(whole, part, y, desk) {
			blank++
		} else {
			blank = 0
		}
		if blank <= margin {
			rows = append(rows, y)
		}
	}
	img := image.NewRGBA(image.Rect(0, 0, part.Dx(), len(rows)))
	for to, from := range rows {
		copy(img.Pix[to*img.Stride:(to+1)*img.Stride], whole.Pix[whole.PixOffset(part.Min.X, from):])
	}
	return img
}

func plain(img *image.RGBA, part image.Rectangle, y int, c color.RGBA) bool {
	for x := part.Min.X; x < part.Max.X; x++ {
		if img.RGBAAt(x, y) != c {
			return false
		}
	}
	return true
}

// reduceColours leaves a picture the 256 colours that it has most of, which is nearly all
// that a desktop has, and makes the file half as big.
func reduceColours(img *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for y := img.Rect.Min.Y; y < img.Rect.Max.Y; y++ {
		for x := img.Rect.Min.X; x < img.Rect.Max.X; x++ {
			count[img.RGBAAt(x, y)]++
		}
	}
	order := func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(number(a), number(b)))
	}
	var palette color.Palette
	for _, c := range slices.SortedFunc(maps.Keys(count), order)[:min(256, len(count))] {
		palette = append(palette, c)
	}
	out := image.NewPaletted(img.Rect, palette)
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	return out
}

func number(c color.RGBA) int { return int(c.R)<<16 | int(c.G)<<8 | int(c.B) }

func write(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(encoder.Encode(f, img), f.Close())
}
