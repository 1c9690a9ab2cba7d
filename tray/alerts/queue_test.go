package alerts

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/tray/fakesupervisor"
)

var (
	at    = time.Date(2026, 11, 23, 14, 0, 0, 0, time.Local)
	later = at.Add(2*time.Minute + 5*time.Second)
)

var (
	now      = fakesupervisor.Now
	status   = fakesupervisor.Status
	drop     = fakesupervisor.Drop
	recovery = fakesupervisor.Recovery
)

// in is a Gateway in the given state, fresh at later.
func inState(s supervisor.State, a alert) alert {
	a.Notice.State = s
	return a
}

func in(state supervisor.State) supervisor.Snapshot {
	return fakesupervisor.Gateway(state, later, time.Second)
}

func TestAfterAPauseOrASilenceOnlyWhatStillHoldsIsShown(t *testing.T) {
	end := at.Add(time.Hour)
	dropAlert := func(id, text string) alert {
		return alert{Gateway: "paper", Key: id, Notice: supervisor.Notice{Kind: supervisor.NoticeDrop, Title: text}}
	}
	kind := func(k supervisor.NoticeKind, a alert) alert { a.Notice.Kind = k; return a }
	expected := in(supervisor.Down)
	expected.Expected = true
	approving := in(supervisor.Starting)
	approving.Phase = supervisor.TwoFactor
	reminded := kind(supervisor.NoticeReminder, dropAlert("1", "still: approve"))
	reminded.Notice.Phase = supervisor.TwoFactor
	refused, waits := in(supervisor.Starting), in(supervisor.Starting)
	refused.Phase, waits.Phase = supervisor.Login, supervisor.NeedsYou
	refused.LoginProblem = &supervisor.LoginProblem{Reason: supervisor.LoginRefused}
	waits.LoginProblem = &supervisor.LoginProblem{Reason: supervisor.LoginExistingSession, Waits: true}
	login := kind(supervisor.NoticeLogin, dropAlert("1", "login refused"))
	waited := kind(supervisor.NoticeReminder, dropAlert("1", "still: waiting for you"))
	waited.Notice.Phase = supervisor.NeedsYou
	for name, c := range map[string]struct {
		shown  []alert // before
		paused bool    // else nobody is there to show it
		queued []alert
		now    supervisor.Snapshot
		want   []string
	}{
		"the newest of each incident": {
			paused: true, queued: []alert{dropAlert("1", "down"), kind(supervisor.NoticeFailed, dropAlert("2", "failed")), dropAlert("1", "zombies")},
			now: in(supervisor.Zombies), want: []string{"failed", "zombies"},
		},
		"the newest incident of a Gateway": {
			queued: []alert{dropAlert("1", "down"), dropAlert("2", "zombies")}, now: in(supervisor.Zombies), want: []string{"zombies"},
		},
		"a recovery takes it back": {
			paused: true, queued: []alert{dropAlert("1", "down"), kind(supervisor.NoticeRecovery, dropAlert("1", "up"))},
			now: in(supervisor.Connected),
		},
		"but not what is on the screen": {
			shown: []alert{dropAlert("1", "down")}, paused: true, queued: []alert{kind(supervisor.NoticeRecovery, dropAlert("1", "up"))},
			now: in(supervisor.Connected), want: []string{"up"},
		},
		"it went without a word: stopped on purpose": {
			paused: true, queued: []alert{dropAlert("1", "down")}, now: expected,
		},
		"it went without a word: approved": {
			paused: true, queued: []alert{kind(supervisor.NoticeTwoFactor, dropAlert("1", "approve"))}, now: in(supervisor.Listening),
		},
		"an approval that is still waited for": {
			paused: true, queued: []alert{kind(supervisor.NoticeTwoFactor, dropAlert("1", "approve"))}, now: approving, want: []string{"approve"},
		},
		"what was done is no news after a pause": {
			paused: true, queued: []alert{kind(supervisor.NoticeDone, dropAlert("1", "copied"))}, now: in(supervisor.Connected),
		},
		"a recovery that nobody could show is": {
			queued: []alert{dropAlert("1", "down"), kind(supervisor.NoticeRecovery, dropAlert("1", "up"))},
			now:    in(supervisor.Connected), want: []string{"up"},
		},
		"a reminder of an approval that was given": {
			paused: true, queued: []alert{reminded}, now: in(supervisor.Starting),
		},
		"a reminder of one that is still waited for": {
			paused: true, queued: []alert{reminded}, now: approving, want: []string{"still: approve"},
		},
		"a login that a person has to mend": {
			paused: true, queued: []alert{login}, now: waits, want: []string{"login refused"},
		},
		"a login that IBC tries again": {
			paused: true, queued: []alert{login}, now: refused, want: []string{"login refused"},
		},
		"a login that goes on": {
			paused: true, queued: []alert{login}, now: in(supervisor.Starting),
		},
		"a login that is done": {
			paused: true, queued: []alert{login}, now: in(supervisor.Connected),
		},
		"a login that was given up": {
			paused: true, queued: []alert{login}, now: expected,
		},
		"a login whose Gateway cannot be seen for a moment": {
			paused: true, queued: []alert{login}, now: in(supervisor.Unknown), want: []string{"login refused"},
		},
		"a reminder of a question that was answered": {
			paused: true, queued: []alert{waited}, now: in(supervisor.Starting),
		},
		"a reminder of a question that is still open": {
			paused: true, queued: []alert{waited}, now: waits, want: []string{"still: waiting for you"},
		},
		"the login problem after the two-factor request": {
			queued: []alert{kind(supervisor.NoticeTwoFactor, dropAlert("1", "approve")), login}, now: waits, want: []string{"login refused"},
		},
		"it does not respond": {
			paused: true, queued: []alert{dropAlert("1", "not responding")}, now: in(supervisor.Silent), want: []string{"not responding"},
		},
		"it responds again": {
			paused: true, queued: []alert{dropAlert("1", "not responding")}, now: in(supervisor.Connected),
		},
		"what could not be done, and was done since": {
			queued: []alert{kind(supervisor.NoticeFailed, inState(supervisor.Down, dropAlert("1", "could not start")))}, now: in(supervisor.Connected),
		},
		"what could not be done, with nothing else since": {
			queued: []alert{kind(supervisor.NoticeFailed, inState(supervisor.Connected, dropAlert("1", "could not stop")))},
			now:    in(supervisor.Connected), want: []string{"could not stop"},
		},
		"it keeps dropping, and is up for a moment": {
			queued: []alert{kind(supervisor.NoticeLoop, dropAlert("1", "keeps dropping"))}, now: in(supervisor.Connected), want: []string{"keeps dropping"},
		},
		"it kept dropping, and was stopped": {
			queued: []alert{kind(supervisor.NoticeLoop, dropAlert("1", "keeps dropping"))}, now: expected,
		},
		"it has gone again": {
			queued: []alert{kind(supervisor.NoticeRecovery, dropAlert("1", "up"))}, now: in(supervisor.Down),
		},
		"it is silent again": {
			queued: []alert{kind(supervisor.NoticeRecovery, dropAlert("1", "up"))}, now: in(supervisor.Silent),
		},
		"a reminder instead of what it reminds of": {
			queued: []alert{dropAlert("1", "down"), kind(supervisor.NoticeReminder, dropAlert("1", "still down"))},
			now:    in(supervisor.Down), want: []string{"still down"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var q queue
			for _, a := range c.shown {
				q.markShown(a)
			}
			if c.paused {
				q.pausedUntil = end
			}
			for _, a := range c.queued {
				q.add(a, at)
			}
			if got := q.due(status(c.now), at); c.paused && len(got) != 0 {
				t.Errorf("in the pause it shows %v", got)
			}
			var got []string
			for _, a := range q.due(status(c.now), end) {
				got = append(got, a.Notice.Title)
				q.markShown(a)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("it shows %q, want %q", got, c.want)
			}
			if again := q.due(status(c.now), end); len(again) != 0 {
				t.Errorf("and again %v", again)
			}
		})
	}
}

// Nobody was there to show anything for days.
func TestTheQueueKeepsTheNewestAndIsBounded(t *testing.T) {
	var q queue
	for i := range 3 * maxKept {
		for _, n := range []supervisor.Notice{drop(uint64(i), "down"), recovery(uint64(i), "up")} {
			q.add(alert{Key: fmt.Sprint(i), Notice: n, Gateway: "paper"}, later)
		}
	}
	kept := q.due(status(in(supervisor.Connected)), later)
	if len(kept) != maxKept || kept[0].Key != fmt.Sprint(2*maxKept) || kept[maxKept-1].Key != fmt.Sprint(3*maxKept-1) {
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
	silent := in(supervisor.Silent)
	silent.Process, silent.Clients = stuck.Process, []supervisor.Client{{Self: true}}
	traded := silent
	traded.Clients = stuck.Clients
	foreignSilent := silent
	foreignSilent.Process = foreign.Process
	waits := in(supervisor.Starting)
	waits.Process, waits.Phase = stuck.Process, supervisor.NeedsYou
	waits.LoginProblem = &supervisor.LoginProblem{Reason: supervisor.LoginTooManyAttempts, Waits: true}
	atOnce := waits
	atOnce.Busy = supervisor.Start
	stop := []Button{{"Stop Gateway", Press{Gateway: "paper", Action: supervisor.Stop}}}
	given := in(supervisor.Down)
	given.Process.By = supervisor.ByNobody
	for name, c := range map[string]struct {
		g    supervisor.Snapshot
		kind supervisor.NoticeKind
		want []Button
	}{
		"down":              {in(supervisor.Down), supervisor.NoticeDrop, []Button{{"Start Gateway", Press{Gateway: "paper", Action: supervisor.Start}}}},
		"still down":        {in(supervisor.Down), supervisor.NoticeReminder, []Button{{"Start Gateway", Press{Gateway: "paper", Action: supervisor.Start}}}},
		"being started":     {busy, supervisor.NoticeDrop, nil},
		"zombies":           {stuck, supervisor.NoticeDrop, []Button{{"Restart (disconnects 1)", Press{Gateway: "paper", Action: supervisor.Restart, Clients: 1}}}},
		"clearable zombies": {clearable, supervisor.NoticeDrop, []Button{{"Restart Gateway", Press{Gateway: "paper", Action: supervisor.ClearZombies}}}},
		"somebody else's":   {foreign, supervisor.NoticeDrop, nil},
		"silent":            {silent, supervisor.NoticeDrop, []Button{{"Restart Gateway", Press{Gateway: "paper", Action: supervisor.Restart}}}},
		"still silent":      {silent, supervisor.NoticeReminder, []Button{{"Restart Gateway", Press{Gateway: "paper", Action: supervisor.Restart}}}},
		"silent, in use":    {traded, supervisor.NoticeDrop, []Button{{"Restart (disconnects 1)", Press{Gateway: "paper", Action: supervisor.Restart, Clients: 1}}}},
		"somebody's silent": {foreignSilent, supervisor.NoticeDrop, nil},
		"a login problem":   {waits, supervisor.NoticeLogin, stop},
		"during its start":  {atOnce, supervisor.NoticeLogin, stop},
		"it still waits":    {waits, supervisor.NoticeReminder, stop},
		"it has ended":      {given, supervisor.NoticeLogin, []Button{{"Start Gateway", Press{Gateway: "paper", Action: supervisor.Start}}}},
		"cut off":           {in(supervisor.CutOff), supervisor.NoticeDrop, nil},
		"up again":          {in(supervisor.Connected), supervisor.NoticeRecovery, nil},
		"a wanted approval": {in(supervisor.Starting), supervisor.NoticeTwoFactor, nil},
	} {
		want := append(c.want, Button{"Show log", Press{Gateway: "paper", ShowLog: true}})
		if got := buttonsFor(c.g, supervisor.Notice{Kind: c.kind}); !slices.Equal(got, want) {
			t.Errorf("%s: the buttons are %v, want %v", name, got, want)
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
		"down":       {Kind: supervisor.NoticeLoop, State: supervisor.Down},
		"needs-you":  {Kind: supervisor.NoticeLogin, State: supervisor.Starting, Phase: supervisor.NeedsYou},
		"silent":     {Kind: supervisor.NoticeDrop, State: supervisor.Silent},
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
	var q queue
	q.add(alert{Key: "1", Notice: recovery(1, "up"), Gateway: "paper"}, later)
	for _, doubt := range []supervisor.State{supervisor.Unknown, supervisor.CutOff, supervisor.Starting} {
		if due := q.due(status(in(doubt)), later); len(due) != 0 {
			t.Errorf("while it is %s it shows %v", doubt, due)
		}
	}
	if due := q.due(status(in(supervisor.Connected)), later); len(due) != 1 {
		t.Errorf("then it shows %v", due)
	}
}
