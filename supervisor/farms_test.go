package supervisor

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFarmsAreKeptByKindAndName(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	send := func(k FarmKind, name string, s FarmStatus) {
		h.now = h.now.Add(time.Second)
		h.event(CodeReceived{Code: 2104, Farm: Farm{Kind: k, Name: name, Status: s}})
	}
	start := h.now
	send(MarketData, "usfarm", FarmOK)
	send(HistoricalData, "ushmds", FarmOK)
	send(MarketData, "eufarm", FarmConnecting)
	before := h.s
	send(MarketData, "usfarm", FarmBroken)
	send(Definitions, "", FarmOK)
	after := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	want := []Farm{
		{HistoricalData, "ushmds", FarmOK, after(2)},
		{MarketData, "eufarm", FarmConnecting, after(3)},
		{MarketData, "usfarm", FarmBroken, after(4)},
		{Definitions, "", FarmOK, after(5)},
	}
	if diff := cmp.Diff(want, h.s.API.Farms); diff != "" {
		t.Error(diff)
	}
	if before.API.Farms[2] != (Farm{MarketData, "usfarm", FarmOK, after(1)}) {
		t.Errorf("an older snapshot was changed: %+v", before.API.Farms)
	}
	for i := range 100 {
		send(MarketData, fmt.Sprint("f", i), FarmOK)
	}
	if n := len(h.s.API.Farms); n != maxFarms || h.s.API.Farms[0].Name != "f68" {
		t.Errorf("%d farms from %+v, want the newest %d", n, h.s.API.Farms[0], maxFarms)
	}
	h.event(SessionClosed{Why: "reset"})
	if len(h.s.API.Farms) != 0 {
		t.Errorf("after the session: %+v", h.s.API.Farms)
	}
}
