package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
)

// encodePNG encodes a picture as a PNG with 16 bits per channel that two kinds
// of reader understand.
//
// An ordinary reader sees an ordinary picture. The tray library on Linux
// (fyne.io/systray, argbForImage) takes the low byte of Go's premultiplied
// 16-bit colours and sends it to the panel, which expects straight 8-bit
// colours. See widen.
func encodePNG(img *image.NRGBA) ([]byte, error) {
	wide := image.NewNRGBA64(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			wide.SetNRGBA64(x, y, widen(img.NRGBAAt(x, y)))
		}
	}
	var buf bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, wide)
	return buf.Bytes(), err
}

// widen turns a straight 8-bit colour into a 16-bit colour. The low bytes of
// the result's RGBA() are the 8-bit colour itself, for the tray library. The
// high bytes are the same colour for every other reader, up to half an 8-bit
// step of the premultiplied colour.
func widen(c color.NRGBA) color.NRGBA64 {
	if c.A == 0 {
		return color.NRGBA64{}
	}
	alpha := uint32(c.A) * 0x101
	channel := func(straight uint8) uint16 {
		want := premultiplied(straight, alpha)
		// color.NRGBA64.RGBA rounds down. This is the smallest straight value
		// that it turns into want.
		return uint16((want*0xffff + alpha - 1) / alpha)
	}
	return color.NRGBA64{R: channel(c.R), G: channel(c.G), B: channel(c.B), A: uint16(alpha)}
}

// premultiplied returns the 16-bit value nearest to straight × alpha among
// those whose low byte is straight. There is always one in 0..alpha, because
// straight ≤ 0xff < alpha.
func premultiplied(straight uint8, alpha uint32) uint32 {
	exact := int(uint32(straight) * 0x101 * alpha / 0xffff)
	best := int(straight)
	for v := best; v <= int(alpha); v += 0x100 {
		if abs(v-exact) < abs(best-exact) {
			best = v
		}
	}
	return uint32(best)
}

func abs(n int) int { return max(n, -n) }

// encodeICO encodes an icon in all icoSizes as PNGs in an ICO container.
// Windows reads PNGs there since Vista.
// https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
func encodeICO(ic icon, simulated bool) ([]byte, error) {
	const headerSize, entrySize = 6, 16
	var header, images bytes.Buffer
	put := func(v any) { binary.Write(&header, binary.LittleEndian, v) }
	put([3]uint16{0, 1, uint16(len(icoSizes))}) // reserved, type icon, count
	for _, size := range icoSizes {
		offset := headerSize + entrySize*len(icoSizes) + images.Len()
		start := images.Len()
		if err := png.Encode(&images, ic.draw(size, simulated)); err != nil {
			return nil, err
		}
		put([4]uint8{uint8(size), uint8(size), 0, 0}) // width, height, no palette, reserved
		put([2]uint16{1, 32})                         // planes, bits per pixel
		put([2]uint32{uint32(images.Len() - start), uint32(offset)})
	}
	return append(header.Bytes(), images.Bytes()...), nil
}
