package tray

import (
	"time"
	"unicode"
	"unicode/utf8"

	"gatelight/supervisor"
)

// This file is what the menu says of this program itself, and what it offers.

func program(w supervisor.Status, desk Program, now time.Time) []Item {
	if w.Demo {
		desk.AtLogin = Switch{Why: "not the demo"}
	}
	items := []Item{note(answer(desk, now))}
	for _, line := range wrapped(capital(desk.Mute), whyWidth, muteLines) {
		items = append(items, note(line))
	}
	return append(items,
		pausing(desk, now),
		Item{Title: "Timeline", Enabled: true, Do: Command{Local: OpenTimeline}},
		Item{Title: "Open log", Enabled: true, Do: Command{Local: OpenLog}},
		atLogin(desk.AtLogin),
		about(w, desk),
		Item{Title: quitTitle(w), Enabled: true, Do: Command{Local: Quit}},
	)
}

// muteLines is how many lines there are for why alerts are not shown.
const muteLines = 2

// capital begins an error as a line of the menu begins.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return ""
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// answering is how long the menu says what a click has come to.
const answering = time.Minute

func answer(desk Program, now time.Time) string {
	if age := now.Sub(desk.AnsweredAt); desk.Answer == "" || age < 0 || age > answering {
		return ""
	}
	return supervisor.When(desk.AnsweredAt, now) + "  " + desk.Answer
}

func pausing(desk Program, now time.Time) Item {
	paused := desk.PausedUntil.After(now)
	title := "Pause alerts"
	if paused {
		title = "Alerts are paused until " + supervisor.When(desk.PausedUntil, now)
	}
	if desk.AlertsOff {
		title = "Pause alerts (they are off in the settings)"
	}
	return Item{Title: title, Enabled: !desk.AlertsOff, Children: []Item{
		{Title: "For an hour", Enabled: true, Do: Command{Local: PauseHour}},
		{Title: "Until tomorrow", Enabled: true, Do: Command{Local: PauseTomorrow}},
		{Title: "Show them again", Enabled: true, Hidden: !paused, Do: Command{Local: ResumeAlerts}},
	}}
}

func atLogin(s Switch) Item {
	it := Item{Title: "Start at login", Enabled: s.Why == "", Checkable: true, Checked: s.On, Do: Command{Local: AtLogin}}
	if s.On {
		it.Do.Local = NotAtLogin
	}
	if s.Why != "" {
		it.Title += " (" + s.Why + ")"
	}
	return it
}

func about(w supervisor.Status, desk Program) Item {
	reader := ""
	for _, g := range w.Gateways {
		if g.Reader != "" {
			reader = "The port is seen through " + g.Reader
		}
	}
	return Item{Title: "About", Enabled: true, Children: []Item{
		note("Gatelight " + desk.Version),
		note(reader),
		optional("Alerts are shown by "+desk.AlertsBy, desk.AlertsBy != ""),
		optional("Settings: "+desk.Settings, desk.Settings != ""),
		note("Sends no orders. Not affiliated with Interactive Brokers."),
	}}
}

func quitTitle(w supervisor.Status) string {
	switch {
	case w.Remote:
		return "Close this view (supervision goes on)"
	case w.Demo:
		return "Quit the demo"
	}
	var running int
	for _, g := range w.Gateways {
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
