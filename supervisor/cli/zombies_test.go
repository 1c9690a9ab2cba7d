package cli

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

func TestZombiesAreDescribed(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 2, 52, 0, time.Local)
	back := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	peer := netip.MustParseAddrPort
	fresh := supervisor.Snapshot{Name: "paper", Port: 4002, LookFresh: true, EvidenceAt: now, FreshUntil: now.Add(time.Minute)}
	with := func(change func(*supervisor.Snapshot)) supervisor.Snapshot {
		s := fresh
		change(&s)
		return s
	}
	probe := supervisor.Process{PID: 455, Name: "python3", Command: "python3 probe.py", StartedAt: back(60)}
	tests := []struct {
		name string
		s    supervisor.Snapshot
		exit int
		want string
	}{
		{"none", with(func(s *supervisor.Snapshot) { s.State = supervisor.Connected }), 0,
			"Gateway paper, port 4002: no sockets stuck in CLOSE_WAIT\n"},
		{"blocking", with(func(s *supervisor.Snapshot) {
			s.State, s.Blocking, s.Why = supervisor.Zombies, true, "2 sockets stuck in CLOSE_WAIT; the API has not answered for 41 s"
			s.Zombies = []supervisor.Zombie{
				{Peer: peer("127.0.0.1:51230"), Since: back(41), Unread: 17, Owner: probe, LastSeen: back(42)},
				{Peer: peer("127.0.0.1:51231"), Since: back(86400), Queued: true, Unread: 1},
			}
		}), 2, `Gateway paper, port 4002: 2 sockets stuck in CLOSE_WAIT
  2 sockets stuck in CLOSE_WAIT; the API has not answered for 41 s
  127.0.0.1:51230        for 41 s, 17 bytes unread
                         opened by python3 probe.py (process 455), started 14:01:52, last seen 14:02:10
  127.0.0.1:51231        for 1 d 0 h, never accepted, 1 byte unread
                         opener unknown
  They keep the API from answering. Only a restart of the Gateway cures it: gatelight clear-zombies
`},
		{"harmless so far", with(func(s *supervisor.Snapshot) {
			s.State, s.Why = supervisor.Zombies, "1 socket stuck in CLOSE_WAIT; the API still answers"
			s.Zombies = []supervisor.Zombie{{Peer: peer("[::1]:51230"), Since: back(4)}}
		}), 2, `Gateway paper, port 4002: 1 socket stuck in CLOSE_WAIT
  1 socket stuck in CLOSE_WAIT; the API still answers
  [::1]:51230            for 4 s, all bytes read
                         opener unknown
  They do no harm yet. A restart of the Gateway removes them: gatelight clear-zombies
`},
		{"a stale client is none", with(func(s *supervisor.Snapshot) {
			s.State = supervisor.Connected
			s.StaleClients = []supervisor.Client{{Peer: peer("127.0.0.1:51240"), Process: supervisor.Process{PID: 9, Name: "node"}}}
		}), 0, `Gateway paper, port 4002: no sockets stuck in CLOSE_WAIT
  127.0.0.1:51240        not a zombie: node (process 9) still holds a connection that the Gateway has closed
`},
		{"what cannot be seen is not none", with(func(s *supervisor.Snapshot) {
			s.State, s.LookFresh, s.Why = supervisor.Unknown, false, "The port cannot be seen: lsof is missing. Actions are disabled meanwhile"
			s.Blind = []string{"other users' processes"}
		}), 3, `Gateway paper, port 4002: cannot be seen
  The port cannot be seen: lsof is missing. Actions are disabled meanwhile
  Cannot be seen from here: other users' processes
`},
		{"nor when a session vouches for the rest", with(func(s *supervisor.Snapshot) {
			s.State, s.LookFresh, s.Why = supervisor.Connected, false, "The API answers; the port itself cannot be seen: lsof is missing"
		}), 3, `Gateway paper, port 4002: cannot be seen
  The API answers; the port itself cannot be seen: lsof is missing
`},
	}
	for _, tt := range tests {
		w := supervisor.Status{Gateways: []supervisor.Snapshot{tt.s}}
		if diff := cmp.Diff(tt.want, zombieText(w, now)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
		if got := zombieStatus(w); got != tt.exit {
			t.Errorf("%s: exit status %d, want %d", tt.name, got, tt.exit)
		}
	}
}
