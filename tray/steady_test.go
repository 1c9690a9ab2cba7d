package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// openAt is the menu of a person who has opened it in one state, in the next one.
func openAt(was, is supervisor.Snapshot) (shown, next []Item) {
	shown = View(statusOf(was), Program{}, later).Items
	next = View(statusOf(is), Program{}, later).Items
	return shown, steady(shown, next)
}

func TestAnOpenMenuSaysWhatIsTrueAndDoesNotMove(t *testing.T) {
	states := []supervisor.Snapshot{in(supervisor.Connected), in(supervisor.Down), in(supervisor.Zombies), in(supervisor.Starting),
		in(supervisor.Silent), in(supervisor.Unknown), in(supervisor.CutOff), in(supervisor.Listening)}
	busy := in(supervisor.Connected)
	for i := range 3 {
		busy.Clients = append(busy.Clients, supervisor.Client{Peer: peer(uint16(50000 + i)), Since: at})
	}
	states = append(states, busy)
	for _, was := range states {
		for _, is := range states {
			shown, items := openAt(was, is)
			want := View(statusOf(is), Program{}, later).Items
			if items[0].Title != want[0].Title {
				t.Errorf("%s, then %s: the headline is %q", was.State, is.State, items[0].Title)
			}
			samePlaces(t, shown, items)
			for i := range items {
				if items[i].Enabled && !items[i].Hidden && want[i].Hidden && items[i].Do != (Command{}) {
					t.Errorf("%s, then %s: %q can be clicked, and is not there", was.State, is.State, items[i].Title)
				}
			}
		}
	}
}

// samePlaces checks that no entry comes, goes or moves.
func samePlaces(t *testing.T, was, is []Item) {
	t.Helper()
	for i := range was {
		if was[i].Hidden != is[i].Hidden || was[i].Separator != is[i].Separator {
			t.Errorf("entry %d was %+v, and is %+v", i, was[i], is[i])
		}
		if !is[i].Hidden {
			samePlaces(t, was[i].Children, is[i].Children)
		}
	}
}

func TestALongerReasonIsNotCutOffInAnOpenMenu(t *testing.T) {
	was, is := in(supervisor.Connected), in(supervisor.CutOff)
	was.Why = "Short."
	is.Why = strings.Repeat("a long reason ", 9) + "with an end"
	_, items := openAt(was, is)
	if got := items[1].Title; !strings.HasSuffix(got, "with an end") || !strings.HasPrefix(got, "a long reason") {
		t.Errorf("it says %q", got)
	}
	_, items = openAt(is, was)
	if items[1].Title != "Short." || items[2].Title != "" || items[2].Hidden {
		t.Errorf("%+v", items[1:3])
	}
}

func TestWhatIsGoneFromAnOpenMenuIsGreyedOut(t *testing.T) {
	_, items := openAt(in(supervisor.Down), in(supervisor.Connected))
	i := slices.IndexFunc(items, func(it Item) bool { return it.Do.Action == supervisor.Start })
	if items[i].Hidden || items[i].Enabled || !strings.HasPrefix(items[i].Title, "Start (") {
		t.Errorf("%+v", items[i])
	}
}

func TestAMenuThatNobodyClosesIsNotOpenForEver(t *testing.T) {
	var o openMenu
	if o.isOpen(at) {
		t.Error("open from the start")
	}
	o.opened(at)
	for after, want := range map[time.Duration]bool{0: true, openLimit - 1: true, openLimit: false, -time.Second: false} {
		if got := o.isOpen(at.Add(after)); got != want {
			t.Errorf("after %v: %t", after, got)
		}
	}
	o.closed()
	if o.isOpen(at) {
		t.Error("open after it was closed")
	}
}

// What changes with the clock alone would close an open menu, and wake panels up.
func TestNothingInTheMenuTicks(t *testing.T) {
	for _, state := range supervisor.States {
		s := in(state)
		s.Clients = []supervisor.Client{{Peer: peer(51234), Since: at}}
		s.Zombies = []supervisor.Zombie{{Peer: peer(51235), Since: at}}
		s.Next = &supervisor.Next{Action: supervisor.NextStart, At: later.Add(time.Minute)}
		s.FreshUntil = later.Add(time.Hour)
		now, soon := View(statusOf(s), Program{}, later), View(statusOf(s), Program{}, later.Add(3*time.Second))
		if a, b := visible(now.Items), visible(soon.Items); !slices.Equal(a, b) || now.Tooltip != soon.Tooltip {
			t.Errorf("%s: %q, then %q", state, a, b)
		}
	}
}
