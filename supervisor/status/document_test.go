package status

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatelight/supervisor"
)

var update = flag.Bool("update", false, "write the documents in testdata again")

// Scripts read these documents. Fields may be added, none may be renamed.
func TestDocumentIsWhatScriptsRead(t *testing.T) {
	for _, tt := range []struct {
		file   string
		status supervisor.Status
	}{
		{"status.json", fullStatus()},
		{"not_looked.json", notLookedStatus()},
		{"no_gateways.json", supervisor.Status{Source: "engine", Version: "1.2.3"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			got, err := json.MarshalIndent(Encode(tt.status, now), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("testdata", tt.file)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// fields decodes one Gateway of a document as a script would.
func fields(t *testing.T, w supervisor.Status, at time.Time) map[string]any {
	t.Helper()
	b, err := json.Marshal(Encode(w, at))
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ Gateways []map[string]any }
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return d.Gateways[0]
}

func TestAgesAreThoseOfTheTimeOfWriting(t *testing.T) {
	for _, tt := range []struct {
		later             time.Duration
		evidence, fresh   float64 // ms
		zombie, lastFresh float64 // s
	}{
		{0, 310, 4690, 41.2, 4},
		{100 * time.Millisecond, 410, 4590, 41.3, 4.1},
		{4 * time.Second, 4310, 690, 45.2, 8},
	} {
		g := fields(t, fullStatus(), now.Add(tt.later))
		zombies := g["zombies"].([]any)
		got := []any{g["state"], g["evidence_age_ms"], g["fresh_for_ms"], zombies[0].(map[string]any)["age_s"],
			zombies[2].(map[string]any)["age_s"]}
		if diff := cmp.Diff([]any{"zombies", tt.evidence, tt.fresh, tt.zombie, tt.lastFresh}, got); diff != "" {
			t.Errorf("after %v: %s", tt.later, diff)
		}
	}
}

// The engine may hang. Its last state must not be shown as the present one.
func TestAStaleStateIsUnknown(t *testing.T) {
	w := fullStatus()
	g := fields(t, w, w.Gateways[0].FreshUntil)
	got := []any{g["state"], g["since"], g["fresh_for_ms"], g["blocking"], g["verified"], g["expected"]}
	if diff := cmp.Diff([]any{"unknown", "2026-11-23T14:02:57.39Z", 0.0, false, false, false}, got); diff != "" {
		t.Error(diff)
	}
	if w.Gateways[0].State != supervisor.Zombies {
		t.Error("Encode has changed its argument")
	}
}

func TestWhatIsNotKnownIsNull(t *testing.T) {
	w := fullStatus()
	s := &w.Gateways[0]
	s.Since, s.Clients[1].Since, s.Zombies[1].Since, s.Zombies[2].LastSeen = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	s.Process.LastExit.Status = -1
	s.Listener.Process = supervisor.Process{}
	g := fields(t, w, now)
	at := func(path ...any) any {
		var v any = g
		for _, p := range path {
			switch p := p.(type) {
			case string:
				v = v.(map[string]any)[p]
			case int:
				v = v.([]any)[p]
			}
		}
		return v
	}
	for _, path := range [][]any{
		{"since"}, {"listener", "pid"}, {"listener", "process"},
		{"clients", 1, "since"}, {"clients", 1, "pid"}, {"clients", 1, "process"}, {"clients", 1, "command"},
		{"zombies", 1, "since"}, {"zombies", 1, "age_s"}, {"zombies", 1, "owner"},
		{"zombies", 2, "owner", "process"}, {"zombies", 2, "owner", "command"}, {"zombies", 2, "owner", "last_seen"},
		{"stale_clients", 0, "command"}, {"gateway_process", "last_exit", "status"},
	} {
		if v := at(path...); v != nil {
			t.Errorf("%v is %v, want null", path, v)
		}
	}
}

func TestAKnownZeroIsNotNull(t *testing.T) {
	w := fullStatus()
	w.Gateways[0].API.ClientID, w.Gateways[0].Process.LastExit.Status = 0, 0
	g := fields(t, w, now)
	if id := g["api"].(map[string]any)["client_id"]; id != 0.0 {
		t.Errorf("client id 0 is %v", id)
	}
	if status := g["gateway_process"].(map[string]any)["last_exit"].(map[string]any)["status"]; status != 0.0 {
		t.Errorf("exit status 0 is %v", status)
	}
}

func TestADocumentNamesTheReaderWhicheverGatewayWasLookedAt(t *testing.T) {
	a, b := fullStatus().Gateways[0], notLookedStatus().Gateways[0]
	for name, gateways := range map[string][]supervisor.Snapshot{"looked at first": {a, b}, "looked at last": {b, a}} {
		if d := Encode(supervisor.Status{Gateways: gateways}, now); d.Reader == nil || *d.Reader != "netlink" {
			t.Errorf("%s: %v", name, d.Reader)
		}
	}
}

// sent is a Status after it was sent as JSON.
func sent(t *testing.T, w supervisor.Status, at, received time.Time) supervisor.Status {
	t.Helper()
	b, err := json.Marshal(Encode(w, at))
	if err != nil {
		t.Fatal(err)
	}
	var d Document
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	return Decode(d, received)
}

// A view of a running Gatelight shows what that one shows.
func TestDecodeRestoresWhatWasEncoded(t *testing.T) {
	equal := cmp.Options{
		cmpopts.IgnoreUnexported(supervisor.Snapshot{}),
		cmpopts.IgnoreFields(supervisor.Snapshot{}, "WakeAt"), // not in the document
		cmpopts.EquateComparable(netip.AddrPort{}),
		cmpopts.EquateEmpty(),
	}
	odd := fullStatus()
	odd.Gateways[0].Process.LastExit.Status = -1
	odd.Gateways[0].API = supervisor.Session{State: supervisor.SessionConnecting, Since: now, Link: supervisor.LinkUnknown}
	odd.Gateways[0].Listener.Process = supervisor.Process{}
	for name, w := range map[string]supervisor.Status{
		"everything": fullStatus(), "hardly anything": notLookedStatus(), "odd": odd, "no Gateway": {Source: "engine", Version: "1"},
	} {
		if diff := cmp.Diff(w, sent(t, w, now, now), equal); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Two clocks need not agree: ages are counted from when the document was
// received.
func TestAgesAreCountedByTheReceiversClock(t *testing.T) {
	received := now.Add(-3 * time.Hour)
	got := sent(t, fullStatus(), now, received).Gateways[0]
	if want := received.Add(-310 * time.Millisecond); !got.EvidenceAt.Equal(want) {
		t.Errorf("evidence at %v, want %v", got.EvidenceAt, want)
	}
	if want := received.Add(4690 * time.Millisecond); !got.FreshUntil.Equal(want) {
		t.Errorf("fresh until %v, want %v", got.FreshUntil, want)
	}
	got = sent(t, notLookedStatus(), now, received).Gateways[0]
	if !got.EvidenceAt.IsZero() || !got.FreshUntil.IsZero() {
		t.Errorf("made up: evidence at %v, fresh until %v", got.EvidenceAt, got.FreshUntil)
	}
}
