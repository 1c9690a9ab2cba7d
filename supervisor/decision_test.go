package supervisor

import (
	"slices"
	"testing"
)

// changes are the states that were recorded, with ", expected" behind those
// that are expected.
func (r *harness) changes() (all []string) {
	for _, e := range effectsOf[Record](r) {
		if e.Entry.Kind != EntryState {
			continue
		}
		text := string(e.Entry.To)
		if e.Entry.Expected {
			text += ", expected"
		}
		all = append(all, text)
	}
	return all
}

func TestTheEventLogMarksExpectedChanges(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(*harness)
		want    []string
	}{
		"it is killed": {(*harness).becomeDown, []string{"down"}},
		"the user stops it": {func(r *harness) {
			id := r.ask(Stop)
			r.event(ActionEnded{ID: id, Action: Stop})
			r.becomeDown()
		}, []string{"down, expected"}},
		"the user restarts it": {func(r *harness) {
			id := r.ask(Restart)
			r.closeSession()
			r.view = PortView{}
			r.look()
			r.event(ActionEnded{ID: id, Action: Restart})
			r.becomeConnected()
		}, []string{"starting, expected", "listening, expected", "connected"}},
		"zombies while it restarts": {func(r *harness) {
			r.ask(Restart)
			r.becomeZombies()
		}, []string{"zombies"}},
		"it was not running, and a start fails": {func(r *harness) {
			id := r.ask(Stop)
			r.event(ActionEnded{ID: id, Action: Stop})
			r.becomeDown()
			r.clear()
			id = r.ask(Start)
			r.event(ActionEnded{ID: id, Action: Start, Err: failed("IBC found no Java")})
		}, []string{"down"}}, // the state is the same, but it is not expected any more
	} {
		t.Run(name, func(t *testing.T) {
			r := newHarness(t)
			r.ours()
			r.becomeConnected()
			r.clear()
			c.happens(r)
			if got := r.changes(); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
