package main

import (
	"fmt"
	"image"
	"image/color"
	"io/fs"
	"strings"
	"testing"
)

// 3:1 is the contrast that WCAG 2.2 asks of graphics (success criterion
// 1.4.11).
func TestMainColourIsReadableOnLightAndDarkBars(t *testing.T) {
	bars := map[string]color.NRGBA{"light": lightBar, "dark": darkBar}
	for _, ic := range icons(t) {
		c := mainColour(committedPNG(t, ic.name, false))
		for name, bar := range bars {
			got := contrast(c, bar)
			t.Logf("%-13s #%02x%02x%02x on %-5s %.2f:1", ic.name, c.R, c.G, c.B, name, got)
			if got < 3 {
				t.Errorf("%s: #%02x%02x%02x has %.2f:1 on a %s bar, want 3:1", ic.name, c.R, c.G, c.B, got, name)
			}
		}
	}
}

// At least a tenth of the picture must change, in the corner of the badge only:
// elsewhere the simulated picture is the plain one.
func TestSimulatedPictureDiffersInTheBadgeOnly(t *testing.T) {
	for _, ic := range icons(t) {
		plain, simulated := committedPNG(t, ic.name, false), committedPNG(t, ic.name, true)
		corner, elsewhere := 0, 0
		for y := range pngSize {
			for x := range pngSize {
				switch same := plain.At(x, y) == simulated.At(x, y); {
				case same:
				case x >= pngSize/2 && y >= pngSize/2:
					corner++
				default:
					elsewhere++
				}
			}
		}
		if least := pngSize * pngSize / 10; corner < least || elsewhere > 0 {
			t.Errorf("%s: simulated differs in %d pixels of the lower right corner (want %d or more) and %d elsewhere (want 0)",
				ic.name, corner, least, elsewhere)
		}
	}
}

func TestTheSheetsGreyIsThatOfTheTray(t *testing.T) {
	source, err := fs.ReadFile(assets, "mono.go")
	if want := fmt.Sprintf("\n\tGrey  Shade = %#x\n", monoGrey); err != nil || !strings.Contains(string(source), want) {
		t.Errorf("mono.go has no %q: %v", want, err)
	}
}

// committedPNG is a picture as it is in the repository.
func committedPNG(t *testing.T, name string, simulated bool) image.Image {
	t.Helper()
	data, err := fs.ReadFile(assets, "png/"+fileName(name, simulated)+".png")
	if err != nil {
		t.Fatal(err)
	}
	return decodePNG(t, data)
}

// mainColour is the most frequent colour among the opaque pixels.
func mainColour(img image.Image) color.NRGBA {
	count := map[color.NRGBA]int{}
	var most color.NRGBA
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if c.A != 0xff {
				continue
			}
			if count[c]++; count[c] > count[most] {
				most = c
			}
		}
	}
	return most
}

// contrast is the contrast ratio of two colours, 1..21.
// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}
