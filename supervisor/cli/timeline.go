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
	Since   history.Lookback `help:"How far back: 90m, 24h, 7d." default:"24h" placeholder:"TIME"`
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

// openTimeline shows the last day.
func openTimeline(e *env, file settings.File) error {
	c := timelineCommand{Since: history.Lookback(24 * time.Hour)}
	if err := c.write(e, file, supervisor.Now()); err != nil {
		return err
	}
	return openFile(e.ctx, e.paths.Timeline())
}

func (c timelineCommand) write(e *env, file settings.File, now time.Time) error {
	p := html.Page{From: now.Add(-time.Duration(c.Since)), To: now, Zone: supervisor.Local(now).Location(), Version: versionText()}
	timeline, err := readHistory(e, file, c.Gateway, p.From, now, func(_ []byte, entry supervisor.Entry, before history.Interval) error {
		p.Add(entry, before)
		return nil
	})
	if err != nil {
		return err
	}
	p.Reports = timeline.Reports(p.From, now)
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
