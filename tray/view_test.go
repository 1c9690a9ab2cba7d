package tray

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/tray/alerts"
	"gatelight/tray/fakesupervisor"
)

var (
	at    = time.Date(2026, 11, 23, 14, 0, 0, 0, time.Local)
	later = at.Add(2*time.Minute + 5*time.Second)
)

// in is a Gateway in the given state since at, fresh at later.
func in(state supervisor.State) supervisor.Snapshot {
	s := fakesupervisor.Gateway(state, later, time.Second)
	s.Since = at
	return s
}

func peer(port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)
}

var (
	now      = fakesupervisor.Now
	statusOf = fakesupervisor.Status
	drop     = fakesupervisor.Drop
)

// visible are the titles a person sees, separators as a rule.
func visible(items []Item) []string {
	var titles []string
	for _, it := range items {
		switch {
		case it.Separator:
			titles = append(titles, "---")
		case it.Hidden:
		case !it.Enabled && (it.Do != (Command{}) || len(it.Children) > 0):
			titles = append(titles, "off: "+it.Title)
		case it.Checkable:
			titles = append(titles, map[bool]string{true: "[x] ", false: "[ ] "}[it.Checked]+it.Title)
		default:
			titles = append(titles, it.Title)
			for _, child := range visible(it.Children) {
				titles = append(titles, "  > "+child)
			}
		}
	}
	return titles
}

func TestTheMenuSaysTheStateThenWhyThenWhoThenWhatCanBeDone(t *testing.T) {
	s := in(supervisor.Zombies)
	s.Blocking = true
	s.Why = "2 sockets stuck in CLOSE_WAIT; new connections are not served"
	s.Clients = []supervisor.Client{
		{Peer: peer(51234), Process: supervisor.Process{PID: 456, Command: "python3 trader_bot.py"}, Since: at},
		{Peer: peer(51235), Process: supervisor.Process{PID: 1}, Since: at.AddDate(0, 0, -1)},
		{Peer: peer(51236), Self: true, Since: at},
	}
	s.Zombies = []supervisor.Zombie{
		{Peer: peer(51230), Since: at, Owner: supervisor.Process{PID: 455, Command: "python3 probe.py"}},
		{Peer: peer(51231), Since: at},
	}
	s.StaleClients = []supervisor.Client{{Peer: peer(51240), Process: supervisor.Process{PID: 9, Name: "node"}}}
	want := []string{
		"Gateway paper: blocked by zombies for 2 min",
		"2 sockets stuck in CLOSE_WAIT; new connections are not served",
		"Since 14:00:00",
		"Client python3 trader_bot.py (process 456), since 14:00:00",
		"Client process 1, since 22 Nov 14:00",
		"Client Gatelight itself, since 14:00:00",
		"Stale client node (process 9): the Gateway has closed the connection",
		"Zombie 127.0.0.1:51230, 2 min, made by python3 probe.py (process 455)",
		"Zombie 127.0.0.1:51231, 2 min, its owner was not seen",
		"---",
		"off: Start (port 4002 is open already)",
		"Stop…",
		"  > Disconnects python3 trader_bot.py (process 456), connected since 14:00:00",
		"  > Disconnects process 1, connected since 22 Nov 14:00",
		"  > ---",
		"  > Stop it and disconnect these 2",
		"Restart…",
		"  > Disconnects python3 trader_bot.py (process 456), connected since 14:00:00",
		"  > Disconnects process 1, connected since 22 Nov 14:00",
		"  > ---",
		"  > Restart it and disconnect these 2",
		"Clear zombies…",
		"  > Only a restart clears them. It needs no new login.",
		"  > Disconnects python3 trader_bot.py (process 456), connected since 14:00:00",
		"  > Disconnects process 1, connected since 22 Nov 14:00",
		"  > ---",
		"  > Restart it and disconnect these 2",
		"[ ] Keep running",
		"off: Copy IBC config (no config_source is set)",
		"---",
		"Pause alerts",
		"  > For an hour",
		"  > Until tomorrow",
		"Timeline",
		"Open log",
		"[x] Start at login",
		"About",
		"  > Gatelight 1.2.3",
		"  > The port is seen through netlink",
		"  > Alerts are shown by dunst",
		"  > Settings: /home/trader/config.toml",
		"  > Sends no orders. Not affiliated with Interactive Brokers.",
		"Quit (the Gateway keeps running)",
	}
	s.Reader, s.Process = "netlink", supervisor.GatewayProcess{PID: 4711, Controls: supervisor.Controls{Command: true, KeepsLogin: true}}
	m := View(statusOf(s), Program{AtLogin: Switch{On: true}, Alerts: alerts.State{By: "dunst"}, Version: "1.2.3", Settings: "/home/trader/config.toml"}, later)
	if got := visible(m.Items); !slices.Equal(got, want) {
		t.Errorf("the menu reads\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m.Icon != "zombies" || m.Tooltip != "Gateway paper: blocked by zombies" {
		t.Errorf("icon %s, tooltip %q", m.Icon, m.Tooltip)
	}
}

func TestEveryStateHasAPictureAndWords(t *testing.T) {
	down, twoFactor, needsYou := in(supervisor.Down), in(supervisor.Starting), in(supervisor.Starting)
	down.Expected, twoFactor.Phase, needsYou.Phase = true, supervisor.TwoFactor, supervisor.NeedsYou
	for picture, s := range map[string]supervisor.Snapshot{
		"unknown": in(supervisor.Unknown), "down": in(supervisor.Down), "down-expected": down,
		"starting": in(supervisor.Starting), "two-factor": twoFactor, "needs-you": needsYou,
		"listening": in(supervisor.Listening), "silent": in(supervisor.Silent),
		"connected": in(supervisor.Connected), "cut-off": in(supervisor.CutOff), "zombies": in(supervisor.Zombies),
	} {
		m := View(statusOf(s), Program{}, later)
		if m.Icon != picture || !slices.Contains(assets.Names, picture) {
			t.Errorf("%s: picture %q, want %q", s.State, m.Icon, picture)
		}
		if m := marks[picture]; m.symbol == "" || m.colour == "" {
			t.Errorf("%s has no symbol or colour for the terminal", picture)
		}
		image(m) // panics when there is none
	}
	if m := View(supervisor.Status{}, Program{}, later); m.Icon != "unknown" {
		t.Errorf("without a Gateway: %q", m.Icon)
	}
}

func TestTheShapeNeverChanges(t *testing.T) {
	full := in(supervisor.Connected)
	for i := range 20 {
		full.Clients = append(full.Clients, supervisor.Client{Peer: peer(uint16(50000 + i))})
		full.Zombies = append(full.Zombies, supervisor.Zombie{Peer: peer(uint16(51000 + i))})
	}
	full.Blind = []string{"zombies behind the relay"}
	empty, many := View(statusOf(in(supervisor.Down)), Program{}, later), View(statusOf(full), Program{}, later)
	if len(empty.Items) != len(many.Items) {
		t.Fatalf("%d items, then %d: a click could miss", len(empty.Items), len(many.Items))
	}
	sameShape(t, empty.Items, many.Items)
	if !slices.Contains(visible(many.Items), "and 15 more clients") {
		t.Errorf("what does not fit is not counted:\n%s", strings.Join(visible(many.Items), "\n"))
	}
}

// sameShape: an entry does what it did; a switch may turn the other way.
func sameShape(t *testing.T, a, b []Item) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d items, then %d: a click could miss", len(a), len(b))
	}
	for i := range a {
		if a[i].Separator != b[i].Separator || a[i].Checkable != b[i].Checkable || !a[i].Checkable && a[i].Do != b[i].Do {
			t.Errorf("item %d is %+v, then %+v", i, a[i], b[i])
		}
		sameShape(t, a[i].Children, b[i].Children)
	}
}

func TestSimulatedIsSaidEverywhere(t *testing.T) {
	s := in(supervisor.Connected)
	s.Simulated = true
	m := View(statusOf(s), Program{}, later)
	if !m.Simulated || !strings.Contains(m.Tooltip, "Simulated") || !strings.Contains(StatusText(statusOf(s), later, false), "not connected to IBKR") {
		t.Errorf("%+v\n%s", m, StatusText(statusOf(s), later, false))
	}
}

func TestStaleEvidenceTurnsGrey(t *testing.T) {
	m := View(statusOf(in(supervisor.Connected)), Program{}, later.Add(time.Minute))
	if m.Icon != "unknown" || !strings.Contains(m.Items[1].Title, "Nothing has been heard since") {
		t.Errorf("%s %q", m.Icon, m.Items[1].Title)
	}
}

func TestSeveralGatewaysHaveASubmenuEach(t *testing.T) {
	live, paper := in(supervisor.Connected), in(supervisor.Down)
	live.Name = "live"
	m := View(statusOf(live, paper), Program{}, later)
	if m.Icon != "down" {
		t.Errorf("icon %s, want the worst", m.Icon)
	}
	if got := visible(m.Items)[0]; got != "Gateway live: in use (not verified) for 2 min" {
		t.Errorf("first line %q", got)
	}
	start := slices.IndexFunc(m.Items[0].Children, func(it Item) bool { return it.Do.Action == supervisor.Start })
	if start < 0 || m.Items[0].Children[start].Do.Gateway != "live" {
		t.Errorf("children %+v", m.Items[0].Children)
	}
}

func TestTheTerminalShowsTheSame(t *testing.T) {
	s := in(supervisor.Down)
	got := StatusText(statusOf(s), later, false)
	want := "▲ Gateway paper: down for 2 min\n  Because.\n  Since 14:00:00\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if coloured := StatusText(statusOf(s), later, true); !strings.HasPrefix(coloured, "\x1b[1;31m▲") {
		t.Errorf("coloured: %q", coloured)
	}
}

func TestOneLookDoesNotPretendToKnowSinceWhen(t *testing.T) {
	status := statusOf(in(supervisor.Down))
	status.Source = "one-shot"
	want := "▲ Gateway paper: down\n  Because.\n  Seen just now, by looking once; no Gatelight is running\n"
	if got := StatusText(status, later, false); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestATerminalShowsSeveralGatewaysOneBelowTheOther(t *testing.T) {
	live, paper := in(supervisor.CutOff), in(supervisor.Down)
	live.Name = "live"
	want := "⊘ Gateway live: cut off from IBKR for 2 min\n  Because.\n  Since 14:00:00\n" +
		"▲ Gateway paper: down for 2 min\n  Because.\n  Since 14:00:00\n"
	if got := StatusText(statusOf(live, paper), later, false); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestALongReasonIsBrokenIntoLines(t *testing.T) {
	const long = "The API answers, but the Gateway has lost its connection to IBKR: the network, a nightly reset or a competing session (1100). It usually comes back by itself"
	for _, text := range []string{"", "Nobody listens on port 4002", long, long + "; " + long, strings.Repeat("x", 2*whyWidth) + " y"} {
		lines := alerts.Wrap(text, whyWidth, whyLines)
		if got := strings.TrimSpace(strings.Join(lines, " ")); len(lines) != whyLines || got != text {
			t.Errorf("%q became %q", text, lines)
		}
		for _, line := range lines[:whyLines-1] {
			if len(line) > whyWidth && strings.Contains(line, " ") {
				t.Errorf("%q is longer than %d", line, whyWidth)
			}
		}
	}
	s := in(supervisor.CutOff)
	s.Why = long
	if got := visible(View(statusOf(s), Program{}, later).Items)[1:4]; strings.Join(got, " ") != long {
		t.Errorf("the menu says %q", got)
	}
}

func TestTheMenuSaysHowOldItsEvidenceIsWhenThatIsWorthSaying(t *testing.T) {
	s := supervisor.Snapshot{Since: at, EvidenceAt: at}
	for age, said := range map[time.Duration]bool{time.Second: false, ageShown: true, time.Minute: true} {
		if line := sinceLine(s, at.Add(age), false); strings.Contains(line, "last seen") != said {
			t.Errorf("after %v: %q", age, line)
		}
	}
}
