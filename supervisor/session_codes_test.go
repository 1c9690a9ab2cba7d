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
			r := newHarness(t)
			r.becomeConnected()
			for _, c := range tt.codes {
				r.event(c)
			}
			if r.s.State != tt.state || r.s.API.Link != tt.link || r.s.Why != tt.why {
				t.Errorf("%s, link %s: %s", r.s.State, r.s.API.Link, r.s.Why)
			}
			if n := len(tt.codes); n > 0 && (r.s.API.LastCode != tt.codes[n-1].Code || r.s.API.LastMeaning != tt.codes[n-1].Meaning) {
				t.Errorf("last code %d %q", r.s.API.LastCode, r.s.API.LastMeaning)
			}
		})
	}
}

func TestCodesDoNotProveThatTheAPIAnswers(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	for range 12 {
		r.now = r.now.Add(time.Second)
		r.look()
		r.event(CodeReceived{Code: 2104})
	}
	if want := "Port 4002 is open; last answer 12 s ago"; r.s.State != Listening || r.s.Why != want {
		t.Errorf("%s: %s, want %s", r.s.State, r.s.Why, want)
	}
	if n := len(effectsOf[OpenSession](r)); r.s.API.State != SessionUp || n != 1 {
		t.Errorf("session %s, %d opened; want it left alone", r.s.API.State, n)
	}
}

// People are told what to do in every state of the old port.
func TestAPortChangedInTheGatewayIsToldWithWhatToDo(t *testing.T) {
	const what, todo = "The API port was changed in the Gateway's settings (1300). ", "Set port to 4003 in Gatelight's settings"
	for _, tt := range []struct {
		name string
		port int
		view func(r *harness)
		want State
		why  string
	}{
		{"somebody else's Gateway", 4003, func(r *harness) { r.view = PortView{} }, Down, what + todo},
		{"our Gateway lives on", 4003, func(r *harness) { r.ours(); r.view = PortView{} }, Starting, what + todo},
		{"the port stays open", 4003, func(r *harness) {}, Listening, what + todo},
		{"no port is named", 0, func(r *harness) { r.view = PortView{} }, Down, what + "Set port to the new one in Gatelight's settings"},
		{"it ends", 4003, func(r *harness) {
			r.ours()
			r.view = PortView{}
			r.look()
			r.event(GatewayEnded{Exit: Exit{At: r.now, Why: "it was killed"}})
		}, Down, "It ended at " + clock(time.Date(2026, 11, 23, 14, 0, 1, 0, time.UTC)) + ": it was killed"},
		{"it answers again", 4003, func(r *harness) { r.hold(6 * time.Second); r.event(SessionReady{ServerVersion: 187}) },
			Connected, "The API answers; no other client is connected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newHarness(t)
			r.becomeConnected()
			r.event(CodeReceived{Code: 1300, Link: LinkUnknown, NewPort: tt.port})
			r.event(SessionClosed{Why: "the Gateway closed the connection"})
			tt.view(r)
			r.look()
			if r.s.State != tt.want || !strings.HasPrefix(r.s.Why, tt.why) {
				t.Errorf("%s: %s, want %s", r.s.State, r.s.Why, tt.why)
			}
		})
	}
}

func TestOmittedMessagesAreRecorded(t *testing.T) {
	r := newHarness(t)
	r.becomeConnected()
	r.clear()
	r.event(CodesOmitted{Count: 999_960})
	if got := effectsOf[Record](r); len(got) != 1 || got[0].Entry.Text != "The Gateway sends too much: 999960 messages were left out" {
		t.Errorf("%+v", got)
	}
}
