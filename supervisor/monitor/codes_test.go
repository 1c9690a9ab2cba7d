package monitor

import (
	"strings"
	"testing"

	"gatelight/supervisor"
)

func TestEveryCodeSaysWhatItMeansForLinkAndFarm(t *testing.T) {
	t.Parallel()
	want := []struct {
		number  int
		link    supervisor.LinkState
		farm    supervisor.FarmStatus
		library bool // the Gateway never sends it
	}{
		{326, "", "", false},
		{502, "", "", true},
		{504, "", "", true},
		{507, "", "", true},
		{1100, supervisor.LinkDown, "", false},
		{1101, supervisor.LinkUp, "", false},
		{1102, supervisor.LinkUp, "", false},
		{1300, supervisor.LinkUnknown, "", false},
		{2103, "", supervisor.FarmBroken, false},
		{2104, "", supervisor.FarmOK, false},
		{2105, "", supervisor.FarmBroken, false},
		{2106, "", supervisor.FarmOK, false},
		{2107, "", supervisor.FarmInactive, false},
		{2108, "", supervisor.FarmInactive, false},
		{2110, supervisor.LinkDown, "", false},
		{2119, "", supervisor.FarmConnecting, false},
		{2157, "", supervisor.FarmBroken, false},
		{2158, "", supervisor.FarmOK, false},
		{10197, "", "", false},
	}
	for _, w := range want {
		c, listed := codes[w.number]
		if !listed || c.link != w.link || c.farm != w.farm || (c.source == fromLibrary) != w.library {
			t.Errorf("%d: %+v", w.number, c)
		}
		if (c.kind != "") != (c.farm != "") {
			t.Errorf("%d: a farm of kind %q is %q", w.number, c.kind, c.farm)
		}
		if c.source == "" || c.meaning == "" || strings.HasSuffix(c.meaning, ".") {
			t.Errorf("%d: meaning %q, source %q", w.number, c.meaning, c.source)
		}
	}
	if len(codes) != len(want) {
		t.Errorf("%d codes in the table, %d tested", len(codes), len(want))
	}
	if c, listed := codes[202]; listed {
		t.Errorf("202 is about an order: %+v", c)
	}
}

func TestCodeBecomesAnEvent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   rawCode
		want supervisor.CodeReceived
	}{
		{rawCode{1100, "lost"}, supervisor.CodeReceived{Text: "lost", Link: supervisor.LinkDown}},
		{rawCode{2104, "Market data farm connection is OK:usfarm\r\n"}, supervisor.CodeReceived{
			Text: "Market data farm connection is OK:usfarm",
			Farm: supervisor.Farm{Kind: supervisor.MarketData, Name: "usfarm", Status: supervisor.FarmOK}}},
		{rawCode{1300, "reconnect on the new port -4003"}, supervisor.CodeReceived{
			Text: "reconnect on the new port -4003", Link: supervisor.LinkUnknown, NewPort: 4003}},
		{rawCode{202, "Order Canceled: on the new port -4003"}, supervisor.CodeReceived{Text: "Order Canceled: on the new port -4003"}},
	} {
		tt.want.Code, tt.want.Meaning = tt.in.number, codes[tt.in.number].meaning
		if got := tt.in.event(); got != tt.want {
			t.Errorf("%+v: %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

// The texts are those of Gateways in the field.
func TestFarmNamesAreReadOutOfTheGatewaysText(t *testing.T) {
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
		if got := farmName(text); got != want {
			t.Errorf("%q: farm %q, want %q", text, got, want)
		}
	}
}

func TestTheNewPortIsReadOutOfTheGatewaysText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"TWS socket port has been reset and this connection is being dropped.\nPlease reconnect on the new port -4003": 4003,
		"Please reconnect on the new port - 7496 ": 7496,
		"Please reconnect on the new port":         0,
		"on the new port 70000":                    0,
		"4003 is the new port":                     0,
		"":                                         0,
	} {
		if got := newPort(text); got != want {
			t.Errorf("%q: port %d, want %d", text, got, want)
		}
	}
}
