//go:build !windows

package assets

// Tray returns the picture in the format that the tray of this system takes: a
// PNG. It panics when no picture has that name.
func Tray(name string, simulated bool) []byte { return PNG(name, simulated) }

// TrayMono returns that picture in one shade. The badge of a simulated Gateway is a
// disc there, apart from the picture. It panics when no picture has that name.
func TrayMono(name string, simulated bool, shade Shade) []byte {
	return monoPNG(PNG(name, simulated), shade)
}
