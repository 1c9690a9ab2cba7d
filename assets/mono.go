package assets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"image"
	"image/png"
	"math"
)

// A Shade is the colour of a picture in one colour: a grey, 0 to 0xff.
type Shade uint8

// Grey is for a bar whose colour is not known. Its contrast is 3.8:1 on a light bar
// (#f0f0f0), and on a dark one (#202020).
const (
	Black Shade = 0
	Grey  Shade = 0x7a
	White Shade = 0xff
)

// monoPNG paints everything that is not transparent in a PNG in one shade. The PNG
// that it returns has 16 bits per channel, as those in png, since it is for the same
// tray library; see encodePNG in render/encode.go.
func monoPNG(picture []byte, shade Shade) []byte {
	return paint(picture, 16, func(alpha uint32) []byte {
		v := wide(shade, alpha)
		return []byte{byte(v >> 8), byte(v), byte(v >> 8), byte(v), byte(v >> 8), byte(v), byte(alpha >> 8), byte(alpha)}
	})
}

// wide is the shade in 16 bits, such that the low byte of the colour that is
// premultiplied with alpha is the shade in 8 bits.
func wide(shade Shade, alpha uint32) uint16 {
	if alpha == 0 {
		return 0
	}
	exact := int(shade) * 0x101 * int(alpha) / 0xffff
	best := int(shade)
	for v := best; v <= int(alpha); v += 0x100 {
		if max(v-exact, exact-v) < max(best-exact, exact-best) {
			best = v
		}
	}
	// color.NRGBA64.RGBA rounds down. This is the smallest value that becomes best.
	return uint16((uint32(best)*0xffff + alpha - 1) / alpha)
}

// monoICO paints everything that is not transparent in an ICO in one shade. Its
// pictures are PNGs with 8 bits per channel, as those in ico.
func monoICO(icon []byte, shade Shade) []byte {
	const headerSize, entrySize = 6, 16
	count := int(binary.LittleEndian.Uint16(icon[4:]))
	out := bytes.Clone(icon[:headerSize+entrySize*count])
	for i := range count {
		entry := out[headerSize+entrySize*i:][:entrySize]
		size, offset := binary.LittleEndian.Uint32(entry[8:]), binary.LittleEndian.Uint32(entry[12:])
		picture := paint(icon[offset:][:size], 8, func(alpha uint32) []byte {
			return []byte{byte(shade), byte(shade), byte(shade), byte(alpha >> 8)}
		})
		binary.LittleEndian.PutUint32(entry[8:], uint32(len(picture)))
		binary.LittleEndian.PutUint32(entry[12:], uint32(len(out)))
		out = append(out, picture...)
	}
	return out
}

// paint returns a PNG with that many bits per channel. Each pixel is what the
// function returns for the opacity of the picture's, 0 to 0xffff.
func paint(picture []byte, bits byte, pixel func(alpha uint32) []byte) []byte {
	img, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		panic(fmt.Sprintf("[unexpected] no PNG: %v", err))
	}
	var rows []byte
	for y := range img.Bounds().Dy() {
		rows = append(rows, 0) // no filter
		for x := range img.Bounds().Dx() {
			_, _, _, alpha := img.At(x, y).RGBA()
			rows = append(rows, pixel(alpha)...)
		}
	}
	return encode(img.Bounds(), bits, rows)
}

// encode writes a PNG that is not compressed, of up to 64 KiB. The encoder of
// image/png would make the program 28 KB bigger.
// https://www.w3.org/TR/png-3/, https://www.rfc-editor.org/rfc/rfc1950
func encode(size image.Rectangle, bits byte, rows []byte) []byte {
	if len(rows) > math.MaxUint16 {
		panic(fmt.Sprintf("[unexpected] a picture of %v", size))
	}
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		out = append(append(out, kind...), data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[len(out)-len(data)-len(kind):]))
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(size.Dx()))
	header = binary.BigEndian.AppendUint32(header, uint32(size.Dy()))
	chunk("IHDR", append(header, bits, 6, 0, 0, 0)) // 6: a colour with its opacity

	data := []byte{0x78, 0x01, 1} // zlib; one block, stored as it is, the last one
	data = binary.LittleEndian.AppendUint16(data, uint16(len(rows)))
	data = binary.LittleEndian.AppendUint16(data, ^uint16(len(rows)))
	chunk("IDAT", binary.BigEndian.AppendUint32(append(data, rows...), adler32.Checksum(rows)))
	chunk("IEND", nil)
	return out
}
