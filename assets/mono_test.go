package assets

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"math"
	"os"
	"testing"
)

// A picture in one colour has the shape of the coloured one, and nothing else.
func TestMonoIsTheShapeInOneShade(t *testing.T) {
	for _, name := range Names {
		for _, simulated := range []bool{false, true} {
			for _, shade := range []Shade{Black, Grey, White} {
				coloured, mono := decode(t, PNG(name, simulated)), decode(t, monoPNG(PNG(name, simulated), shade))
				for y := range 64 {
					for x := range 64 {
						c := mono.At(x, y).(color.NRGBA64)
						if _, _, _, a := coloured.At(x, y).RGBA(); uint32(c.A) != a {
							t.Fatalf("%s, simulated %v: the opacity at %d, %d is %x, want %x", name, simulated, x, y, c.A, a)
						}
						if r, g, b, _ := c.RGBA(); c.A > 0 && (Shade(r) != shade || Shade(g) != shade || Shade(b) != shade) {
							t.Fatalf("%s, simulated %v: the tray library on Linux reads %x %x %x at %d, %d, want %x", name, simulated, r&0xff, g&0xff, b&0xff, x, y, shade)
						}
						off := math.Abs(float64(c.R>>8)-float64(shade)) * float64(c.A) / 0xffff
						if off > 2 || c.R != c.G || c.R != c.B {
							t.Fatalf("%s, simulated %v: every other reader sees %v at %d, %d, want %x", name, simulated, c, x, y, shade)
						}
					}
				}
			}
		}
	}
}

func TestMonoICOHasEverySizeInOneShade(t *testing.T) {
	for _, name := range Names {
		data, err := os.ReadFile("ico/" + name + ".ico")
		if err != nil {
			t.Fatal(err)
		}
		coloured, mono := pictures(t, data), pictures(t, monoICO(data, White))
		if len(coloured) != 3 || len(mono) != 3 {
			t.Fatalf("%s: %d pictures of %d", name, len(mono), len(coloured))
		}
		for i, want := range coloured {
			got, ok := mono[i].(*image.NRGBA)
			if !ok || got.Rect != want.Bounds() {
				t.Fatalf("%s: %T %v, want 8 bits per channel, and %v", name, mono[i], mono[i].Bounds(), want.Bounds())
			}
			for j := 0; j < len(got.Pix); j += 4 {
				a := want.(*image.NRGBA).Pix[j+3]
				if c := got.Pix[j:][:4]; c[3] != a || !bytes.Equal(c[:3], []byte{0xff, 0xff, 0xff}) && a > 0 {
					t.Fatalf("%s, %d pixels: %v is not white with the opacity %d", name, got.Rect.Dx(), c, a)
				}
			}
		}
	}
}

// pictures are those in an ICO; its entries are as wide as they say.
func pictures(t *testing.T, ico []byte) (all []image.Image) {
	t.Helper()
	for i := range int(binary.LittleEndian.Uint16(ico[4:])) {
		entry := ico[6+16*i:][:16]
		size, offset := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		img := decode(t, ico[offset:][:size])
		if img.Bounds().Dx() != int(entry[0]) {
			t.Errorf("an entry for %d pixels has %d", entry[0], img.Bounds().Dx())
		}
		all = append(all, img)
	}
	return all
}

// Nothing but the shape tells the pictures apart. They are compared at 16 pixels,
// scaled down as a panel does it. See minDistance in render/render_test.go.
func TestMonoPicturesDifferInShape(t *testing.T) {
	const least = .24
	for i, a := range Names {
		for _, b := range Names[i+1:] {
			var both, either float64
			pa, pb := decode(t, monoPNG(PNG(a, false), Grey)), decode(t, monoPNG(PNG(b, false), Grey))
			for y := 0; y < 64; y += 4 {
				for x := 0; x < 64; x += 4 {
					va, vb := opacity(pa, x, y), opacity(pb, x, y)
					both, either = both+min(va, vb), either+max(va, vb)
				}
			}
			if d := 1 - both/either; d < least {
				t.Errorf("%s and %s differ in %.2f of their shape, want %.2f", a, b, d, least)
			}
		}
	}
}

// opacity is the mean of a square of 4 × 4 pixels, 0 to 1.
func opacity(img image.Image, x, y int) (sum float64) {
	for dy := range 4 {
		for dx := range 4 {
			_, _, _, a := img.At(x+dx, y+dy).RGBA()
			sum += float64(a) / 0xffff / 16
		}
	}
	return sum
}

// 3:1 is the contrast that WCAG 2.2 asks of graphics (success criterion 1.4.11).
// The grey has more on either bar. White and black are for bars that are known.
func TestShadesAreReadable(t *testing.T) {
	luminance := func(v Shade) float64 { // of sRGB
		if f := float64(v) / 255; f > .04045 {
			return math.Pow((f+.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	for _, c := range []struct {
		shade, bar Shade
		want       float64
	}{{Grey, 0xf0, 3.7}, {Grey, 0x20, 3.7}, {Black, 0xf0, 10}, {White, 0x20, 10}} {
		a, b := luminance(c.shade), luminance(c.bar)
		got := (max(a, b) + .05) / (min(a, b) + .05)
		t.Logf("%x on %x: %.2f:1", c.shade, c.bar, got)
		if got < c.want {
			t.Errorf("%x on %x has %.2f:1, want %.1f:1", c.shade, c.bar, got, c.want)
		}
	}
}

func BenchmarkTrayMono(b *testing.B) {
	for b.Loop() {
		TrayMono("unknown", true, Grey)
	}
}
