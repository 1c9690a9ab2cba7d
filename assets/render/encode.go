package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
)

// encodePNG writes a 16-bit PNG that is right for two kinds of reader.
//
// Everybody else sees an ordinary picture. The Linux tray library
// (fyne.io/systray, argbForImage) takes the low byte of Go's premultiplied
// 16-bit colours and sends it to the bar, which expects straight 8-bit ones:
// see twoFaced.
func encodePNG(img *image.NRGBA) ([]byte, error) {
	wide := image.NewNRGBA64(img.Rect)
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			wide.SetNRGBA64(x, y, twoFaced(img.NRGBAAt(x, y)))
		}
	}
	var buf bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&buf, wide)
	return buf.Bytes(), err
}

// twoFaced widens a straight 8-bit colour so that the low bytes of its
// RGBA() are that very colour, and its high bytes still say what is meant.
// The price is at most half an 8-bit step of the premultiplied colour.
func twoFaced(c color.NRGBA) color.NRGBA64 {
	if c.A == 0 {
		return color.NRGBA64{}
	}
	alpha := uint32(c.A) * 0x101
	widen := func(straight uint8) uint16 {
		want := premultiplied(straight, alpha)
		// The smallest straight value that color.NRGBA64.RGBA, which rounds
		// down, turns into want.
		return uint16((want*0xffff + alpha - 1) / alpha)
	}
	return color.NRGBA64{R: widen(c.R), G: widen(c.G), B: widen(c.B), A: uint16(alpha)}
}

// premultiplied returns the 16-bit value nearest to straight × alpha whose low
// byte is straight. There always is one in 0..alpha, as straight ≤ 0xff < alpha.
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

// encodeICO writes icoSizes as PNGs in an ICO container, which Windows reads
// since Vista. https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
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
