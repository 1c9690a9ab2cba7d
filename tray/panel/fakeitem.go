//go:build linux

package panel

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"

	"gatelight/assets"
)

const (
	itemInterface = "org.kde.StatusNotifierItem"
	itemPath      = "/StatusNotifierItem"
)

// A FakeItem is the least that can have an icon in the panel. What the panel
// needs to show it is the panel's own time.
type FakeItem struct {
	conn  *dbus.Conn
	props *prop.Properties
}

// NewFakeItem connects to the desktop; Register makes the icon appear.
func (s *Screen) NewFakeItem(p Picture) (*FakeItem, error) {
	conn, err := dbus.Connect("unix:path=" + s.busPath())
	if err != nil {
		return nil, err
	}
	fixed := func(v any) *prop.Prop { return &prop.Prop{Value: v, Emit: prop.EmitFalse} }
	props, err := prop.Export(conn, itemPath, prop.Map{itemInterface: {
		"Id": fixed("standin"), "Title": fixed("standin"), "Category": fixed("ApplicationStatus"), "Status": fixed("Active"),
		"IconName": fixed(""), "IconPixmap": fixed(pixmaps(p)), "ItemIsMenu": fixed(false), "Menu": fixed(dbus.ObjectPath("/")),
	}})
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("cannot stand in for an icon: %w", err)
	}
	return &FakeItem{conn, props}, nil
}

// Register asks the panel to show it.
func (i *FakeItem) Register() error {
	return i.conn.Object(watcher, watcherPath).Call(watcher+".RegisterStatusNotifierItem", 0, itemPath).Err
}

// Show changes the icon.
func (i *FakeItem) Show(p Picture) error {
	i.props.SetMust(itemInterface, "IconPixmap", pixmaps(p))
	return i.conn.Emit(itemPath, itemInterface+".NewIcon")
}

// Close takes the icon away.
func (i *FakeItem) Close() { i.conn.Close() }

// A pixmap is a picture as the StatusNotifierItem specification wants it: ARGB
// in network byte order.
type pixmap struct {
	Width, Height int32
	ARGB          []byte
}

func pixmaps(p Picture) []pixmap {
	src, err := png.Decode(bytes.NewReader(assets.PNG(p.Name, p.Simulated)))
	if err != nil {
		panic("[unexpected] an embedded picture does not decode: " + err.Error())
	}
	return []pixmap{argb(src)}
}

func argb(src image.Image) pixmap {
	r := src.Bounds()
	out := pixmap{Width: int32(r.Dx()), Height: int32(r.Dy())}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA)
			out.ARGB = append(out.ARGB, c.A, c.R, c.G, c.B)
		}
	}
	return out
}
