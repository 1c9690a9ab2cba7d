package tray

import (
	"strings"
	"testing"

	"gatelight/supervisor"
)

func TestTheLadderOfMacOS(t *testing.T) {
	app := macSays{Bundle: "app.gatelight", Path: "/Applications/Gatelight.app", Helper: "osascript", Heard: true, Status: 2, Setting: 2, Style: 1}
	for _, tt := range []struct {
		name   string
		change func(*macSays)
		want   rung
		short  string
		do     string
	}{
		{"allowed, as banners", func(*macSays) {}, native, "", ""},
		{"allowed, as alerts that stay", func(m *macSays) { m.Style = 2 }, native, "", ""},
		{"allowed for a while", func(m *macSays) { m.Status = 3 }, native, "", ""},
		{"allowed after it was refused once", func(m *macSays) { m.Refusal = "UNErrorDomain 1" }, native, "", ""},
		{"allowed, without banners", func(m *macSays) { m.Style = 0 }, native, "without a banner", "choose Banners or Alerts"},
		{"allowed, alerts off", func(m *macSays) { m.Setting = 1 }, native, "without a banner", "Notifications > Gatelight"},
		{"a bare program", func(m *macSays) { m.Bundle, m.Path = "", "/usr/local/bin" }, borrowed, "apps alone", "Gatelight.app"},
		{"a bare program that carries an identifier", func(m *macSays) { m.Path = "/usr/local/bin" }, borrowed, "apps alone", "Gatelight.app"},
		{"an app without an identifier", func(m *macSays) { m.Bundle = "" }, borrowed, "apps alone", "Gatelight.app"},
		{"no framework", func(m *macSays) { m.Missing = "it does not load: no such file" }, borrowed, "cannot be used: it does not load", "report it"},
		{"settings that do not come", func(m *macSays) { m.Heard, m.Status = false, 0 }, borrowed, "does not say", "try again"},
		{"the question is open", func(m *macSays) { m.Status = 0 }, borrowed, "no answer yet", "answer it"},
		{"the question cannot be asked", func(m *macSays) { m.Status, m.Refusal = 0, "UNErrorDomain 1" }, borrowed, "UNErrorDomain 1", "not signed"},
		{"switched off", func(m *macSays) { m.Status, m.Refusal = 1, "UNErrorDomain 1" }, borrowed, "switched off", "switch them on in System Settings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			says := app
			tt.change(&says)
			got, alerts := says.choose()
			if got != tt.want || !strings.Contains(alerts.Short, tt.short) || !strings.Contains(alerts.Do, tt.do) {
				t.Errorf("%s, %+v", got, alerts)
			}
			if (alerts.Short == "") != (tt.short == "") || (alerts.Do == "") != (alerts.Short == "") {
				t.Errorf("what is short and what to do belong together: %+v", alerts)
			}
			by := map[rung]string{native: "macOS", borrowed: "osascript"}[tt.want]
			if alerts.By != by || alerts.Doubtful != (tt.want == borrowed) || alerts.Buttons != (tt.want == native) || !alerts.Sound {
				t.Errorf("%+v", alerts)
			}
		})
	}
}

func TestTheSameButtonsAreOneCategory(t *testing.T) {
	start, log := button{"start", "Start Gateway"}, button{"log", "Show log"}
	seen := map[string]bool{}
	for _, set := range [][]button{{start, log}, {log, start}, {start}, {{"start", "Start"}, log}, {{"start", `a" "b`}}, {{`start" "a`, "b"}}} {
		if seen[categoryOf(set)] || categoryOf(set) != categoryOf(append([]button(nil), set...)) {
			t.Errorf("%q is not alone %q", set, categoryOf(set))
		}
		seen[categoryOf(set)] = true
	}
}

// A button does what was written on it when it was pressed, and what was not
// offered does nothing.
func TestWhatAButtonDoes(t *testing.T) {
	live, paper := Command{Gateway: "live", Action: supervisor.Start}, Command{Gateway: "paper", Action: supervisor.Start}
	var p pressable
	p.offer([]offer{{"Start Gateway", live}, {"Show log", Command{Local: OpenLog}}})
	old := buttons([]offer{{"Start Gateway", live}})
	p.offer([]offer{{"Start Gateway", paper}}) // a newer alert
	if c, ok := p.command(old[0].ID); !ok || c != live || old[0].Label != "Start Gateway" {
		t.Errorf("%+v starts %+v, %t", old, c, ok)
	}
	for _, id := range []string{"com.apple.UNNotificationDefaultActionIdentifier", "", identifier(Command{Gateway: "live", Action: supervisor.Stop})} {
		if c, ok := p.command(id); ok {
			t.Errorf("%q does %+v", id, c)
		}
	}
}
