package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/alerts"
)

// below are what a person sees of an entry: what opens below it, or itself.
func below(t *testing.T, s supervisor.Snapshot, title string) []string {
	t.Helper()
	var got []string
	for _, it := range View(statusOf(s), Program{}, later).Items {
		if it.Hidden || !strings.HasPrefix(it.Title, title) {
			continue
		}
		got = append(got, visible([]Item{it})...)
	}
	return got
}

func TestWhatDisconnectsSomebodyAsksAgain(t *testing.T) {
	keeps := supervisor.GatewayProcess{PID: 4711, Controls: supervisor.Controls{Command: true, KeepsLogin: true}}
	trader := supervisor.Client{Peer: peer(51234), Process: supervisor.Process{Command: "python3 trader.py"}, Since: at}
	us := supervisor.Client{Peer: peer(51235), Self: true, Since: at}
	for _, c := range []struct {
		what    string
		state   supervisor.State
		clients []supervisor.Client
		process supervisor.GatewayProcess
		title   string
		want    []string
	}{
		{"nobody is connected", supervisor.Connected, nil, keeps, "Stop", []string{"Stop"}},
		{"we are alone", supervisor.Connected, []supervisor.Client{us}, keeps, "Stop", []string{"Stop"}},
		{"somebody is", supervisor.Connected, []supervisor.Client{us, trader}, keeps, "Stop",
			[]string{"Stop…", "  > Disconnects python3 trader.py, connected since 14:00:00", "  > ---", "  > Stop it and disconnect this one"}},
		{"a restart keeps the login", supervisor.Connected, nil, keeps, "Restart", []string{"Restart"}},
		{"a restart does not", supervisor.Connected, []supervisor.Client{trader}, supervisor.GatewayProcess{PID: 1}, "Restart",
			[]string{"Restart (needs a new login)…", "  > Disconnects python3 trader.py, connected since 14:00:00", "  > ---", "  > Restart it and disconnect this one"}},
		{"it is down", supervisor.Down, nil, supervisor.GatewayProcess{}, "Stop", nil},
		{"zombies, and nobody else", supervisor.Zombies, nil, keeps, "Clear",
			[]string{"Clear zombies…", "  > Only a restart clears them. It needs no new login.", "  > ---", "  > Restart it"}},
		{"no zombies", supervisor.Connected, nil, keeps, "Clear", nil},
		{"zombies, and no way to keep the login", supervisor.Zombies, nil, supervisor.GatewayProcess{PID: 1}, "Clear",
			[]string{"off: Clear zombies (a restart needs a new login)"}},
	} {
		s := in(c.state)
		s.Clients, s.Process = c.clients, c.process
		if got := below(t, s, c.title); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// The entry that does it does nothing else, whoever is connected.
func TestAnEntryKeepsItsMeaningWhoeverIsConnected(t *testing.T) {
	alone, busy := in(supervisor.Zombies), in(supervisor.Zombies)
	for i := range 9 {
		busy.Clients = append(busy.Clients, supervisor.Client{Peer: peer(uint16(50000 + i))})
	}
	sameShape(t, View(statusOf(alone), Program{}, later).Items, View(statusOf(busy), Program{}, later).Items)
	if got := below(t, busy, "Stop"); !slices.Contains(got, "  > and 2 more clients") || !slices.Contains(got, "  > Stop it and disconnect these 9") {
		t.Errorf("what does not fit is not counted: %q", got)
	}
}

func TestSwitchesTurnTheOtherWay(t *testing.T) {
	s := in(supervisor.Connected)
	for _, keep := range []bool{false, true} {
		s.KeepRunning = keep
		want := map[bool]supervisor.Action{false: supervisor.KeepRunningOn, true: supervisor.KeepRunningOff}[keep]
		items := View(statusOf(s), Program{}, later).Items
		i := slices.IndexFunc(items, func(it Item) bool { return it.Title == "Keep running" })
		if i < 0 || items[i].Checked != keep || items[i].Do.Action != want || !items[i].Enabled {
			t.Errorf("with keep %v: %+v", keep, items)
		}
	}
	onPurpose, another := in(supervisor.Down), in(supervisor.Connected)
	onPurpose.Expected, another.Process.By = true, supervisor.ByOther
	for _, s := range []supervisor.Snapshot{onPurpose, another} {
		if got := keepRunningItem(s); got.Title != "Keep running (once Gatelight has started it)" || !got.Enabled {
			t.Errorf("%+v", got)
		}
	}
	if got := atLoginItem(Switch{Why: "not on this system"}); got.Enabled || got.Title != "Start at login (not on this system)" {
		t.Errorf("%+v", got)
	}
	if got := atLoginItem(Switch{On: true}); got.Do.Local != NotAtLogin || !got.Checked {
		t.Errorf("%+v", got)
	}
}

func TestPausedAlertsAreSaid(t *testing.T) {
	program := Program{PausedUntil: later.Add(time.Hour), Alerts: alerts.State{Problem: "2 alerts could not be shown: no notification service is running"}}
	got := visible(View(statusOf(in(supervisor.Connected)), program, later).Items)
	for _, want := range []string{program.Alerts.Problem, "Gatelight (alerts paused until 15:02:05)", "  > Show alerts again"} {
		if !slices.Contains(got, want) {
			t.Errorf("the menu lacks %q: %q", want, got)
		}
	}
	program.PausedUntil = later
	if got := visible(View(statusOf(in(supervisor.Connected)), program, later).Items); slices.Contains(got, "  > Show alerts again") {
		t.Errorf("the pause is over, and the menu says %q", got)
	}
}

func TestTheBarSaysWhatIsWrongUntilSomebodyLooks(t *testing.T) {
	live, paper := in(supervisor.CutOff), in(supervisor.Down)
	live.Name = "live"
	troubled := func(s supervisor.Snapshot, ago time.Duration) supervisor.Snapshot {
		s.TroubleSince = later.Add(-ago)
		return s
	}
	blocked, twoFactor := in(supervisor.Zombies), in(supervisor.Starting)
	blocked.Blocking, twoFactor.Phase = true, supervisor.TwoFactor
	for _, c := range []struct {
		status supervisor.Status
		opened time.Duration // ago; 0: never
		want   string
	}{
		{statusOf(in(supervisor.Connected)), 0, ""},
		{statusOf(paper), 0, ""}, // nobody was told: it was never up
		{statusOf(troubled(paper, 161*time.Second)), 0, "API down 2:41"},
		{statusOf(troubled(paper, 161*time.Second)), time.Minute, ""},
		{statusOf(troubled(paper, 161*time.Second)), 10 * time.Minute, "API down 2:41"}, // that was before
		{statusOf(troubled(paper, 161*time.Second)), -time.Hour, "API down 2:41"},       // the clock was set back
		{statusOf(troubled(in(supervisor.Listening), time.Hour)), 0, "no answer 1:00:00"},
		{statusOf(troubled(blocked, 5*time.Second)), 0, "API blocked 0:05"},
		{statusOf(troubled(twoFactor, 5*time.Second)), 0, "approve login 0:05"},
		{statusOf(troubled(in(supervisor.Silent), 41*time.Second)), 0, "no answer 0:41"},
		{statusOf(troubled(live, 0), troubled(paper, time.Minute)), 0, "paper: API down 1:00"},
		{statusOf(troubled(live, 9*time.Second), paper), 0, "live: IBKR lost 0:09"},
	} {
		program := Program{}
		if c.opened != 0 {
			program.OpenedAt = later.Add(-c.opened)
		}
		if got := View(c.status, program, later).BarText; got != c.want {
			t.Errorf("%s since %v: %q, want %q", c.status.Worst().State, c.status.Worst().TroubleSince, got, c.want)
		}
	}
}

func TestTheBarSaysWhatNobodyWasTold(t *testing.T) {
	opened := later.Add(-time.Minute)
	for name, c := range map[string]struct {
		notice supervisor.Notice
		want   string
	}{
		"it was told before the menu was opened":      {supervisor.Notice{Kind: supervisor.NoticeDrop, Urgent: true, At: opened.Add(-time.Second)}, ""},
		"it has come to something else since":         {supervisor.Notice{Kind: supervisor.NoticeDrop, Urgent: true, At: opened.Add(time.Second)}, "API down 1:40"},
		"it was said again since":                     {supervisor.Notice{Kind: supervisor.NoticeReminder, Urgent: true, At: opened.Add(time.Second)}, ""},
		"something that is not urgent was told since": {supervisor.Notice{Kind: supervisor.NoticeDone, At: opened.Add(time.Second)}, ""},
	} {
		g := in(supervisor.Down)
		g.TroubleSince, g.Notices = later.Add(-100*time.Second), []supervisor.Notice{c.notice}
		if got := View(statusOf(g), Program{OpenedAt: opened}, later).BarText; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAClickThatCameToNothingIsInTheMenuForAMinute(t *testing.T) {
	program := Program{ClickError: &clickError{"Nothing was done: the menu has changed", later}}
	for after, want := range map[time.Duration]bool{0: true, time.Minute: true, time.Minute + time.Second: false, -time.Hour: false} {
		got := visible(View(statusOf(in(supervisor.Connected)), program, later.Add(after)).Items)
		if said := slices.ContainsFunc(got, func(s string) bool { return strings.HasSuffix(s, program.ClickError.text) }); said != want {
			t.Errorf("%v later: said %v, want %v: %q", after, said, want, got)
		}
	}
}

func TestAlertsThatAreOffCannotBePaused(t *testing.T) {
	got := strings.Join(visible(View(statusOf(in(supervisor.Connected)), Program{AlertsOff: true}, later).Items), "\n")
	if strings.Contains(got, "Pause alerts") || !strings.Contains(got, "Alerts are off in the settings") {
		t.Errorf("the menu says %s", got)
	}
}

func TestQuitPromisesNoGatewayThatIsNotThere(t *testing.T) {
	for want, states := range map[string][]supervisor.State{
		"Quit":                              {supervisor.Down, supervisor.Down},
		"Quit (the Gateway keeps running)":  {supervisor.Unknown, supervisor.Down},
		"Quit (the Gateways keep running)":  {supervisor.Zombies, supervisor.Starting},
		"Quit (the Gateway keeps running) ": {supervisor.Listening},
	} {
		var all []supervisor.Snapshot
		for _, s := range states {
			all = append(all, in(s))
		}
		if got := quitTitle(statusOf(all...)); got != strings.TrimSpace(want) {
			t.Errorf("with %v: %q", states, got)
		}
	}
}

func TestTheMenuSaysUntilWhenADropIsExpected(t *testing.T) {
	s := in(supervisor.Starting)
	s.QuietUntil = later.Add(time.Minute)
	if got := visible(View(statusOf(s), Program{}, later).Items); !slices.Contains(got, "Because. Alert if not up by 14:03") {
		t.Errorf("%q", got)
	}
}
