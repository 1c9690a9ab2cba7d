package cli

import (
	"bytes"
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/history"
	"gatelight/supervisor/history/html"
	"gatelight/supervisor/settings"
)

type timelineCommand struct {
	Since   history.Lookback `help:"Only this far back: 90m, 24h, 7d. Without it: 24h, with a link to 7d." placeholder:"TIME"`
	Gateway string           `help:"Only this Gateway." placeholder:"NAME"`
	Open    bool             `help:"Open it in the browser."`
}

func (c timelineCommand) Run(e *env) error {
	file, err := loadSettings(e)
	if err != nil {
		return err
	}
	if err := c.write(e, file, supervisor.Now()); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, e.paths.Timeline())
	if !c.Open {
		return nil
	}
	return openFile(e.ctx, e.paths.Timeline())
}

// openTimeline shows the last day, and a link to the last week.
func openTimeline(e *env, file settings.File) error {
	if err := (timelineCommand{}).write(e, file, supervisor.Now()); err != nil {
		return err
	}
	return openFile(e.ctx, e.paths.Timeline())
}

func (c timelineCommand) write(e *env, file settings.File, now time.Time) error {
	p := html.Page{To: now, Zone: supervisor.Local(now).Location(), Version: versionText()}
	periods := []history.Lookback{c.Since}
	if c.Since == 0 {
		periods = []history.Lookback{history.Lookback(24 * time.Hour), history.Lookback(7 * 24 * time.Hour)}
	}
	for _, l := range periods {
		p.AddPeriod(l)
	}
	timeline, err := readHistory(e, file, c.Gateway, p.From(), now, func(_ []byte, entry supervisor.Entry, before history.Interval) error {
		p.AddEntry(entry, before)
		return nil
	})
	if err != nil {
		return err
	}
	p.SetTimeline(timeline, menuOrder(file))
	var page bytes.Buffer
	if err := p.Write(&page); err != nil {
		return fmt.Errorf("cannot make the timeline: %w", err)
	}
	atomicfile.Sweep(e.paths.Timeline())
	if err := writeFile(e.paths.Timeline(), page.Bytes(), 0o600); err != nil {
		return fmt.Errorf("cannot write the timeline: %w", err)
	}
	return nil
}

// menuOrder names the Gateways in the order of the menu: as in the settings, those
// with real money first, and then those of other hosts.
func menuOrder(file settings.File) (names []string) {
	for _, live := range []bool{true, false} {
		for i := range file.Gateway {
			if g := &file.Gateway[i]; g.Live() == live {
				names = append(names, g.Name)
			}
		}
	}
	for _, r := range file.Remote {
		names = append(names, r.Name+"/")
	}
	return names
}
