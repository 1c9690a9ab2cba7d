package tray

import (
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// This file is what the menu says of this program itself, and what it offers.

func programItems(status supervisor.Status, program Program, now time.Time) []Item {
	if status.Demo {
		program.AtLogin = Switch{Why: "not the demo"}
	}
	items := []Item{{Title: program.Caption, Enabled: true, Hidden: program.Caption == ""}, note(clickErrorLine(program, now))}
	for i, line := range alerts.Wrap(supervisor.Capitalise(program.Alerts.Problem), whyWidth, problemLines) {
		items = append(items, Item{Title: line, Hidden: line == "", Continues: i > 0})
	}
	return append(items,
		programItem(status, program, now),
		Item{Title: quitTitle(status), Enabled: true, Do: Command{Local: Quit}},
	)
}

// programItem is one entry for all that is not about a Gateway.
func programItem(status supervisor.Status, program Program, now time.Time) Item {
	paused := program.PausedUntil.After(now)
	title := "Gatelight"
	if paused {
		title += " (alerts paused until " + supervisor.When(program.PausedUntil, now) + ")"
	}
	items := []Item{
		{Title: "Timeline", Enabled: true, Do: Command{Local: OpenTimeline}},
		{Title: "Log", Enabled: true, Do: Command{Local: OpenLog}},
		{Title: "Settings…", Enabled: true, Do: Command{Local: OpenSettings}},
	}
	items = append(items, copyItems(status)...)
	items = append(items,
		Item{Separator: true},
		Item{Title: "Alerts are off in the settings", Hidden: !program.AlertsOff},
		Item{Title: "Pause alerts for an hour", Enabled: true, Hidden: program.AlertsOff, Do: Command{Local: PauseHour}},
		Item{Title: "Pause alerts until tomorrow", Enabled: true, Hidden: program.AlertsOff, Do: Command{Local: PauseTomorrow}},
		Item{Title: "Show alerts again", Enabled: true, Hidden: program.AlertsOff || !paused, Do: Command{Local: ResumeAlerts}},
		atLoginItem(program.AtLogin),
		Item{Separator: true},
	)
	return Item{Title: title, Enabled: true, Children: append(items, aboutItems(status, program)...)}
}

// copyItems copy a Gateway's IBC config to where IBC reads it, where there is one to
// copy. One entry for each Gateway, and hidden else, keeps the shape of the menu.
func copyItems(status supervisor.Status) (items []Item) {
	for _, g := range status.Gateways {
		title := "Copy IBC config"
		if len(status.Gateways) > 1 {
			title += " of " + g.Name
		}
		it := actionItem(g, supervisor.CopyConfig, title)
		it.Hidden = !g.HasConfigSource
		items = append(items, it)
	}
	return items
}

// problemLines is how many lines there are for why alerts are not shown.
const problemLines = 2

// clickErrorTime is how long the menu says why a click had no effect.
const clickErrorTime = time.Minute

func clickErrorLine(program Program, now time.Time) string {
	e := program.ClickError
	if e == nil || e.at.After(now) || now.Sub(e.at) > clickErrorTime {
		return ""
	}
	return supervisor.When(e.at, now) + "  " + e.text
}

func atLoginItem(s Switch) Item {
	it := Item{Title: "Start at login", Enabled: s.Why == "", Checkable: true, Checked: s.On, Do: Command{Local: AtLogin}}
	if s.On {
		it.Do.Local = NotAtLogin
	}
	if s.Why != "" {
		it.Title += " (" + s.Why + ")"
	}
	return it
}

func aboutItems(status supervisor.Status, program Program) []Item {
	reader := ""
	for _, g := range status.Gateways {
		if g.Reader != "" {
			reader = "The port is seen through " + g.Reader
		}
	}
	return []Item{
		note("Gatelight " + program.Version),
		note(reader),
		optional("Alerts are shown by "+program.Alerts.By, program.Alerts.By != ""),
		optional("Settings: "+program.Settings, program.Settings != ""),
		note("Sends no orders. Not affiliated with Interactive Brokers."),
	}
}

func quitTitle(status supervisor.Status) string {
	switch {
	case status.Remote:
		return "Close this view (supervision goes on)"
	case status.Demo:
		return "Quit the demo"
	}
	var running int
	for _, g := range status.Gateways {
		if g.State != supervisor.Down { // unknown is not down
			running++
		}
	}
	switch running {
	case 0:
		return "Quit"
	case 1:
		return "Quit (the Gateway keeps running)"
	}
	return "Quit (the Gateways keep running)"
}
