// Command render turns assets/svg/*.svg into the committed pictures: PNGs for
// the trays of Linux and macOS, ICOs for Windows, and a contact sheet for
// people. It turns assets/app/gatelight.svg into the icons of the program.
//
// Run it with make icons after editing an SVG; a test fails until you do. It is
// a module of its own, so that the libraries that draw stay out of the
// program's go.mod.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// assetsDir is the folder assets, seen from this module's folder, in which
// go -C assets/render run . and the tests work.
const assetsDir = ".."

func main() {
	files, err := renderAll(os.DirFS(assetsDir))
	if err == nil {
		err = writeAll(assetsDir, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

// pngSize is the width and height of the PNGs, in pixels. Desktop panels draw
// icons at 16 to 48 pixels, and they scale down better than up.
const pngSize = 64

// icoSizes are the sizes of an icon in the notification area of Windows at 100,
// 200 and 300 %, in pixels.
var icoSizes = []int{16, 32, 48}

// renderAll returns every file to commit. The key is its path in assets, with
// slashes.
func renderAll(assets fs.FS) (map[string][]byte, error) {
	icons, err := loadIcons(assets)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, ic := range icons {
		for _, simulated := range []bool{false, true} {
			name := fileName(ic.name, simulated)
			if files["png/"+name+".png"], err = encodePNG(ic.draw(pngSize, simulated)); err != nil {
				return nil, fmt.Errorf("cannot encode %s.png: %w", name, err)
			}
			if files["ico/"+name+".ico"], err = encodeICO(ic, simulated); err != nil {
				return nil, fmt.Errorf("cannot encode %s.ico: %w", name, err)
			}
		}
	}
	if files["contact-sheet.png"], err = encodeSheet(icons); err != nil {
		return nil, fmt.Errorf("cannot encode the contact sheet: %w", err)
	}
	if err := renderApp(assets, files); err != nil {
		return nil, fmt.Errorf("cannot render the program's own icons: %w", err)
	}
	return files, nil
}

// fileName is the name of an icon's file without its extension.
func fileName(icon string, simulated bool) string {
	if simulated {
		return icon + "-sim"
	}
	return icon
}

// loadIcons reads svg/*.svg, sorted by name.
func loadIcons(assets fs.FS) ([]icon, error) {
	paths, err := fs.Glob(assets, "svg/*.svg")
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("cannot find svg/*.svg; run make icons")
	}
	var icons []icon
	for _, p := range paths {
		source, err := fs.ReadFile(assets, p)
		if err != nil {
			return nil, err
		}
		ic, err := parseIcon(strings.TrimSuffix(path.Base(p), ".svg"), source)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", p, err)
		}
		icons = append(icons, ic)
	}
	return icons, nil
}

// writeAll writes the files. It empties png and ico first: a picture whose SVG
// is gone would stay embedded in the program.
func writeAll(dir string, files map[string][]byte) error {
	for _, sub := range []string{"png", "ico"} {
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
