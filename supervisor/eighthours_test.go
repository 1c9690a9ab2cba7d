package supervisor

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Eight hours of simulated time: a start with two-factor, a crash, an outage of
// IBKR, a Gateway that hangs for a while, and the nightly restart. The whole
// event log is compared.
func TestEightHoursGiveTheExpectedLogAndNoZombies(t *testing.T) {
	local := time.Local
	time.Local = time.UTC // the texts hold times of day
	t.Cleanup(func() { time.Local = local })
	var m *model
	var start time.Time
	synctest.Test(t, func(t *testing.T) {
		m, start = newModel(), Now()
		e, stop := startEngine(t, EngineConfig{
			Gateways: []Gateway{{Policy: keepRunning(), Driver: m, Session: m.hold}},
			Sockets:  m, Version: "test", Record: func(e Entry) { m.set(func() { m.entries = append(m.entries, e) }) },
		})
		at := func(d time.Duration) { time.Sleep(time.Until(start.Add(d))); synctest.Wait() }

		at(time.Minute)
		if err := e.Do(t.Context(), "", Start); err != nil {
			t.Error(err)
		}
		at(90 * time.Minute)
		m.crash()
		at(3 * time.Hour)
		m.send(CodeReceived{Code: 1100, Link: LinkDown, Meaning: "the Gateway has lost its connection to IBKR"})
		m.send(CodeReceived{Code: 2103, Farm: Farm{Kind: MarketData, Name: "usfarm", Status: FarmBroken}})
		at(3*time.Hour + 4*time.Minute)
		m.send(CodeReceived{Code: 1102, Link: LinkUp})
		m.send(CodeReceived{Code: 2104, Farm: Farm{Kind: MarketData, Name: "usfarm", Status: FarmOK}})
		at(5 * time.Hour)
		m.hang(40 * time.Second)
		at(6*time.Hour + 45*time.Minute)
		m.nightly()
		at(8 * time.Hour)
		if s := e.Latest().Gateways[0]; s.State != Connected {
			t.Errorf("%s in the end: %s", s.State, s.Why)
		}
		stop()
	})
	if len(m.zombies) != 0 {
		t.Errorf("zombies left: %+v", m.zombies)
	}
	// There were three processes, and one session with each.
	if m.launches != 3 || m.connections != 3 || m.mostPending != 1 {
		t.Errorf("%d processes, %d connections, up to %d pending at once; want 3, 3, 1", m.launches, m.connections, m.mostPending)
	}
	var got []string
	for _, e := range m.entries {
		line := fmt.Sprintf("%v %s: ", e.At.Sub(start).Truncate(time.Second), e.Kind)
		if e.Kind == EntryState {
			line += fmt.Sprintf("%s>%s %s| ", e.From, e.To, e.Phase)
		}
		got = append(got, line+e.Text)
	}
	if diff := cmp.Diff(eightHours, got); diff != "" {
		t.Error(diff)
	}
}

// eightHours is the event log: one notice for each incident and each recovery,
// and none for the nightly restart.
var eightHours = []string{
	"0s state: unknown>down | Nobody listens on port 4002",
	"1m0s command: start",
	"1m0s state: down>starting | The Gateway process lives; port 4002 is not open",
	"1m0s state: starting>starting launching| IBC is launching the Gateway",
	"1m5s state: starting>listening launching| Port 4002 is open already. IBC is launching the Gateway",
	"1m10s state: listening>listening login| Port 4002 is open already. IBC is logging in",
	"1m13s notice: Approve login: paper: Approve the login in IBKR Mobile. Gatelight is waiting; it won't restart the Gateway.",
	"1m13s state: listening>listening two_factor| Port 4002 is open already. Approve the login in IBKR Mobile; it has waited since 00:01:13",
	"1m53s state: listening>listening | Port 4002 is open; waiting for the API to answer",
	"1m53s session: API session ready, server version 187",
	"1m53s notice: Connected: paper: The login was approved; the API answers.",
	"1m53s state: listening>connected | The API answers; no other client is connected",
	"1h30m0s session: API session closed: the Gateway closed the connection",
	"1h30m0s state: connected>starting | The Gateway process lives; port 4002 is not open",
	"1h30m0s exit: it was killed",
	"1h30m0s notice: Down: paper: It ended at 01:30:00: it was killed. Gatelight starts it again at 01:30:10",
	"1h30m0s state: starting>down | It ended at 01:30:00: it was killed",
	"1h30m10s command: start, by itself",
	"1h30m10s state: down>starting | The Gateway process lives; port 4002 is not open",
	"1h30m10s state: starting>starting launching| IBC is launching the Gateway",
	"1h30m15s state: starting>listening launching| Port 4002 is open already. IBC is launching the Gateway",
	"1h30m20s state: listening>listening login| Port 4002 is open already. IBC is logging in",
	"1h30m23s notice: Approve login: paper: Approve the login in IBKR Mobile. Gatelight is waiting; it won't restart the Gateway.",
	"1h30m23s state: listening>listening two_factor| Port 4002 is open already. Approve the login in IBKR Mobile; it has waited since 01:30:23",
	"1h31m3s state: listening>listening | Port 4002 is open; waiting for the API to answer",
	"1h31m3s session: API session ready, server version 187",
	"1h31m3s notice: Connected: paper: The API answers again after 1 min.",
	"1h31m3s state: listening>connected | The API answers; no other client is connected",
	"3h0m0s state: connected>cut_off | The API answers, but the Gateway has lost its connection to IBKR (1100). It usually comes back by itself",
	"3h0m3s notice: Cut off from IBKR: paper: The API answers, but the Gateway has lost its connection to IBKR (1100). It usually comes back by itself",
	"3h4m0s notice: Connected: paper: IBKR is reached again after 4 min.",
	"3h4m0s state: cut_off>connected | The API answers; no other client is connected",
	"5h0m8s state: connected>silent | Port 4002 is open, and the API has not answered since 04:59:58. A restart usually helps",
	"5h0m11s notice: Not responding: paper: Port 4002 is open, and the API has not answered since 04:59:58. A restart usually helps",
	"5h0m40s notice: Connected: paper: The API answers again after 31 s.",
	"5h0m40s state: silent>connected | The API answers; no other client is connected",
	"6h45m2s session: API session closed: the Gateway closed the connection",
	"6h45m2s state: connected>starting restarting| Restarting without a new login",
	"6h45m22s state: starting>listening restarting| Port 4002 is open already. Restarting without a new login",
	"6h45m37s state: listening>listening | Port 4002 is open; waiting for the API to answer",
	"6h45m37s session: API session ready, server version 187",
	"6h45m37s state: listening>connected | The API answers; no other client is connected",
}
