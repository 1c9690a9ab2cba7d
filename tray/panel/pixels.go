//go:build linux

package panel

import (
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"io"
	"os"
	"path/filepath"
)

// Shot is what the screen shows now. Xvfb keeps the screen in a file, so that
// looking costs no program and disturbs nobody.
func (s *Screen) Shot() (*image.RGBA, error) { return s.rows(s.size().Y) }

// rows is the upper part of a shot.
func (s *Screen) rows(n int) (*image.RGBA, error) {
	f, err := os.Open(filepath.Join(s.dir, "screen", "Xvfb_screen0"))
	if err != nil {
		return nil, fmt.Errorf("cannot look at the screen: %w", err)
	}
	defer f.Close()
	img, err := decode(f, n)
	if err != nil {
		return nil, fmt.Errorf("cannot look at the screen: %w", err)
	}
	return img, nil
}

// The places in an X window dump's header, which is of 32-bit numbers (see
// X11/XWDFile.h).
const (
	xwdHeader    = 0  // its size, with the name behind it
	xwdVersion   = 1  // 7
	xwdWidth     = 4  // pixels
	xwdHeight    = 5  // pixels
	xwdByteOrder = 7  // 0: the lowest first
	xwdBits      = 11 // for a pixel
	xwdLine      = 12 // bytes
	xwdColours   = 19 // of 12 bytes, behind the header
	xwdNumbers   = 25
)

// decode reads the first rows of an X window dump.
func decode(from io.Reader, rows int) (*image.RGBA, error) {
	header := make([]byte, 4*xwdNumbers)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, fmt.Errorf("not an X window dump: %w", err)
	}
	n := func(i int) int { return int(binary.BigEndian.Uint32(header[4*i:])) }
	if n(xwdVersion) != 7 || n(xwdByteOrder) != 0 || n(xwdBits) != 32 {
		return nil, fmt.Errorf("an X window dump of version %d with %d bits for a pixel in byte order %d; want 7, 32 and 0",
			n(xwdVersion), n(xwdBits), n(xwdByteOrder))
	}
	w, h, stride := n(xwdWidth), n(xwdHeight), n(xwdLine)
	behind := n(xwdHeader) - len(header) + 12*n(xwdColours)
	if stride < 4*w || rows > h || behind < 0 {
		return nil, fmt.Errorf("an X window dump of %d×%d pixels has lines of %d bytes; wanted are %d of them", w, h, stride, rows)
	}
	rest := make([]byte, behind+rows*stride)
	if _, err := io.ReadFull(from, rest); err != nil {
		return nil, fmt.Errorf("an X window dump is cut short: %w", err)
	}
	img := image.NewRGBA(image.Rect(0, 0, w, rows))
	for y := range rows {
		from, to := rest[behind+y*stride:], img.Pix[y*img.Stride:]
		for x := 0; x < 4*w; x += 4 { // blue, green, red, nothing
			to[x], to[x+1], to[x+2], to[x+3] = from[x+2], from[x+1], from[x], 0xff
		}
	}
	return img, nil
}

// Difference is the smallest rectangle with everything in r that is not alike in
// both pictures.
func Difference(a, b *image.RGBA, r image.Rectangle) image.Rectangle {
	var found image.Rectangle
	r = r.Intersect(a.Rect).Intersect(b.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				found = found.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return found
}

// FirstLine is the first line of text in a part of a picture, such as a menu, cut out.
// The part's border does not count.
func FirstLine(shot *image.RGBA, part image.Rectangle) *image.RGBA {
	const border = 3
	part = part.Inset(border)
	ground := shot.RGBAAt(part.Min.X, part.Min.Y)
	var line image.Rectangle
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := image.Rect(part.Min.X, y, part.Max.X, y+1)
		ink := Difference(shot, filled(row, ground), row)
		if ink.Empty() && !line.Empty() {
			break
		}
		line = line.Union(ink)
	}
	cut := image.NewRGBA(image.Rectangle{Max: line.Size()})
	draw.Draw(cut, cut.Rect, shot, line.Min, draw.Src)
	return cut
}

// Alike reports whether two pictures have the same size and the same pixels.
func Alike(a, b *image.RGBA) bool {
	return a.Rect == b.Rect && Difference(a, b, a.Rect).Empty()
}
