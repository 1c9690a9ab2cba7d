package tray

import (
	"bytes"
	"context"
	"fmt"
	stdimage "image"
	"image/draw"
	"image/png"

	"github.com/esiqveland/notify"
	"github.com/godbus/dbus/v5"

	"gatelight/assets"
)

// A busPoster posts over a bus connection of its own. The toolkit's may not be
// shared: a NotificationClosed signal there ends its loop, and the icon never
// comes back after a panel restart.
type busPoster struct {
	conn *dbus.Conn
	ids  map[string]uint32 // the bubble of each incident
}

func newPoster(func(Command)) poster { return &busPoster{ids: map[string]uint32{}} }

func (b *busPoster) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

func (b *busPoster) ready() <-chan struct{} { return nil }

func (b *busPoster) dial(ctx context.Context) error {
	if b.conn != nil && b.conn.Connected() {
		return nil
	}
	conn, err := privateBus(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("no session bus: %w", err)
	}
	b.conn = conn
	return nil
}

func (b *busPoster) who(ctx context.Context) (string, error) {
	if err := b.dial(ctx); err != nil {
		return "", err
	}
	var name, vendor, version, spec string
	err := b.conn.Object("org.freedesktop.Notifications", "/org/freedesktop/Notifications").
		CallWithContext(ctx, "org.freedesktop.Notifications.GetServerInformation", 0).Store(&name, &vendor, &version, &spec)
	return name + " " + version, err
}

func (b *busPoster) post(ctx context.Context, a alert) error {
	if err := b.dial(ctx); err != nil {
		return err
	}
	// The library has no deadline of its own; a closed connection ends its call.
	conn := b.conn
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	note := notify.Notification{
		AppName:       title,
		ReplacesID:    b.ids[a.Key],
		Summary:       a.Notice.Title,
		Body:          a.Notice.Body,
		ExpireTimeout: notify.ExpireTimeoutSetByNotificationServer,
	}
	note.AddHint(notify.HintImageDataRGBA(pixels(assets.PNG(a.Icon, a.Simulated))))
	if a.Notice.Urgent {
		note.SetUrgency(notify.UrgencyCritical)
	} else {
		note.SetUrgency(notify.UrgencyNormal)
	}
	id, err := notify.SendNotification(conn, note)
	if ctx.Err() != nil {
		return fmt.Errorf("the notification service did not answer within %s", postLimit)
	}
	if err == nil {
		b.ids[a.Key] = id
	}
	return err
}

// privateBus is a session bus connection that nobody else uses.
func privateBus(ctx context.Context) (*dbus.Conn, error) {
	return dbus.ConnectSessionBus(dbus.WithContext(ctx))
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
