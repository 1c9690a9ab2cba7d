package alerts

import (
	"strings"
	"testing"

	"gatelight/supervisor"
)

func TestMacOSShowsAlertsInTheBestWayThatItAllows(t *testing.T) {
	app := macSettings{Bundle: "app.gatelight", Path: "/Applications/Gatelight.app", Helper: "osascript", Known: true, Status: 2, Setting: 2, Style: 1}
	for _, tt := range []struct {
		name   string
		change func(*macSettings)
		want   macWay
		short  string
		do     string
	}{
		{"allowed, as banners", func(*macSettings) {}, throughCenter, "", ""},
		{"allowed, as alerts that stay", func(m *macSettings) { m.Style = 2 }, throughCenter, "", ""},
		{"allowed for a while", func(m *macSettings) { m.Status = 3 }, throughCenter, "", ""},
		{"allowed after it was refused once", func(m *macSettings) { m.RequestErr = "UNErrorDomain 1" }, throughCenter, "", ""},
		{"allowed, without banners", func(m *macSettings) { m.Style = 0 }, throughCenter, "without a banner", "choose Banners or Alerts"},
		{"allowed, alerts off", func(m *macSettings) { m.Setting = 1 }, throughCenter, "without a banner", "Notifications > Gatelight"},
		{"a bare program", func(m *macSettings) { m.Bundle, m.Path = "", "/usr/local/bin" }, throughHelper, "apps alone", "Gatelight.app"},
		{"a bare program that carries an identifier", func(m *macSettings) { m.Path = "/usr/local/bin" }, throughHelper, "apps alone", "Gatelight.app"},
		{"an app without an identifier", func(m *macSettings) { m.Bundle = "" }, throughHelper, "apps alone", "Gatelight.app"},
		{"no framework", func(m *macSettings) { m.Missing = "it does not load: no such file" }, throughHelper, "cannot be used: it does not load", "report it"},
		{"settings that do not come", func(m *macSettings) { m.Known, m.Status = false, 0 }, throughHelper, "does not say", "try again"},
		{"the question is open", func(m *macSettings) { m.Status = 0 }, throughHelper, "nobody has told macOS yet", "answer macOS"},
		{"the question cannot be asked", func(m *macSettings) { m.Status, m.RequestErr = 0, "UNErrorDomain 1" }, throughHelper, "UNErrorDomain 1", "not signed"},
		{"switched off", func(m *macSettings) { m.Status, m.RequestErr = 1, "UNErrorDomain 1" }, throughHelper, "switched off", "switch them on in System Settings"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings := app
			tt.change(&settings)
			got, report := settings.choose()
			if got != tt.want || !strings.Contains(report.Short, tt.short) || !strings.Contains(report.Do, tt.do) {
				t.Errorf("%s, %+v", got, report)
			}
			if (report.Short == "") != (tt.short == "") || (report.Do == "") != (report.Short == "") {
				t.Errorf("what is short and what to do belong together: %+v", report)
			}
			by := map[macWay]string{throughCenter: "macOS", throughHelper: "osascript"}[tt.want]
			if report.By != by || report.Unreliable != (tt.want == throughHelper) || report.Buttons != (tt.want == throughCenter) || !report.Sound {
				t.Errorf("%+v", report)
			}
		})
	}
}

func TestTheSameButtonsAreOneCategory(t *testing.T) {
	start, log := offeredButton{"start", "Start Gateway"}, offeredButton{"log", "Show log"}
	seen := map[string]bool{}
	for _, set := range [][]offeredButton{{start, log}, {log, start}, {start}, {{"start", "Start"}, log}, {{"start", `a" "b`}}, {{`start" "a`, "b"}}} {
		if seen[categoryID(set)] || categoryID(set) != categoryID(append([]offeredButton(nil), set...)) {
			t.Errorf("%q is not alone %q", set, categoryID(set))
		}
		seen[categoryID(set)] = true
	}
}

// A button does what was written on it when it was pressed, and what was not
// offered does nothing.
func TestAButtonDoesWhatWasWrittenOnIt(t *testing.T) {
	live, paper := Press{Gateway: "live", Action: supervisor.Start}, Press{Gateway: "paper", Action: supervisor.Start}
	var offered offers
	offered.add([]Button{{"Start Gateway", live}, {"Show log", Press{ShowLog: true}}})
	old := offered.add([]Button{{"Start Gateway", live}})
	offered.add([]Button{{"Start Gateway", paper}}) // a newer alert
	if c, ok := offered.press(old[0].ID); !ok || c != live || old[0].Label != "Start Gateway" {
		t.Errorf("%+v starts %+v, %t", old, c, ok)
	}
	for _, id := range []string{"com.apple.UNNotificationDefaultActionIdentifier", "", pressID(Press{Gateway: "live", Action: supervisor.Stop})} {
		if c, ok := offered.press(id); ok {
			t.Errorf("%q does %+v", id, c)
		}
	}
}

func TestAReportHasTheValuesOfMacOS(t *testing.T) {
	for want, got := range map[string]string{
		"macOS does not tell": macSettings{}.detail(3),
		"authorizationStatus 2, alertSetting 2, alertStyle 1":                                         macSettings{Known: true, Status: 2, Setting: 2, Style: 1}.detail(-1),
		"authorizationStatus 0, alertSetting 0, alertStyle 0, request refused with UN 1, 0 shown now": macSettings{Known: true, RequestErr: "UN 1"}.detail(0),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
