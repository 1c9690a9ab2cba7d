package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io/fs"

	"github.com/jackmordaunt/icns/v3"
)

// appSizes are the sizes of the PNGs that Linux desktops look for beside the
// SVG, in pixels (Icon Theme Specification; 48 must be there).
var appSizes = []int{48, 128, 256}

// icnsTypes are the types of picture in an ICNS file that hold a PNG, with
// their size in pixels. A size that is there twice is n points on an ordinary
// screen, and n/2 points on a screen with twice the resolution.
var icnsTypes = []icns.OsType{
	{ID: "ic10", Size: 1024}, {ID: "ic14", Size: 512}, {ID: "ic09", Size: 512}, {ID: "ic13", Size: 256},
	{ID: "ic08", Size: 256}, {ID: "ic07", Size: 128}, {ID: "ic12", Size: 64}, {ID: "ic11", Size: 32},
}

// renderApp adds the program's own icons to files.
func renderApp(assets fs.FS, files map[string][]byte) error {
	source, err := fs.ReadFile(assets, "app/gatelight.svg")
	if err != nil {
		return err
	}
	ic, err := parseIcon("gatelight", source)
	if err != nil {
		return err
	}
	for _, size := range appSizes {
		var b bytes.Buffer
		if err := png.Encode(&b, ic.draw(size, false)); err != nil {
			return err
		}
		files[fmt.Sprintf("app/gatelight-%d.png", size)] = b.Bytes()
	}
	var set icns.IconSet
	drawn := map[uint]image.Image{}
	for _, kind := range icnsTypes {
		if drawn[kind.Size] == nil {
			drawn[kind.Size] = ic.draw(int(kind.Size), false)
		}
		set.Icons = append(set.Icons, &icns.Icon{Type: kind, Image: drawn[kind.Size]})
	}
	var b bytes.Buffer
	if _, err := set.WriteTo(&b); err != nil {
		return err
	}
	files["app/gatelight.icns"] = b.Bytes()
	return nil
}
