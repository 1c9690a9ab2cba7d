package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// lightBar and darkBar are the colours of the desktop bars on which the icons
// must be readable: a light and a dark theme.
var (
	lightBar = color.NRGBA{0xf0, 0xf0, 0xf0, 0xff}
	darkBar  = color.NRGBA{0x20, 0x20, 0x20, 0xff}
)

var sheetSizes = []int{16, 22, 44}

// The sheet's geometry, in pixels.
const (
	sheetMargin = 12
	labelWidth  = 112
	rowHeight   = 56
	gap         = 12
	panelWidth  = 2*(16+22+44) + 7*gap
)

// A panel is one column of the sheet: the icons on one bar, through one filter.
type panel struct {
	title  string
	bar    color.NRGBA
	filter func(color.NRGBA) color.NRGBA
}

// encodeSheet draws the contact sheet: one row per icon and one column per
// panel. The filters are none, grey, what a deuteranope sees, and one colour. A cell holds
// the plain and the simulated icon in all sizes.
func encodeSheet(icons []icon) ([]byte, error) {
	inColour := func(c color.NRGBA) color.NRGBA { return c }
	panels := []panel{
		{"colour, light", lightBar, inColour},
		{"colour, dark", darkBar, inColour},
		{"grey, light", lightBar, grey},
		{"grey, dark", darkBar, grey},
		{"deuteranope, light", lightBar, deuteranope},
		{"deuteranope, dark", darkBar, deuteranope},
		// icon = "mono": on macOS and Windows black or white, as the bar needs; on Linux
		// grey, which has to do on both.
		{"mono, light", lightBar, mono(0x00)},
		{"mono, dark", darkBar, mono(0xff)},
		{"mono on Linux, light", lightBar, mono(monoGrey)},
		{"mono on Linux, dark", darkBar, mono(monoGrey)},
	}
	const top = sheetMargin + gap
	bottom := top + rowHeight*len(icons)
	sheet := image.NewNRGBA(image.Rect(0, 0, labelWidth+panelWidth*len(panels)+sheetMargin, bottom+sheetMargin))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	for i, p := range panels {
		x := labelWidth + i*panelWidth
		label(sheet, x+gap, top-5, p.title)
		draw.Draw(sheet, image.Rect(x, top, x+panelWidth, bottom), image.NewUniform(p.bar), image.Point{}, draw.Src)
	}
	for i, ic := range icons {
		y := top + i*rowHeight
		label(sheet, sheetMargin, y+rowHeight/2+4, ic.name)
		x := labelWidth + gap
		for _, simulated := range []bool{false, true} {
			for _, size := range sheetSizes {
				img := ic.draw(size, simulated)
				for j, p := range panels {
					at := image.Pt(x+j*panelWidth, y+(rowHeight-size)/2)
					draw.Draw(sheet, img.Rect.Add(at), filtered(img, p.filter), image.Point{}, draw.Over)
				}
				x += size + gap
			}
		}
	}
	var buf bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, sheet)
	return buf.Bytes(), err
}

func filtered(img *image.NRGBA, filter func(color.NRGBA) color.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			out.SetNRGBA(x, y, filter(img.NRGBAAt(x, y)))
		}
	}
	return out
}

func label(dst draw.Image, x, y int, text string) {
	d := font.Drawer{Dst: dst, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	d.DrawString(text)
}

// monoGrey is Grey of package assets, which is in another module.
const monoGrey = 0x7a

// mono keeps the opacity alone, as TrayMono of package assets does.
func mono(shade uint8) func(color.NRGBA) color.NRGBA {
	return func(c color.NRGBA) color.NRGBA { return color.NRGBA{shade, shade, shade, c.A} }
}

// grey keeps the luminance.
func grey(c color.NRGBA) color.NRGBA {
	l := companded(luminance(c))
	return color.NRGBA{l, l, l, c.A}
}

// luminance is the relative luminance of WCAG 2, 0..1.
// https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
func luminance(c color.NRGBA) float64 {
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}

// deuteranope is a colour as a deuteranope sees it. The matrix is that of
// Machado, Oliveira and Fernandes, "A Physiologically-based Model for
// Simulation of Color Vision Deficiency", IEEE TVCG 15(6), 2009: deuteranomaly,
// severity 1.0, on linear RGB.
func deuteranope(c color.NRGBA) color.NRGBA {
	r, g, b := linear(c.R), linear(c.G), linear(c.B)
	return color.NRGBA{
		companded(.367322*r + .860646*g - .227968*b),
		companded(.280085*r + .672501*g + .047413*b),
		companded(-.011820*r + .042940*g + .968881*b),
		c.A,
	}
}

// linear and companded are sRGB's transfer function in its two directions.
func linear(v uint8) float64 {
	f := float64(v) / 255
	if f <= .04045 {
		return f / 12.92
	}
	return math.Pow((f+.055)/1.055, 2.4)
}

func companded(f float64) uint8 {
	if f <= .0031308 {
		f *= 12.92
	} else {
		f = 1.055*math.Pow(f, 1/2.4) - .055
	}
	return uint8(math.Round(255 * min(max(f, 0), 1)))
}
