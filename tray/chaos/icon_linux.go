package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"sync"
	"time"

	"gatelight/assets"
)

// watchIcon reads the picture in the panel, as often as the program answers.
func (w *world) watchIcon(ctx context.Context) {
	for ctx.Err() == nil {
		name := w.readIcon(ctx)
		w.mu.Lock()
		w.icon = name
		w.mu.Unlock()
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// readIcon is the name of the picture, "" when none can be read.
func (w *world) readIcon(ctx context.Context) string {
	if w.desktop.Items() == 0 {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	item, err := w.desktop.Item(ctx)
	if err != nil {
		return ""
	}
	icon, err := item.Icon()
	if err != nil {
		return ""
	}
	for name, want := range pictures() {
		if same(icon, want) {
			return name
		}
	}
	return ""
}

// pictures are those of a simulated Gateway.
var pictures = sync.OnceValue(func() map[string]image.Image {
	all := map[string]image.Image{}
	for _, name := range assets.Names {
		picture, err := png.Decode(bytes.NewReader(assets.PNG(name, true)))
		if err != nil {
			panic(err)
		}
		all[name] = picture
	}
	return all
})

// same compares the opaque and the transparent pixels: the others are blended.
func same(got, want image.Image) bool {
	if got.Bounds() != want.Bounds() {
		return false
	}
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			r, g, b, a := want.At(x, y).RGBA()
			R, G, B, A := got.At(x, y).RGBA()
			if a == 0xffff && (r>>8 != R>>8 || g>>8 != G>>8 || b>>8 != B>>8 || A != 0xffff) || a == 0 && A != 0 {
				return false
			}
		}
	}
	return true
}
