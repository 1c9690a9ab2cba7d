// Package assets holds the pictures of the tray: one per state, plain and with
// the badge of a simulated Gateway. The pictures differ in shape, not only in
// colour, so that nobody has to tell red from green, and so that they can be shown
// in one colour.
//
// The sources are svg/*.svg. The PNGs and ICOs are rendered from them by the
// module in render.
package assets

import (
	"embed"
	"fmt"
)

//go:generate go -C render run .

//go:embed png/*.png svg/*.svg app/gatelight-128.png
var files embed.FS

// Names are the names of all pictures. A state has one picture, except down
// (stopped on purpose or not) and starting (it goes on by itself, a person must
// approve the login, or a person must do something else).
var Names = []string{
	"unknown",
	"down",
	"down-expected",
	"starting",
	"two-factor",
	"needs-you",
	"listening",
	"silent",
	"connected",
	"cut-off",
	"zombies",
}

// PNG returns the picture at 64 × 64 pixels. It panics when no picture has that
// name.
//
// It has 16 bits per channel because the tray library on Linux truncates where
// it should divide; see encodePNG in render/encode.go. Pass it on unchanged:
// decoding it to 8 bits and encoding it again spoils the edges there.
func PNG(name string, simulated bool) []byte {
	return read(files, "png/"+fileName(name, simulated)+".png")
}

// SVG returns the source of the picture, for a page. There is no simulated
// variant. It panics when no picture has that name.
func SVG(name string) []byte { return read(files, "svg/"+name+".svg") }

// App returns the picture of the program itself, a PNG of 128 × 128 pixels.
func App() []byte { return read(files, "app/gatelight-128.png") }

func fileName(name string, simulated bool) string {
	if simulated {
		return name + "-sim"
	}
	return name
}

func read(from embed.FS, path string) []byte {
	data, err := from.ReadFile(path)
	if err != nil {
		panic(fmt.Sprintf("[unexpected] no picture: %v", err))
	}
	return data
}
