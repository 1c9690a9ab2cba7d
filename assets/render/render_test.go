package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"testing"

	"github.com/jackmordaunt/icns/v3"
	"github.com/sergeymakinen/go-ico"
)

var assets = os.DirFS(assetsDir)

// Pictures are compared, not bytes: the compressor differs between versions of
// Go, and the last bit of a float between processors. Two runs on one machine
// give the same bytes.
func TestCommittedPicturesAreUpToDate(t *testing.T) {
	fresh, err := renderAll(assets)
	again, errAgain := renderAll(assets)
	if err != nil || errAgain != nil {
		t.Fatal(err, errAgain)
	}
	for name := range fresh {
		if !bytes.Equal(fresh[name], again[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	for name, want := range fresh {
		committed, err := fs.ReadFile(assets, name)
		if err != nil {
			t.Errorf("%v; run make icons", err)
			continue
		}
		if !samePictures(t, name, committed, want) {
			t.Errorf("%s is not what its SVG renders to; run make icons", name)
		}
	}
	for _, pattern := range []string{"png/*", "ico/*", "app/*.png", "app/*.icns"} {
		names, _ := fs.Glob(assets, pattern)
		for _, name := range names {
			if fresh[name] == nil {
				t.Errorf("%s has no SVG; run make icons", name)
			}
		}
	}
}

// The tray library sends the low bytes of RGBA(), and the panel reads them as a
// straight colour. Every other reader shows the colours of the PNG; the
// simplest one keeps the high bytes.
func TestPNGsAreRightInTheTrayAndElsewhere(t *testing.T) {
	var tray, others float64
	for _, ic := range icons(t) {
		for _, simulated := range []bool{false, true} {
			img, wide := committedPNG(t, ic.name, simulated).(*image.NRGBA64)
			if !wide {
				t.Fatalf("%s.png has 8 bits per channel, want 16", fileName(ic.name, simulated))
			}
			truth := ic.draw(pngSize, simulated)
			for y := range pngSize {
				for x := range pngSize {
					want := truth.NRGBAAt(x, y)
					tray = max(tray, weighted(lowBytes(img.NRGBA64At(x, y)), want))
					others = max(others, weighted(highBytes(img.NRGBA64At(x, y)), want))
				}
			}
		}
	}
	t.Logf("worst pixel: %.2f %% off in the tray, %.2f %% off elsewhere", 100*tray, 100*others)
	if tray > .02 || others > .02 {
		t.Errorf("worst pixel: %.2f %% off in the tray, %.2f %% off elsewhere; want 2 %% or less", 100*tray, 100*others)
	}
}

func TestWidenKeepsEveryColour(t *testing.T) {
	for alpha := range 256 {
		for v := range 256 {
			want := color.NRGBA{uint8(v), uint8(255 - v), 0, uint8(alpha)}
			if alpha == 0 {
				want = color.NRGBA{}
			}
			n := widen(want)
			if got := lowBytes(n); got != want || n.A != uint16(alpha)*0x101 {
				t.Fatalf("%v: low bytes are %v, of %v", want, got, n)
			}
			if off := weighted(highBytes(n), want); off > .005 {
				t.Fatalf("%v: high bytes are %v, %.2f %% off", want, highBytes(n), 100*off)
			}
		}
	}
}

func lowBytes(c color.NRGBA64) color.NRGBA {
	r, g, b, a := c.RGBA()
	return color.NRGBA{uint8(r), uint8(g), uint8(b), uint8(a)}
}

func highBytes(c color.NRGBA64) color.NRGBA {
	return color.NRGBA{uint8(c.R >> 8), uint8(c.G >> 8), uint8(c.B >> 8), uint8(c.A >> 8)}
}

// weighted is the error of a colour on the screen, 0..1: the largest error of
// its channels, scaled by its opacity.
func weighted(got, want color.NRGBA) float64 {
	off := func(a, b uint8) float64 { return math.Abs(float64(a)-float64(b)) / 255 }
	worst := max(off(got.R, want.R), off(got.G, want.G), off(got.B, want.B))
	return max(off(got.A, want.A), worst*float64(want.A)/255)
}

// minDistance is the smallest distance allowed between two pictures. The empty
// ring and the ring with a dot are the closest pair, at 0.25. A dot nearer to its
// ring would blur into it at 16 pixels.
const minDistance = .24

func TestSilhouettesDiffer(t *testing.T) {
	for _, size := range []int{16, 22} {
		for _, simulated := range []bool{false, true} {
			all := icons(t)
			closest, pair := 1.0, ""
			for i, a := range all {
				for _, b := range all[i+1:] {
					if d := distance(a.draw(size, simulated), b.draw(size, simulated)); d < closest {
						closest, pair = d, a.name+" and "+b.name
					}
				}
			}
			want := minDistance
			if simulated { // the badge is the same in all
				want *= .75
			}
			t.Logf("%d pixels, simulated %v, closest: %s, %.3f", size, simulated, pair, closest)
			if closest < want {
				t.Errorf("%d pixels, simulated %v: %s differ in %.2f of their shape, want %.2f", size, simulated, pair, closest, want)
			}
		}
	}
}

// Small dots and thin strokes become pale pixels, in which nobody sees a shape.
// Three quarters of a picture of 16 pixels must be in pixels that are opaque by
// two thirds or more. A dotted ring with dots of one pixel has 0.65.
func TestPicturesAreNotPaleAt16Pixels(t *testing.T) {
	for _, ic := range icons(t) {
		var opaque, all int
		img := ic.draw(16, false)
		for i := 3; i < len(img.Pix); i += 4 {
			all += int(img.Pix[i])
			if img.Pix[i] >= 0xaa {
				opaque += int(img.Pix[i])
			}
		}
		share := float64(opaque) / float64(all)
		t.Logf("%-13s %.2f", ic.name, share)
		if share < .75 {
			t.Errorf("%s: %.2f of it is in opaque pixels, want 0.75", ic.name, share)
		}
	}
}

// Blue is for what a person must do, and for nothing else: the other colours say
// how it is. Amber is for waiting. A deuteranope sees blue, too.
func TestWhatAPersonMustDoHasAColourOfItsOwn(t *testing.T) {
	blue := color.NRGBA{0x2f, 0x7c, 0xf6, 0xff}
	for _, ic := range icons(t) {
		c := mainColour(committedPNG(t, ic.name, false))
		if must := ic.name == "two-factor" || ic.name == "needs-you"; must != (c == blue) {
			t.Errorf("%s: a person must act: %v, but its colour is #%02x%02x%02x", ic.name, must, c.R, c.G, c.B)
		}
		if seen := deuteranope(c); c == blue && (seen.B < 0xc0 || seen.R > 0x40) {
			t.Errorf("%s: a deuteranope sees #%02x%02x%02x", ic.name, seen.R, seen.G, seen.B)
		}
	}
}

// distance is 1 - IoU (intersection over union) of two alpha masks: 0 for the
// same shape, 1 for shapes that do not overlap.
func distance(a, b *image.NRGBA) float64 {
	var both, either int
	for i := 3; i < len(a.Pix); i += 4 {
		both += int(min(a.Pix[i], b.Pix[i]))
		either += int(max(a.Pix[i], b.Pix[i]))
	}
	return 1 - float64(both)/float64(either)
}

func icons(t *testing.T) []icon {
	t.Helper()
	all, err := loadIcons(assets)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func decodePNG(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func samePictures(t *testing.T, name string, a, b []byte) bool {
	t.Helper()
	decode := func(data []byte) []image.Image {
		if path.Ext(name) == ".png" {
			return []image.Image{decodePNG(t, data)}
		}
		decodeAll := ico.DecodeAll
		if path.Ext(name) == ".icns" {
			decodeAll = icns.DecodeAll
		}
		all, err := decodeAll(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return all
	}
	as, bs := decode(a), decode(b)
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if !similar(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// similar allows three 8-bit steps: one for the opacity, one for the colour and
// one for widen.
func similar(a, b image.Image) bool {
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			ar, ag, ab, aa := a.At(x, y).RGBA()
			br, bg, bb, ba := b.At(x, y).RGBA()
			for _, d := range []int{int(ar) - int(br), int(ag) - int(bg), int(ab) - int(bb), int(aa) - int(ba)} {
				if abs(d) > 3*0x101 {
					return false
				}
			}
		}
	}
	return true
}

// macOS looks for 16, 32, 128, 256 and 512 points, each at the ordinary and at
// twice the resolution. It scales the ordinary 16 and 32 down from the bigger
// ones.
func TestAppIconHasEverySize(t *testing.T) {
	data, err := fs.ReadFile(assets, "app/gatelight.icns")
	if err != nil {
		t.Fatal(err)
	}
	images, err := icns.DecodeAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, img := range images {
		got = append(got, img.Bounds().Dx())
		if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
			t.Errorf("at %d pixels its corner is not transparent", img.Bounds().Dx())
		}
	}
	if want := []int{1024, 512, 512, 256, 256, 128, 64, 32}; !slices.Equal(got, want) {
		t.Errorf("it holds %v pixels, want %v", got, want)
	}
}
