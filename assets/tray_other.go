//go:build !windows

package assets

// Tray returns the picture in the format that the tray of this system takes: a
// PNG. It panics when no picture has that name.
func Tray(name string, simulated bool) []byte { return PNG(name, simulated) }
