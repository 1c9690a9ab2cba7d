package assets

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"runtime"
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
			picture := PNG(name, simulated)
			if got := decode(t, picture).Bounds(); got != image.Rect(0, 0, 64, 64) {
				t.Errorf("PNG(%q, %v) measures %v", name, simulated, got)
			}
			ico, err := os.ReadFile("ico/" + fileName(name, simulated) + ".ico")
			if err != nil || !bytes.HasPrefix(ico, []byte{0, 0, 1, 0, 3, 0}) {
				t.Errorf("%s, simulated %v: not an ICO of three sizes: %v", name, simulated, err)
			}
			want := picture
			if runtime.GOOS == "windows" {
				want = ico
			}
			if !bytes.Equal(Tray(name, simulated), want) {
				t.Errorf("Tray(%q, %v) is in the wrong format", name, simulated)
			}
			want = monoPNG(picture, Grey)
			if runtime.GOOS == "windows" {
				want = monoICO(ico, Grey)
			}
			if !bytes.Equal(TrayMono(name, simulated, Grey), want) {
				t.Errorf("TrayMono(%q, %v, Grey) is in the wrong format", name, simulated)
			}
		}
	}
	if got := decode(t, App()).Bounds(); got != image.Rect(0, 0, 128, 128) {
		t.Errorf("App() measures %v", got)
	}
}

func TestAnUnknownPictureNamePanics(t *testing.T) {
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

func decode(t *testing.T, data []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
