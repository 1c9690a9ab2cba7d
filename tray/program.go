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
	items := []Item{note(clickErrorLine(program, now))}
	for _, line := range alerts.Wrap(supervisor.Capitalise(program.Alerts.Problem), whyWidth, problemLines) {
		items = append(items, note(line))
	}
	return append(items,
		pauseItem(program, now),
		Item{Title: "Timeline", Enabled: true, Do: Command{Local: OpenTimeline}},
		Item{Title: "Open log", Enabled: true, Do: Command{Local: OpenLog}},
		atLoginItem(program.AtLogin),
		aboutItem(status, program),
		Item{Title: quitTitle(status), Enabled: true, Do: Command{Local: Quit}},
	)
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

func pauseItem(program Program, now time.Time) Item {
	paused := program.PausedUntil.After(now)
	title := "Pause alerts"
	if paused {
		title = "Alerts are paused until " + supervisor.When(program.PausedUntil, now)
	}
	if program.AlertsOff {
		title = "Pause alerts (they are off in the settings)"
	}
	return Item{Title: title, Enabled: !program.AlertsOff, Children: []Item{
		{Title: "For an hour", Enabled: true, Do: Command{Local: PauseHour}},
		{Title: "Until tomorrow", Enabled: true, Do: Command{Local: PauseTomorrow}},
		{Title: "Show them again", Enabled: true, Hidden: !paused, Do: Command{Local: ResumeAlerts}},
	}}
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

func aboutItem(status supervisor.Status, program Program) Item {
	reader := ""
	for _, g := range status.Gateways {
		if g.Reader != "" {
			reader = "The port is seen through " + g.Reader
		}
	}
	return Item{Title: "About", Enabled: true, Children: []Item{
		note("Gatelight " + program.Version),
		note(reader),
		optional("Alerts are shown by "+program.Alerts.By, program.Alerts.By != ""),
		optional("Settings: "+program.Settings, program.Settings != ""),
		note("Sends no orders. Not affiliated with Interactive Brokers."),
	}}
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
