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
		{1300, LinkNone, FarmNone, FromGateway},
		{2103, LinkNone, FarmBroken, FromGateway},
		{2104, LinkNone, FarmOK, FromGateway},
		{2105, LinkNone, FarmBroken, FromGateway},
		{2106, LinkNone, FarmOK, FromGateway},
		{2107, LinkNone, FarmInactive, FromGateway},
		{2108, LinkNone, FarmInactive, FromGateway},
		{2110, LinkDown, FarmNone, FromGateway},
		{2157, LinkNone, FarmBroken, FromGateway},
		{2158, LinkNone, FarmOK, FromGateway},
		{10197, LinkNone, FarmNone, FromGateway},
	}
	for _, w := range want {
		c, ok := Lookup(w.code)
		if !ok || c.Code != w.code || c.Link != w.link || c.Farm != w.farm || c.From != w.from {
			t.Errorf("%d: %+v", w.code, c)
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
