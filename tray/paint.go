package tray

import (
	"context"
	"fmt"
	"runtime"

	"fyne.io/systray"

	"gatelight/assets"
)

// A painter makes the bar and the menu show what a Menu says, and changes only what
// differs.
type painter struct {
	widgets
	painted Menu
	mono    bool         // the icon has one colour
	shade   assets.Shade // that colour, as it is painted
}

// prepare sets what must be there when the toolkit registers the icon: an icon
// that is set only then is sometimes not shown.
func (p *painter) prepare(m Menu) {
	p.painted = m
	systray.SetTitle(barTitle(m))
	systray.SetTooltip(m.Tooltip)
	// The toolkit keeps the icon before it complains that it has no bus any more.
	defer func() { _ = recover() }()
	p.paintIcon(m, p.shadeNow())
}

// barTitle is the text beside the icon on macOS, and the program's name on
// Linux, where panels show it in their settings.
func barTitle(m Menu) string {
	if runtime.GOOS == "darwin" {
		return m.BarText
	}
	return title
}

// paintLoop paints what the loop publishes, until ctx ends or the toolkit fails.
func (t *ui) paintLoop(ctx context.Context) error {
	for {
		select {
		case m := <-t.menus:
			if m.Shape != t.painter.painted.Shape {
				if err := t.painter.rebuild(ctx, m); err != nil || ctx.Err() != nil {
					return err
				}
			}
			if err := t.painter.paint(m); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// invalidate makes the next paint set everything that is on the bar.
func (p *painter) invalidate() {
	p.painted.Icon, p.painted.Tooltip, p.painted.BarText = "", "", "?"
}

// recoverError turns a panic of the toolkit into an error. It panics when the
// session bus ends.
func recoverError(err *error) {
	if panicked := recover(); panicked != nil {
		*err = fmt.Errorf("the tray cannot be painted: %v", panicked)
	}
}

// paint makes the toolkit show a menu of the same shape.
func (p *painter) paint(m Menu) (err error) {
	defer recoverError(&err)
	if shade := p.shadeNow(); m.Icon != p.painted.Icon || m.Simulated != p.painted.Simulated || shade != p.shade {
		p.paintIcon(m, shade)
	}
	if m.Tooltip != p.painted.Tooltip {
		systray.SetTooltip(m.Tooltip)
	}
	if barTitle(m) != barTitle(p.painted) {
		systray.SetTitle(barTitle(m))
	}
	p.painted = m
	p.paintItems(m.Items)
	return nil
}

// shadeNow is the shade that an icon in one colour has to have now.
func (p *painter) shadeNow() assets.Shade {
	if !p.mono {
		return 0
	}
	return barShade()
}

// paintIcon sets the icon on the bar. On macOS one in one colour is a template: the
// bar takes its shape alone, and gives it the colour of its other icons.
func (p *painter) paintIcon(m Menu, shade assets.Shade) {
	p.shade = shade
	picture := assets.Tray(m.Icon, m.Simulated)
	switch {
	case p.mono && runtime.GOOS == "darwin":
		pooled(func() { systray.SetTemplateIcon(picture, picture) })
		return
	case p.mono:
		picture = assets.TrayMono(m.Icon, m.Simulated, shade)
	}
	pooled(func() { systray.SetIcon(picture) })
}
