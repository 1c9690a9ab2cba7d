package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/history"
	"gatelight/supervisor/history/html"
)

// timelineCommand writes the event log as a page.
type timelineCommand struct {
	Since   history.Lookback `help:"How far back: 90m, 24h, 7d." default:"24h" placeholder:"TIME"`
	Gateway string           `help:"Only this Gateway." placeholder:"NAME"`
	Open    bool             `help:"Open it in the browser."`
}

// Run writes the page and prints its path.
func (c timelineCommand) Run(e *env) error {
	b, err := realBuild(e)
	if err != nil {
		return err
	}
	if err := c.write(e, b, supervisor.Now()); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout, b.paths.Timeline())
	if !c.Open {
		return nil
	}
	return openFile(e.ctx, b.paths.Timeline())
}

// openTimeline shows the last day.
func openTimeline(ctx context.Context, b build) error {
	c := timelineCommand{Since: history.Lookback(24 * time.Hour)}
	if err := c.write(&env{ctx: ctx, stderr: os.Stderr, paths: b.paths}, b, supervisor.Now()); err != nil {
		return err
	}
	return openFile(ctx, b.paths.Timeline())
}

func (c timelineCommand) write(e *env, b build, now time.Time) error {
	p := html.Page{From: now.Add(-time.Duration(c.Since)), To: now, Zone: time.Local, Version: versionText()}
	book, err := leaf(e, b, c.Gateway, p.From, now, func(_ []byte, entry supervisor.Entry, before history.Interval) error {
		p.Add(entry, before)
		return nil
	})
	if err != nil {
		return err
	}
	p.Reports = book.Reports(p.From, now)
	var page bytes.Buffer
	if err := p.Write(&page); err != nil {
		return fmt.Errorf("cannot make the timeline: %w", err)
	}
	if err := os.MkdirAll(b.paths.State, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder for the timeline: %w", err)
	}
	atomicfile.Sweep(b.paths.Timeline())
	if err := atomicfile.Write(b.paths.Timeline(), page.Bytes(), 0o600); err != nil {
		return fmt.Errorf("cannot write the timeline: %w", err)
	}
	return nil
}
