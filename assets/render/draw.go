package main

import (
	"bytes"
	"image"
	"image/color"
	"math"

	"github.com/srwiley/oksvg"
	"github.com/srwiley/rasterx"
)

// viewBox is the side of every SVG's coordinate system.
const viewBox = 64

// oversample is how many rendered pixels make one final pixel, per axis. The
// rasteriser smooths edges by itself, but blends two shapes that share a pixel
// as if they were unrelated. The gaps of a picture of 16 pixels need better
// than that. Big pictures need less, and a factor of 8 would take 268 MB at
// 1024 pixels.
const (
	oversample  = 8
	maxRendered = 1024 // pixels, per axis
)

// An icon is a parsed SVG. Each size is drawn from the outlines, not scaled
// down from a bigger picture.
type icon struct {
	name string
	svg  *oksvg.SvgIcon
}

func parseIcon(name string, source []byte) (icon, error) {
	svg, err := oksvg.ReadIconStream(bytes.NewReader(source), oksvg.StrictErrorMode)
	return icon{name, svg}, err
}

// draw renders the icon at size × size, with the badge when simulated.
func (ic icon) draw(size int, simulated bool) *image.NRGBA {
	factor := min(oversample, max(1, maxRendered/size))
	n := size * factor
	big := image.NewRGBA(image.Rect(0, 0, n, n))
	scale := float64(n) / viewBox
	dasher := rasterx.NewDasher(n, n, rasterx.NewScannerGV(n, n, big, big.Bounds()))
	for _, p := range ic.svg.SVGPaths {
		p.LineWidth *= scale // oksvg scales outlines, but not strokes
		p.DrawTransformed(dasher, 1, rasterx.Identity.Scale(scale, scale))
	}
	if simulated {
		drawBadge(big)
	}
	return shrink(big, factor)
}

// The badge marks a simulated Gateway. It is a dot in the lower right corner.
// The numbers are in units of the view box. The white rim separates the dot
// from the icon, the transparent gap separates the rim from the icon.
const (
	badgeCentre = 50.0
	badgeDot    = 8.5
	badgeRim    = 12.0
	badgeGap    = 16.0
)

var (
	badgeBlue  = color.RGBA{0x1f, 0x6f, 0xeb, 0xff}
	badgeWhite = color.RGBA{0xff, 0xff, 0xff, 0xff}
)

// drawBadge draws the badge over an icon. The badge is code, not SVG, because
// its gap must erase what is below it.
func drawBadge(img *image.RGBA) {
	scale := viewBox / float64(img.Rect.Dx())
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			d := math.Hypot((float64(x)+.5)*scale-badgeCentre, (float64(y)+.5)*scale-badgeCentre)
			switch {
			case d < badgeDot:
				img.SetRGBA(x, y, badgeBlue)
			case d < badgeRim:
				img.SetRGBA(x, y, badgeWhite)
			case d < badgeGap:
				img.SetRGBA(x, y, color.RGBA{})
			}
		}
	}
}

// shrink averages squares of factor × factor pixels. Its input is
// premultiplied, so the average weighs each colour by its opacity.
func shrink(big *image.RGBA, factor int) *image.NRGBA {
	size := big.Rect.Dx() / factor
	out := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			var r, g, b, a uint32
			for dy := range factor {
				i := big.PixOffset(x*factor, y*factor+dy)
				for row := big.Pix[i : i+4*factor]; len(row) > 0; row = row[4:] {
					r, g, b, a = r+uint32(row[0]), g+uint32(row[1]), b+uint32(row[2]), a+uint32(row[3])
				}
			}
			count := uint32(factor * factor)
			alpha := (a + count/2) / count
			if alpha < 4 {
				continue // invisible; its colour would be a rounding error
			}
			straight := func(sum uint32) uint8 { return uint8(min(0xff, (sum*0xff+a/2)/a)) }
			out.SetNRGBA(x, y, color.NRGBA{straight(r), straight(g), straight(b), uint8(alpha)})
		}
	}
	return out
}
