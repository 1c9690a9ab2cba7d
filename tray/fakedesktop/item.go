//go:build linux

package fakedesktop

import (
	"context"
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/godbus/dbus/v5"
)

const itemInterface = "org.kde.StatusNotifierItem"

// An Item is a program's icon in the panel. Every method asks the program.
type Item struct {
	host  *dbus.Conn
	owner string // unique name on the bus
	path  dbus.ObjectPath
}

// ItemOf is an item on another desktop than this package's own, such as a real
// panel's; conn is the connection to ask its program over.
func ItemOf(conn *dbus.Conn, owner string, path dbus.ObjectPath) *Item {
	return &Item{host: conn, owner: owner, path: path}
}

// Icon is the biggest of the item's pictures, with straight alpha.
func (i *Item) Icon() (*image.NRGBA, error) {
	var pictures []struct {
		Width, Height int32
		ARGB          []byte // rows from the top, network byte order
	}
	if err := i.get("IconPixmap", &pictures); err != nil {
		return nil, err
	}
	best := -1
	for n, p := range pictures {
		if len(p.ARGB) != int(p.Width)*int(p.Height)*4 {
			return nil, fmt.Errorf("an icon of %d×%d has %d bytes", p.Width, p.Height, len(p.ARGB))
		}
		if p.Width > 0 && (best < 0 || p.Width > pictures[best].Width) {
			best = n
		}
	}
	if best < 0 {
		return nil, errors.New("the item has no icon")
	}
	p := pictures[best]
	img := image.NewNRGBA(image.Rect(0, 0, int(p.Width), int(p.Height)))
	for o := 0; o < len(p.ARGB); o += 4 {
		a, r, g, b := p.ARGB[o], p.ARGB[o+1], p.ARGB[o+2], p.ARGB[o+3]
		copy(img.Pix[o:], []byte{r, g, b, a})
	}
	return img, nil
}

// SameIcon reports whether a panel's icon is the picture that is wanted. It
// compares the opaque and the transparent pixels: the others are blended.
func SameIcon(got, want image.Image) bool {
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

// ToolTip is what shows when the pointer rests on the icon: a title, and the
// description on a line of its own if there is one.
func (i *Item) ToolTip() (string, error) {
	var tip struct {
		IconName string
		Icons    []struct {
			Width, Height int32
			ARGB          []byte
		}
		Title, Description string
	}
	if err := i.get("ToolTip", &tip); err != nil {
		return "", err
	}
	return strings.TrimSuffix(tip.Title+"\n"+tip.Description, "\n"), nil
}

// Title is the item's name, which panels show in their settings.
func (i *Item) Title() (string, error) {
	var s string
	err := i.get("Title", &s)
	return s, err
}

// Status is Active, Passive (panels hide the icon) or NeedsAttention.
func (i *Item) Status() (string, error) {
	var s string
	err := i.get("Status", &s)
	return s, err
}

// Activate is a left click on the icon. A program that only has a menu answers
// with an error, and the panel would open the menu.
func (i *Item) Activate() error {
	return i.call(i.path, itemInterface+".Activate", int32(0), int32(0)).Err
}

// String shows the item as far as it answers.
func (i *Item) String() string {
	var b strings.Builder
	title, err := i.Title()
	if err != nil {
		return fmt.Sprintf("item %s does not answer: %v\n", i.service(), err)
	}
	tip, _ := i.ToolTip()
	fmt.Fprintf(&b, "item %q, tooltip %q, ", title, tip)
	if img, err := i.Icon(); err != nil {
		fmt.Fprintln(&b, err)
	} else {
		size := img.Bounds().Size()
		fmt.Fprintf(&b, "icon %d×%d with %v in the middle\n", size.X, size.Y, img.NRGBAAt(size.X/2, size.Y/2))
	}
	if menu, err := i.Menu(); err != nil {
		fmt.Fprintln(&b, err)
	} else {
		b.WriteString(indent(Text(menu)))
	}
	return b.String()
}

// service is how a watcher names an item to others.
func (i *Item) service() string { return i.owner + string(i.path) }

func (i *Item) same(other *Item) bool { return i.owner == other.owner && i.path == other.path }

func (i *Item) get(property string, into any) error {
	var v dbus.Variant
	if err := i.call(i.path, propertiesInterface+".Get", itemInterface, property).Store(&v); err != nil {
		return fmt.Errorf("cannot read the item's %s: %w", property, err)
	}
	if err := v.Store(into); err != nil {
		return fmt.Errorf("the item's %s is of another type, %s: %w", property, v.Signature(), err)
	}
	return nil
}

func (i *Item) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return i.host.Object(i.owner, path).CallWithContext(ctx, method, 0, args...)
}
