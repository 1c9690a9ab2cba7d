package monitor

import (
	"strings"
	"testing"
)

func TestCodes(t *testing.T) {
	t.Parallel()
	want := []struct {
		code int
		link Link
		farm Farm
		from Origin
	}{
		{326, LinkNone, FarmNone, FromGateway},
		{502, LinkNone, FarmNone, FromLibrary},
		{504, LinkNone, FarmNone, FromLibrary},
		{507, LinkNone, FarmNone, FromLibrary},
		{1100, LinkDown, FarmNone, FromGateway},
		{1101, LinkUp, FarmNone, FromGateway},
		{1102, LinkUp, FarmNone, FromGateway},
		{1300, LinkUnknown, FarmNone, FromGateway},
		{2103, LinkNone, FarmBroken, FromGateway},
		{2104, LinkNone, FarmOK, FromGateway},
		{2105, LinkNone, FarmBroken, FromGateway},
		{2106, LinkNone, FarmOK, FromGateway},
		{2107, LinkNone, FarmInactive, FromGateway},
		{2108, LinkNone, FarmInactive, FromGateway},
		{2110, LinkDown, FarmNone, FromGateway},
		{2119, LinkNone, FarmConnecting, FromGateway},
		{2157, LinkNone, FarmBroken, FromGateway},
		{2158, LinkNone, FarmOK, FromGateway},
		{10197, LinkNone, FarmNone, FromGateway},
	}
	for _, w := range want {
		c, ok := Lookup(w.code)
		if !ok || c.Code != w.code || c.Link != w.link || c.Farm != w.farm || c.From != w.from {
			t.Errorf("%d: %+v", w.code, c)
		}
		if (c.Serves != "") != (c.Farm != FarmNone) {
			t.Errorf("%d: a farm that serves %q is %q", w.code, c.Serves, c.Farm)
		}
		if c.Source == "" || c.Meaning == "" || strings.HasSuffix(c.Meaning, ".") {
			t.Errorf("%d: meaning %q, source %q", w.code, c.Meaning, c.Source)
		}
	}
	if len(codes) != len(want) {
		t.Errorf("%d codes in the table, %d tested", len(codes), len(want))
	}
	if c, ok := Lookup(202); ok {
		t.Errorf("202 is about an order: %+v", c)
	}
}

// The words are those of Gateways in the field.
func TestFarmNamesAreReadOutOfTheGatewaysWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Market data farm connection is OK:usfarm.nj":                                           "usfarm.nj",
		"HMDS data farm connection is broken:ushmds":                                            "ushmds",
		"Sec-def data farm connection is OK:secdefnj":                                           "secdefnj",
		"Market data farm is connecting:usfuture":                                               "usfuture",
		"HMDS data farm connection is inactive but should be available upon demand.ushmds":      "ushmds",
		"Market data farm connection is inactive but should be available upon demand.usfarm.us": "usfarm.us",
		"Market data farm connection is inactive but should be available upon demand.":          "",
		"Verbindung zur Marktdatenfarm: hergestellt: eufarm ":                                   "eufarm",
		"Market data farm connection is OK:":                                                    "",
		"":                                                                                      "",
	} {
		if got := FarmName(text); got != want {
			t.Errorf("%q: farm %q, want %q", text, got, want)
		}
	}
}

func TestTheNewPortIsReadOutOfTheGatewaysWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"TWS socket port has been reset and this connection is being dropped.\nPlease reconnect on the new port -4003": 4003,
		"Please reconnect on the new port - 7496 ": 7496,
		"Please reconnect on the new port":         0,
		"on the new port 70000":                    0,
		"4003 is the new port":                     0,
		"":                                         0,
	} {
		if got := NewPort(text); got != want {
			t.Errorf("%q: port %d, want %d", text, got, want)
		}
	}
}
