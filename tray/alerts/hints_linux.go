package alerts

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
)

// This file is how an alert looks and sounds, in the hints of the notification
// specification.

// The urgencies of the specification; 0 is low.
const (
	urgencyNormal   = byte(1)
	urgencyCritical = byte(2)
)

func hints(a alert) map[string]dbus.Variant {
	urgency := urgencyNormal
	if a.Notice.Urgent {
		urgency = urgencyCritical
	}
	all := map[string]dbus.Variant{"image-data": dbus.MakeVariant(imageData(a.picture())), "urgency": dbus.MakeVariant(urgency)}
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

// A rawImage is the structure (iiibiiay) of the hint image-data.
type rawImage struct {
	Width, Height, RowStride int32
	HasAlpha                 bool
	BitsPerSample, Channels  int32
	Data                     []byte // RGBA, not premultiplied with alpha
}

func imageData(b []byte) rawImage {
	src, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		panic("[unexpected] an embedded icon does not decode: " + err.Error())
	}
	img := image.NewNRGBA(src.Bounds())
	draw.Draw(img, src.Bounds(), src, src.Bounds().Min, draw.Src)
	return rawImage{int32(img.Rect.Dx()), int32(img.Rect.Dy()), int32(img.Stride), true, 8, 4, img.Pix}
}
