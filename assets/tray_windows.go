package assets

import "embed"

//go:embed ico/*.ico
var icons embed.FS

// Tray returns the picture in the format that the tray of this system takes: an
// ICO with 16, 32 and 48 pixels. It panics when no picture has that name.
func Tray(name string, simulated bool) []byte {
	return read(icons, "ico/"+fileName(name, simulated)+".ico")
}
