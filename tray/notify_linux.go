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
	"gatelight/supervisor"
)

// A busPoster posts over a bus connection of its own. The toolkit's may not be
// shared: a NotificationClosed signal there ends its loop, and the icon never
// comes back after a panel restart.
type busPoster struct {
	conn *dbus.Conn
	ids  map[string]uint32 // the bubble of each incident
}

func newPoster() poster { return &busPoster{ids: map[string]uint32{}} }

func (b *busPoster) close() {
	if b.conn != nil {
		b.conn.Close()
		b.conn = nil
	}
}

func (b *busPoster) post(ctx context.Context, key string, n supervisor.Notice, icon string, simulated bool) error {
	if b.conn == nil || !b.conn.Connected() {
		conn, err := privateBus(context.WithoutCancel(ctx))
		if err != nil {
			return fmt.Errorf("no session bus: %w", err)
		}
		b.conn = conn
	}
	// The library has no deadline of its own; a closed connection ends its call.
	conn := b.conn
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	note := notify.Notification{
		AppName:       title,
		ReplacesID:    b.ids[key],
		Summary:       n.Title,
		Body:          n.Body,
		ExpireTimeout: notify.ExpireTimeoutSetByNotificationServer,
	}
	note.AddHint(notify.HintImageDataRGBA(pixels(assets.PNG(icon, simulated))))
	if n.Urgent {
		note.SetUrgency(notify.UrgencyCritical)
	} else {
		note.SetUrgency(notify.UrgencyNormal)
	}
	id, err := notify.SendNotification(conn, note)
	if ctx.Err() != nil {
		return fmt.Errorf("the notification service did not answer within %s", postLimit)
	}
	if err == nil {
		b.ids[key] = id
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
