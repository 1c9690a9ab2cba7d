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
		"API blocked: paper, since 14:00:00",
		"2 sockets stuck in CLOSE_WAIT; new connections are not served",
		"Clients (3)",
		"  > python3 trader_bot.py (process 456), since 14:00:00",
		"  > process 1, since 22 Nov 14:00",
		"  > Gatelight (monitor), since 14:00:00",
		"Stale clients (1)",
		"  > node (process 9) still holds a connection that the Gateway has closed",
		"Zombies (2)",
		"  > 127.0.0.1:51230, since 14:00:00, opened by python3 probe.py (process 455)",
		"  > 127.0.0.1:51231, since 14:00:00, opener unknown",
		"---",
		"Stop…",
		"  > Disconnects python3 trader_bot.py (process 456), connected since 14:00:00",
		"  > Disconnects process 1, connected since 22 Nov 14:00",
		"  > ---",
		"  > Stop it and disconnect these 2",
		"Clear zombies…",
		"  > Only a restart clears them. It needs no new login.",
		"  > Disconnects python3 trader_bot.py (process 456), connected since 14:00:00",
		"  > Disconnects process 1, connected since 22 Nov 14:00",
		"  > ---",
		"  > Restart it and disconnect these 2",
		"[ ] Keep running",
		"---",
		"Gatelight",
		"  > Timeline",
		"  > Log",
		"  > Settings…",
		"  > ---",
		"  > Pause alerts for an hour",
		"  > Pause alerts until tomorrow",
		"  > [x] Start at login",
		"  > ---",
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
	if m.Icon != "zombies" || m.Tooltip != "API blocked: paper. "+s.Why {
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
		assets.Tray(m.Icon, false) // panics when there is none
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
	if !slices.Contains(visible(many.Items), "  > and 13 more clients") {
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
	if !m.Simulated || !strings.Contains(m.Tooltip, "(simulated)") || !strings.Contains(StatusText(statusOf(s), later, false), "(simulated)") {
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
	if got := visible(m.Items)[0]; got != "In use (not verified): live, since 14:00:00" {
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
	want := "▲ Down: paper, since 14:00:00\n  Because.\n"
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
	want := "▲ Down: paper\n  Because.\n  Seen just now, by looking once; no Gatelight is running\n"
	if got := StatusText(status, later, false); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestATerminalShowsSeveralGatewaysOneBelowTheOther(t *testing.T) {
	live, paper := in(supervisor.CutOff), in(supervisor.Down)
	live.Name = "live"
	want := "⊘ Cut off from IBKR: live, since 14:00:00\n  Because.\n" +
		"▲ Down: paper, since 14:00:00\n  Because.\n"
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

func TestRealMoneyIsSaidAndComesFirst(t *testing.T) {
	paper, live, other := in(supervisor.Connected), in(supervisor.Connected), in(supervisor.Down)
	live.Name, live.Live = "live", true
	other.Name, other.Live = "ira", true
	m := View(statusOf(paper, live, other), Program{}, later)
	var got []string
	for _, it := range m.Items[:3] {
		got = append(got, it.Title)
	}
	want := []string{"In use (not verified): LIVE, since 14:00:00", "Down: ira (LIVE), since 14:00:00", "In use (not verified): paper, since 14:00:00"}
	if !slices.Equal(got, want) {
		t.Errorf("the menu begins with %q, want %q", got, want)
	}
	if !strings.Contains(m.Tooltip, "Down: ira (LIVE). Because.") {
		t.Errorf("tooltip %q", m.Tooltip)
	}
}

// rows are the lines of a menu that is opened, separators included.
func rows(s supervisor.Snapshot) int {
	n := 0
	for _, it := range View(statusOf(s), Program{}, later).Items {
		if !it.Hidden {
			n++
		}
	}
	return n
}

func TestTheMenuIsShort(t *testing.T) {
	long := strings.Repeat("a long reason ", 9)
	connected, down, zombies := in(supervisor.Connected), in(supervisor.Down), in(supervisor.Zombies)
	for _, s := range []*supervisor.Snapshot{&connected, &zombies} {
		s.Process = supervisor.GatewayProcess{PID: 4711, By: supervisor.ByGatelight, Controls: supervisor.Controls{Command: true, KeepsLogin: true}}
		s.Clients = []supervisor.Client{{Peer: peer(51234), Since: at}, {Peer: peer(51235), Since: at}, {Peer: peer(51236), Self: true, Since: at}}
	}
	zombies.Zombies = []supervisor.Zombie{{Peer: peer(51237), Since: at}, {Peer: peer(51238), Since: at}}
	zombies.Why, zombies.Blocking = long, true
	down.Next = &supervisor.Next{Action: supervisor.NextStart, At: later.Add(time.Minute)}
	for name, c := range map[string]struct {
		s    supervisor.Snapshot
		most int
	}{"connected": {connected, 12}, "down": {down, 9}, "zombies": {zombies, 12}} {
		if n := rows(c.s); n > c.most {
			t.Errorf("%s: %d rows, want %d at most: %q", name, n, c.most, visible(View(statusOf(c.s), Program{}, later).Items))
		}
	}
}
