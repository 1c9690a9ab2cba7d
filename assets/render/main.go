// Command render turns assets/svg/*.svg into the committed pictures: PNGs for
// Linux and macOS trays, ICOs for Windows, and a contact sheet for people; and
// assets/app/gatelight.svg into the icons of the program itself.
//
// Run it from the repository (go run ./assets/render) or from assets
// (go generate) after editing an SVG; a test fails until you do.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

func main() {
	dir := "."
	if _, err := os.Stat("svg"); err != nil {
		dir = "assets"
	}
	files, err := renderAll(os.DirFS(dir))
	if err == nil {
		err = writeAll(dir, files)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

// pngSize is what the PNGs measure. Bars draw 16 to 48 pixels; they scale down
// better than up.
const pngSize = 64

// icoSizes are the notification area at 100, 200 and 300 %.
var icoSizes = []int{16, 32, 48}

// renderAll returns every file to commit, by its slash-separated path in assets.
func renderAll(assets fs.FS) (map[string][]byte, error) {
	icons, err := loadIcons(assets)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, ic := range icons {
		for _, simulated := range []bool{false, true} {
			name := ic.name
			if simulated {
				name += "-sim"
			}
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

// loadIcons reads svg/*.svg, sorted by name.
func loadIcons(assets fs.FS) ([]icon, error) {
	paths, err := fs.Glob(assets, "svg/*.svg")
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no svg/*.svg here; run it from the repository's root or from assets")
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

// writeAll also removes renders whose SVG is gone: they would be embedded for ever.
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
