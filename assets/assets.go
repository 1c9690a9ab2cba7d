// Package assets holds the pictures of the tray: one per state, in a plain
// and a simulated variant. The pictures differ in shape, not only in colour,
// so that nobody has to tell red from green.
//
// The sources are svg/*.svg; png and ico are rendered from them.
package assets

import (
	"embed"
	"fmt"
)

//go:generate go run ./render

//go:embed png/*.png ico/*.ico svg/*.svg app/gatelight-128.png
var files embed.FS

// Names are all pictures. A state has one picture, except down (stopped on
// purpose or not) and starting (a person must confirm the login or not).
var Names = []string{
	"unknown",
	"down",
	"down-expected",
	"starting",
	"two-factor",
	"listening",
	"connected",
	"cut-off",
	"zombies",
}

// PNG returns the picture at 64 × 64 pixels, for Linux and macOS. It panics
// when no picture has that name.
//
// It has 16 bits per channel because the Linux tray library truncates where it
// should divide; see encodePNG in render/encode.go. Hand it over as it is:
// decoding it to 8 bits and encoding it again spoils the edges there.
func PNG(name string, simulated bool) []byte { return read("png", name, simulated) }

// App returns the program's own picture, which stands for no state.
func App() []byte {
	b, err := files.ReadFile("app/gatelight-128.png")
	if err != nil {
		panic("[unexpected] " + err.Error()) // it is embedded
	}
	return b
}

// ICO returns the picture at 16, 32 and 48 pixels, for Windows. It panics when
// no picture has that name.
func ICO(name string, simulated bool) []byte { return read("ico", name, simulated) }

// SVG returns the picture's source, for a page; there is no simulated variant.
// It panics when no picture has that name.
func SVG(name string) []byte { return read("svg", name, false) }

func read(format, name string, simulated bool) []byte {
	if simulated {
		name += "-sim"
	}
	data, err := files.ReadFile(format + "/" + name + "." + format)
	if err != nil {
		panic(fmt.Sprintf("[unexpected] no picture: %v", err))
	}
	return data
}
