//go:build linux

package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"os"
	"path/filepath"
	"sort"
)

// tour are the pictures that the moving one shows, in the order of a bad day.
var tour = []string{"connected.png", "down.png", "two-factor.png", "connected.png", "silent.png", "zombies.png", "connected.png"}

// frameTime is how long each is shown, in hundredths of a second.
const frameTime = 280

// makeMovie puts the pictures of a folder together into an animated GIF, at the right
// upper edge of a screen, where the icon is.
func makeMovie(folder, file string) error {
	var frames []image.Image
	var canvas image.Rectangle
	for _, name := range tour {
		f, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			return err
		}
		img, err := png.Decode(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		frames = append(frames, img)
		size := img.Bounds().Size()
		canvas.Max = image.Pt(max(canvas.Max.X, size.X), max(canvas.Max.Y, size.Y))
	}
	ground := frames[0].At(frames[0].Bounds().Min.X, frames[0].Bounds().Max.Y-1)
	movie := &gif.GIF{}
	var whole []*image.RGBA
	counts := map[color.RGBA]int{}
	for _, img := range frames {
		frame := image.NewRGBA(canvas)
		draw.Draw(frame, canvas, image.NewUniform(ground), image.Point{}, draw.Src)
		at := image.Rectangle{Min: image.Pt(canvas.Max.X-img.Bounds().Dx(), 0), Max: canvas.Max}
		draw.Draw(frame, at, img, img.Bounds().Min, draw.Src)
		for y := range canvas.Max.Y {
			for x := range at.Min.X { // the panel goes on to the left
				frame.SetRGBA(x, y, frame.RGBAAt(at.Min.X, y))
			}
			for x := range canvas.Max.X {
				counts[frame.RGBAAt(x, y)]++
			}
		}
		whole = append(whole, frame)
	}
	colours := mostUsed(counts, 256)
	for _, frame := range whole {
		paletted := image.NewPaletted(canvas, colours)
		draw.Draw(paletted, canvas, frame, image.Point{}, draw.Src)
		movie.Image, movie.Delay = append(movie.Image, paletted), append(movie.Delay, frameTime)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := gif.EncodeAll(out, movie); err != nil {
		return err
	}
	return out.Close()
}

// mostUsed are the n colours that are used most; those that are close to a more used
// one are left out, so that the rare ones have a place, too.
func mostUsed(counts map[color.RGBA]int, n int) color.Palette {
	all := make([]color.RGBA, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if counts[a] != counts[b] {
			return counts[a] > counts[b]
		}
		return [3]uint8{a.R, a.G, a.B} != [3]uint8{b.R, b.G, b.B} && (a.R < b.R || a.R == b.R && (a.G < b.G || a.G == b.G && a.B < b.B))
	})
	for near := 24; ; near /= 2 { // per channel
		var palette color.Palette
		for _, c := range all {
			if len(palette) < n && !hasNear(palette, c, near) {
				palette = append(palette, c)
			}
		}
		if len(palette) == n || near == 0 {
			return palette
		}
	}
}

func hasNear(palette color.Palette, c color.RGBA, near int) bool {
	for _, p := range palette {
		q := p.(color.RGBA)
		if far := max(distance(q.R, c.R), distance(q.G, c.G), distance(q.B, c.B)); far <= near {
			return true
		}
	}
	return false
}

func distance(a, b uint8) int { return max(int(a)-int(b), int(b)-int(a)) }
