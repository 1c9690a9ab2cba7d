package tray

import (
	"bytes"
	stdimage "image"
	"image/draw"
	"image/png"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
)

// This file is what an alert looks and sounds like, in the words of the
// notification specification.

func hints(a alert) map[string]dbus.Variant {
	image := notify.HintImageDataRGBA(pixels(a.picture()))
	urgency := notify.UrgencyNormal
	if a.Notice.Urgent {
		urgency = notify.UrgencyCritical
	}
	all := map[string]dbus.Variant{image.ID: image.Variant, "urgency": dbus.MakeVariant(byte(urgency))}
	if sound := sound(a); sound != "" {
		all["sound-name"] = dbus.MakeVariant(sound)
	} else {
		all["suppress-sound"] = dbus.MakeVariant(true)
	}
	return all
}

// sound is a name from the XDG Sound Naming Specification, "" for silence.
func sound(a alert) string {
	switch {
	case !a.Sound:
		return ""
	case a.Notice.Urgent:
		return "dialog-warning"
	case a.Notice.Kind == supervisor.NoticeRecovery:
		return "complete"
	}
	return ""
}

// pixels are straight-alpha RGBA as the notification specification wants them,
// in the type the library asks for.
func pixels(b []byte) *stdimage.RGBA {
	src, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		panic("[unexpected] an embedded icon does not decode: " + err.Error())
	}
	straight := stdimage.NewNRGBA(src.Bounds())
	draw.Draw(straight, src.Bounds(), src, src.Bounds().Min, draw.Src)
	return &stdimage.RGBA{Pix: straight.Pix, Stride: straight.Stride, Rect: straight.Rect}
}
