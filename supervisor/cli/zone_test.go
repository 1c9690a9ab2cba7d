package cli

import "testing"

func TestTheNameOfTheZoneIsInTheLink(t *testing.T) {
	for path, want := range map[string]string{
		"/var/db/timezone/zoneinfo/Europe/Berlin":         "Europe/Berlin",
		"/usr/share/zoneinfo.default/America/New_York":    "America/New_York",
		"../usr/share/zoneinfo/Etc/UTC":                   "Etc/UTC",
		"/usr/share/zoneinfo/America/Argentina/Catamarca": "America/Argentina/Catamarca",
		"/usr/share/zoneinfo":                             "",
		"/etc/other":                                      "",
		"":                                                "",
	} {
		if got := zoneName(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}
