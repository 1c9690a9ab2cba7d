package tray

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
)

func TestWhatIsShownAfterAPauseOrASilence(t *testing.T) {
	end := at.Add(time.Hour)
	alarm := func(id, text string) held {
		return held{gateway: "paper", alert: alert{Key: id, Notice: supervisor.Notice{Kind: supervisor.NoticeDrop, Title: text}}}
	}
	kind := func(k supervisor.NoticeKind, h held) held { h.Notice.Kind = k; return h }
	expected := in(supervisor.Down)
	expected.Expected = true
	approving := in(supervisor.Starting)
	approving.Phase = supervisor.TwoFactor
	reminded := kind(supervisor.NoticeReminder, alarm("1", "still: approve"))
	reminded.Notice.Phase = supervisor.TwoFactor
	for name, c := range map[string]struct {
		shown  []held // before
		paused bool   // else nobody is there to show it
		held   []held
		now    supervisor.Snapshot
		want   []string
	}{
		"the newest of each incident": {
			paused: true, held: []held{alarm("1", "down"), kind(supervisor.NoticeFailed, alarm("2", "failed")), alarm("1", "zombies")},
			now: in(supervisor.Zombies), want: []string{"failed", "zombies"},
		},
		"the newest incident of a Gateway": {
			held: []held{alarm("1", "down"), alarm("2", "zombies")}, now: in(supervisor.Zombies), want: []string{"zombies"},
		},
		"a recovery takes it back": {
			paused: true, held: []held{alarm("1", "down"), kind(supervisor.NoticeRecovery, alarm("1", "up"))},
			now: in(supervisor.Connected),
		},
		"but not what is on the screen": {
			shown: []held{alarm("1", "down")}, paused: true, held: []held{kind(supervisor.NoticeRecovery, alarm("1", "up"))},
			now: in(supervisor.Connected), want: []string{"up"},
		},
		"it went without a word: stopped on purpose": {
			paused: true, held: []held{alarm("1", "down")}, now: expected,
		},
		"it went without a word: approved": {
			paused: true, held: []held{kind(supervisor.NoticeTwoFactor, alarm("1", "approve"))}, now: in(supervisor.Listening),
		},
		"an approval that is still waited for": {
			paused: true, held: []held{kind(supervisor.NoticeTwoFactor, alarm("1", "approve"))}, now: approving, want: []string{"approve"},
		},
		"what was done is no news after a pause": {
			paused: true, held: []held{kind(supervisor.NoticeDone, alarm("1", "copied"))}, now: in(supervisor.Connected),
		},
		"a recovery that nobody could show is": {
			held: []held{alarm("1", "down"), kind(supervisor.NoticeRecovery, alarm("1", "up"))},
			now:  in(supervisor.Connected), want: []string{"up"},
		},
		"a reminder of an approval that was given": {
			paused: true, held: []held{reminded}, now: in(supervisor.Starting),
		},
		"a reminder of one that is still waited for": {
			paused: true, held: []held{reminded}, now: approving, want: []string{"still: approve"},
		},
		"it has gone again": {
			held: []held{kind(supervisor.NoticeRecovery, alarm("1", "up"))}, now: in(supervisor.Down),
		},
		"a reminder instead of what it reminds of": {
			held: []held{alarm("1", "down"), kind(supervisor.NoticeReminder, alarm("1", "still down"))},
			now:  in(supervisor.Down), want: []string{"still down"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var l ledger
			for _, h := range c.shown {
				l.shown(h)
			}
			if c.paused {
				l.paused = end
			}
			for _, h := range c.held {
				l.hold(h, at)
			}
			if got := l.due(world(c.now), at); c.paused && len(got) != 0 {
				t.Errorf("in the pause it shows %v", got)
			}
			var got []string
			for _, h := range l.due(world(c.now), end) {
				got = append(got, h.Notice.Title)
				l.shown(h)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it shows %q, want %q", got, c.want)
			}
			if again := l.due(world(c.now), end); len(again) != 0 {
				t.Errorf("and again %v", again)
			}
		})
	}
}

// Nobody was there to show anything for days.
func TestWhatIsKeptHasAnEnd(t *testing.T) {
	var l ledger
	for i := range 3 * remembered {
		for _, n := range []supervisor.Notice{drop(uint64(i), "down"), recovery(uint64(i), "up")} {
			l.hold(held{alert{Key: fmt.Sprint(i), Notice: n}, "paper"}, later)
		}
	}
	kept := l.due(world(in(supervisor.Connected)), later)
	if len(kept) != remembered || kept[0].Key != fmt.Sprint(2*remembered) || kept[remembered-1].Key != fmt.Sprint(3*remembered-1) {
		t.Errorf("%d are kept, from %v", len(kept), kept)
	}
}

func TestButtonsFitTheNotice(t *testing.T) {
	stuck := in(supervisor.Zombies)
	stuck.Process.PID, stuck.Process.By = 4711, supervisor.ByGatelight
	stuck.Clients = []supervisor.Client{{Self: true}, {}}
	clearable := stuck
	clearable.Clients, clearable.Process.Controls.KeepsLogin = nil, true
	foreign := stuck
	foreign.Process = supervisor.GatewayProcess{PID: 4711, By: supervisor.ByOther}
	busy := in(supervisor.Down)
	busy.Busy = supervisor.Start
	for name, c := range map[string]struct {
		g    supervisor.Snapshot
		kind supervisor.NoticeKind
		want []offer
	}{
		"down":              {in(supervisor.Down), supervisor.NoticeDrop, []offer{{"Start Gateway", Command{"paper", supervisor.Start, "", 0}}}},
		"still down":        {in(supervisor.Down), supervisor.NoticeReminder, []offer{{"Start Gateway", Command{"paper", supervisor.Start, "", 0}}}},
		"being started":     {busy, supervisor.NoticeDrop, nil},
		"zombies":           {stuck, supervisor.NoticeDrop, []offer{{"Restart (disconnects 1)", Command{"paper", supervisor.Restart, "", 1}}}},
		"clearable zombies": {clearable, supervisor.NoticeDrop, []offer{{"Restart Gateway", Command{"paper", supervisor.ClearZombies, "", 0}}}},
		"somebody else's":   {foreign, supervisor.NoticeDrop, nil},
		"cut off":           {in(supervisor.CutOff), supervisor.NoticeDrop, nil},
		"up again":          {in(supervisor.Connected), supervisor.NoticeRecovery, nil},
		"a wanted approval": {in(supervisor.Starting), supervisor.NoticeTwoFactor, nil},
	} {
		want := append(c.want, offer{"Show log", Command{Gateway: "paper", Local: OpenLog}})
		if got := offers(c.g, supervisor.Notice{Kind: c.kind}); !slices.Equal(got, want) {
			t.Errorf("%s: the buttons are %v, want %v", name, got, want)
		}
	}
}

func TestUntilTomorrowIsUntilTheNextMorning(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now, want string
		hours     float64
	}{
		{"2026-11-23 14:00", "2026-11-24 06:00", 16},
		{"2026-11-23 23:59", "2026-11-24 06:00", 6 + 1./60},
		{"2026-11-24 00:01", "2026-11-24 06:00", 6 - 1./60}, // who is up then means the morning
		{"2026-11-24 06:00", "2026-11-25 06:00", 24},
		{"2026-12-31 20:00", "2027-01-01 06:00", 10},
		{"2026-10-24 20:00", "2026-10-25 06:00", 11}, // the night in which the clocks go back
		{"2026-03-28 20:00", "2026-03-29 06:00", 9},  // and forward
	} {
		now, err := time.ParseInLocation("2006-01-02 15:04", c.now, berlin)
		if err != nil {
			t.Fatal(err)
		}
		got := tomorrow(now)
		if text := got.Format("2006-01-02 15:04"); text != c.want || got.Sub(now).Round(time.Second) != time.Duration(c.hours*float64(time.Hour)).Round(time.Second) {
			t.Errorf("from %s it is until %s, %v later; want %s", c.now, text, got.Sub(now), c.want)
		}
	}
}

// A picture of a state beside words that are of no Gateway would be taken for its.
func TestOnlyAGatewaysAlertShowsAState(t *testing.T) {
	if got := noticeIcon(supervisor.Notice{Kind: supervisor.NoticeDone, State: supervisor.Down}); got != "" {
		t.Errorf("what was done well is shown with %q", got)
	}
	for want, n := range map[string]supervisor.Notice{
		"":           {Kind: supervisor.NoticeFailed, Title: "Nothing was done"},
		"cut-off":    {Kind: supervisor.NoticeDrop, State: supervisor.CutOff},
		"two-factor": {Kind: supervisor.NoticeTwoFactor, State: supervisor.Starting},
	} {
		if got := noticeIcon(n); got != want {
			t.Errorf("%+v is shown with %q, want %q", n, got, want)
		}
		if b := (alert{Icon: want}).picture(); len(b) == 0 || bytes.Equal(b, assets.App()) != (want == "") {
			t.Errorf("the picture of %q is the program's own, or not", want)
		}
	}
}

// Unknown is not down, and what is cut off for a moment was back all the same.
func TestARecoveryWaitsForWhatIsInDoubt(t *testing.T) {
	var l ledger
	l.hold(held{alert{Key: "1", Notice: recovery(1, "up")}, "paper"}, later)
	for _, doubt := range []supervisor.State{supervisor.Unknown, supervisor.CutOff, supervisor.Starting} {
		if due := l.due(world(in(doubt)), later); len(due) != 0 {
			t.Errorf("while it is %s it shows %v", doubt, due)
		}
	}
	if due := l.due(world(in(supervisor.Connected)), later); len(due) != 1 {
		t.Errorf("then it shows %v", due)
	}
}
