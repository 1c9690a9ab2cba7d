//go:build linux

package panel

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"time"

	"gatelight/assets"
)

// A Picture is one of the pictures in assets, as it was recognised.
type Picture struct {
	Name      string
	Simulated bool
}

func (p Picture) String() string {
	if p.Simulated {
		return p.Name + " (simulated)"
	}
	return p.Name
}

// A Found picture is on the screen at a place, and off by so much.
type Found struct {
	Picture
	At         image.Rectangle
	Difference float64 // mean difference of a colour channel, 0 to 255
}

func (f Found) String() string {
	return fmt.Sprintf("%v at %v, off by %.1f", f.Picture, f.At, f.Difference)
}

// maxDifference is the greatest Off of a picture that is there. The toolkit's way of
// scaling differs from ours by up to 3.9; the two pictures that are most alike,
// starting and its simulated variant on a light panel, by 6.7.
const maxDifference = 6

// Icon finds the light in the panel by its pixels.
func (s *Screen) Icon() (Found, error) {
	shot, err := s.rows(panelHeight * s.scale())
	if err != nil {
		return Found{}, err
	}
	best := recognise(shot, s.tray(shot), s.iconSize())
	if best.Difference > maxDifference {
		return best, fmt.Errorf("the panel shows no picture of ours; the nearest is %v", best)
	}
	return best, nil
}

// iconSize is how big the panel draws icons.
func (s *Screen) iconSize() int { return s.program().iconSize * s.scale() }

// tray is the end of the panel, where icons are.
func (s *Screen) tray(shot *image.RGBA) image.Rectangle {
	return image.Rect(shot.Rect.Max.X-4*panelHeight*s.scale(), 0, shot.Rect.Max.X, panelHeight*s.scale())
}

// AwaitIcon waits until the panel shows a picture, and returns when that was
// first seen. It looks every millisecond, but only thinks about what is new: to
// recognise a picture takes 20 ms, and a processor from those who are to show it.
func (s *Screen) AwaitIcon(want Picture) (seen time.Time, err error) {
	var nearest Found
	var last *image.RGBA
	for deadline := time.Now().Add(timeout); ; <-time.After(time.Millisecond) {
		shot, err := s.rows(panelHeight * s.scale())
		if err != nil {
			return time.Time{}, err
		}
		seen := time.Now()
		if last == nil || !Difference(last, shot, s.tray(shot)).Empty() {
			nearest = recognise(shot, s.tray(shot), s.iconSize())
			if nearest.Picture == want && nearest.Difference <= maxDifference {
				return seen, nil
			}
		}
		last = shot
		if seen.After(deadline) {
			return seen, fmt.Errorf("waited %v in vain for the icon %v; the nearest is %v", timeout, want, nearest)
		}
	}
}

// AwaitEmpty waits until the panel shows no icon at all.
func (s *Screen) AwaitEmpty() error {
	return await("an empty panel", func() bool {
		shot, err := s.rows(panelHeight * s.scale())
		return err == nil && math.IsInf(recognise(shot, s.tray(shot), s.iconSize()).Difference, 1)
	})
}

// recognise finds the picture, and the place for it, that fits best into a part
// of a shot. The part's last pixel is what an empty panel looks like.
func recognise(shot *image.RGBA, part image.Rectangle, size int) Found {
	empty := shot.RGBAAt(part.Max.X-1, part.Max.Y-2)
	best := Found{Difference: math.Inf(1)}
	used := Difference(shot, filled(shot.Rect, empty), part)
	if used.Empty() {
		return best
	}
	for _, name := range assets.Names {
		for _, simulated := range []bool{false, true} {
			want := Scaled(assets.PNG(name, simulated), size, empty)
			// A picture may have an empty border of its own, and the panel's edge
			// lines count as used.
			for y := part.Min.Y; y <= part.Max.Y-size; y++ {
				for x := max(part.Min.X, used.Min.X-size/4); x <= min(part.Max.X-size, used.Max.X); x++ {
					if off := difference(shot, want, x, y, best.Difference); off < best.Difference {
						best = Found{Picture{name, simulated}, image.Rect(x, y, x+size, y+size), off}
					}
				}
			}
		}
	}
	return best
}

// difference is the mean difference between a picture and a place in a shot; it
// stops counting once that is more than enough.
func difference(shot, want *image.RGBA, x0, y0 int, enough float64) float64 {
	size := want.Rect.Dx()
	all := float64(3 * size * size)
	sum := 0
	for y := range size {
		a, b := shot.Pix[shot.PixOffset(x0, y0+y):], want.Pix[y*want.Stride:]
		for x := 0; x < 4*size; x += 4 {
			for c := range 3 {
				d := int(a[x+c]) - int(b[x+c])
				sum += max(d, -d)
			}
		}
		if float64(sum)/all > enough {
			break
		}
	}
	return float64(sum) / all
}

// Scaled is a picture at another size on a plain ground: each pixel is the mean
// of those it covers.
func Scaled(file []byte, size int, ground color.RGBA) *image.RGBA {
	src, err := png.Decode(bytes.NewReader(file))
	if err != nil {
		panic("[unexpected] an embedded picture does not decode: " + err.Error())
	}
	const fine = 4 // samples of a pixel in each direction
	out := image.NewRGBA(image.Rect(0, 0, size, size))
	from := src.Bounds()
	for y := range size {
		for x := range size {
			var sum [4]float64
			for i := range fine * fine {
				sx := from.Min.X + (x*fine+i%fine)*from.Dx()/(size*fine)
				sy := from.Min.Y + (y*fine+i/fine)*from.Dy()/(size*fine)
				r, g, b, a := src.At(sx, sy).RGBA() // premultiplied
				for c, v := range [4]uint32{r, g, b, a} {
					sum[c] += float64(v) / (0xffff * fine * fine)
				}
			}
			mix := func(c int, under uint8) uint8 {
				return uint8(math.Round(255*sum[c] + (1-sum[3])*float64(under)))
			}
			out.SetRGBA(x, y, color.RGBA{mix(0, ground.R), mix(1, ground.G), mix(2, ground.B), 255})
		}
	}
	return out
}

func filled(r image.Rectangle, c color.RGBA) *image.RGBA {
	img := image.NewRGBA(r)
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = c.R, c.G, c.B, c.A
	}
	return img
}
