package supervisor

import (
	"strings"
	"testing"
	"time"
)

func TestACodeAboutTheLinkSetsTheState(t *testing.T) {
	lost := CodeReceived{Code: 1100, Link: LinkDown, Meaning: "the Gateway has lost its connection to IBKR"}
	broken := CodeReceived{Code: 2110, Link: LinkDown, Meaning: "the line is broken"}
	farm := CodeReceived{Code: 2104, Meaning: "a farm is connected", Farm: Farm{Kind: MarketData, Name: "usfarm", Status: FarmOK}}
	for _, tt := range []struct {
		name  string
		codes []CodeReceived
		state State
		link  LinkState
		why   string
	}{
		{"nothing", nil, Connected, LinkUp, "The API answers; no other client is connected"},
		{"1100", []CodeReceived{lost}, CutOff, LinkDown,
			"The API answers, but the Gateway has lost its connection to IBKR (1100). It usually comes back by itself"},
		{"2110", []CodeReceived{broken}, CutOff, LinkDown,
			"The API answers, but the line is broken (2110). It usually comes back by itself"},
		{"a farm is connected, the link stays down", []CodeReceived{broken, farm}, CutOff, LinkDown,
			"The API answers, but the line is broken (2110). It usually comes back by itself"},
		{"1101", []CodeReceived{lost, {Code: 1101, Link: LinkUp}}, Connected, LinkUp, "The API answers; no other client is connected"},
		{"1102", []CodeReceived{broken, {Code: 1102, Link: LinkUp}}, Connected, LinkUp, "The API answers; no other client is connected"},
		{"1300", []CodeReceived{{Code: 1300, Link: LinkUnknown}}, Connected, LinkUnknown, "The API answers; no other client is connected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.becomeConnected()
			for _, c := range tt.codes {
				h.event(c)
			}
			if h.s.State != tt.state || h.s.API.Link != tt.link || h.s.Why != tt.why {
				t.Errorf("%s, link %s: %s", h.s.State, h.s.API.Link, h.s.Why)
			}
			if n := len(tt.codes); n > 0 && (h.s.API.LastCode != tt.codes[n-1].Code || h.s.API.LastMeaning != tt.codes[n-1].Meaning) {
				t.Errorf("last code %d %q", h.s.API.LastCode, h.s.API.LastMeaning)
			}
		})
	}
}

func TestCodesDoNotProveThatTheAPIAnswers(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	for range 12 {
		h.now = h.now.Add(time.Second)
		h.look()
		h.event(CodeReceived{Code: 2104})
	}
	if want := "Port 4002 is open, and the API has not answered since 14:00:01. A restart usually helps"; h.s.State != Silent || h.s.Why != want {
		t.Errorf("%s: %s, want %s", h.s.State, h.s.Why, want)
	}
	if n := len(effectsOf[OpenSession](h)); h.s.API.State != SessionUp || n != 1 {
		t.Errorf("session %s, %d opened; want it left alone", h.s.API.State, n)
	}
}

// People are told what to do in every state of the old port.
func TestAPortChangedInTheGatewayIsToldWithWhatToDo(t *testing.T) {
	const what, todo = "The API port was changed in the Gateway's settings (1300). ", "Set port to 4003 in Gatelight's settings"
	for _, tt := range []struct {
		name string
		port int
		view func(h *harness)
		want State
		why  string
	}{
		{"somebody else's Gateway", 4003, func(h *harness) { h.view = PortView{} }, Down, what + todo},
		{"our Gateway lives on", 4003, func(h *harness) { h.ours(); h.view = PortView{} }, Starting, what + todo},
		{"the port stays open", 4003, func(h *harness) {}, Listening, what + todo},
		{"no port is named", 0, func(h *harness) { h.view = PortView{} }, Down, what + "Set port to the new one in Gatelight's settings"},
		{"it ends", 4003, func(h *harness) {
			h.ours()
			h.view = PortView{}
			h.look()
			h.event(GatewayEnded{Exit: Exit{At: h.now, Why: "it was killed"}})
		}, Down, "It ended at " + clock(time.Date(2026, 11, 23, 14, 0, 1, 0, time.UTC)) + ": it was killed"},
		{"it answers again", 4003, func(h *harness) { h.hold(6 * time.Second); h.event(SessionReady{ServerVersion: 187}) },
			Connected, "The API answers; no other client is connected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			h.becomeConnected()
			h.event(CodeReceived{Code: 1300, Link: LinkUnknown, NewPort: tt.port})
			h.event(SessionClosed{Why: "the Gateway closed the connection"})
			tt.view(h)
			h.look()
			if h.s.State != tt.want || !strings.HasPrefix(h.s.Why, tt.why) {
				t.Errorf("%s: %s, want %s", h.s.State, h.s.Why, tt.why)
			}
		})
	}
}

func TestOmittedMessagesAreRecorded(t *testing.T) {
	h := newHarness(t)
	h.becomeConnected()
	h.clear()
	h.event(CodesOmitted{Count: 999_960})
	if got := effectsOf[Record](h); len(got) != 1 || got[0].Entry.Text != "The Gateway sends too much: 999960 messages were left out" {
		t.Errorf("%+v", got)
	}
}
