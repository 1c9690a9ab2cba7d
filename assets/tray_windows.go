package assets

import "embed"

//go:embed ico/*.ico
var icons embed.FS

// Tray returns the picture in the format that the tray of this system takes: an
// ICO with 16, 32 and 48 pixels. It panics when no picture has that name.
func Tray(name string, simulated bool) []byte {
	return read(icons, "ico/"+fileName(name, simulated)+".ico")
}

// TrayMono returns that picture in one shade. The badge of a simulated Gateway is a
// disc there, apart from the picture. It panics when no picture has that name.
func TrayMono(name string, simulated bool, shade Shade) []byte {
	return monoICO(Tray(name, simulated), shade)
}
