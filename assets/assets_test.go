package assets

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestEveryNameHasItsPictures(t *testing.T) {
	var sources []string
	entries, err := os.ReadDir("svg")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		sources = append(sources, strings.TrimSuffix(e.Name(), ".svg"))
	}
	slices.Sort(sources)
	if names := slices.Sorted(slices.Values(Names)); !slices.Equal(names, sources) {
		t.Errorf("Names are %v, svg holds %v", names, sources)
	}
	for _, name := range Names {
		if svg := SVG(name); !bytes.HasPrefix(svg, []byte("<svg ")) {
			t.Errorf("SVG(%q) is %.20q", name, svg)
		}
		for _, simulated := range []bool{false, true} {
			if got := decode(t, PNG(name, simulated)).Bounds(); got != image.Rect(0, 0, 64, 64) {
				t.Errorf("PNG(%q, %v) measures %v", name, simulated, got)
			}
			if !bytes.HasPrefix(ICO(name, simulated), []byte{0, 0, 1, 0, 3, 0}) {
				t.Errorf("ICO(%q, %v) is no icon of three sizes", name, simulated)
			}
		}
	}
}

func TestUnknownNamePanics(t *testing.T) {
	for _, name := range []string{"", "conected", "down-sim", "../svg/down"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("PNG(%q, true) did not panic", name)
				}
			}()
			PNG(name, true)
		}()
	}
}

// 3:1 is what WCAG 2.2 asks of graphics (success criterion 1.4.11). The bars
// are those of a light and of a dark desktop theme.
func TestMainColourStandsOutOnAnyBar(t *testing.T) {
	bars := map[string]color.NRGBA{
		"light": {0xf0, 0xf0, 0xf0, 0xff},
		"dark":  {0x20, 0x20, 0x20, 0xff},
	}
	for _, name := range Names {
		c := mainColour(decode(t, PNG(name, false)))
		for bar, b := range bars {
			got := contrast(c, b)
			t.Logf("%-13s #%02x%02x%02x on %-5s %.2f:1", name, c.R, c.G, c.B, bar, got)
			if got < 3 {
				t.Errorf("%s: #%02x%02x%02x has %.2f:1 on a %s bar, want 3:1", name, c.R, c.G, c.B, got, bar)
			}
		}
	}
}

// At least a tenth of the box must change, and it must be the badge's corner:
// elsewhere the simulated picture is the plain one.
func TestSimulatedLooksDifferent(t *testing.T) {
	for _, name := range Names {
		plain, simulated := decode(t, PNG(name, false)), decode(t, PNG(name, true))
		corner, elsewhere := 0, 0
		for y := range 64 {
			for x := range 64 {
				switch same := plain.At(x, y) == simulated.At(x, y); {
				case same:
				case x >= 32 && y >= 32:
					corner++
				default:
					elsewhere++
				}
			}
		}
		if corner < 64*64/10 || elsewhere > 0 {
			t.Errorf("%s: simulated differs in %d pixels of the lower right corner (want %d or more) and %d elsewhere (want 0)",
				name, corner, 64*64/10, elsewhere)
		}
	}
}

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
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

// contrast is https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + .05) / (min(la, lb) + .05)
}

func luminance(c color.NRGBA) float64 {
	linear := func(v uint8) float64 {
		f := float64(v) / 255
		if f <= .04045 {
			return f / 12.92
		}
		return math.Pow((f+.055)/1.055, 2.4)
	}
	return .2126*linear(c.R) + .7152*linear(c.G) + .0722*linear(c.B)
}
