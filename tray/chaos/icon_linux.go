package main

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"sync"
	"time"

	"gatelight/assets"
	"gatelight/tray/fakedesktop"
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
		if fakedesktop.SameIcon(icon, want) {
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
