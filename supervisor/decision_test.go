package supervisor

import (
	"slices"
	"testing"
)

// changes are the states that were recorded, with ", expected" behind those
// that are expected.
func (h *harness) changes() (all []string) {
	for _, e := range effectsOf[Record](h) {
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
		"the user stops it": {func(h *harness) {
			id := h.ask(Stop)
			h.event(ActionEnded{ID: id, Action: Stop})
			h.becomeDown()
		}, []string{"down, expected"}},
		"the user restarts it": {func(h *harness) {
			id := h.ask(Restart)
			h.closeSession()
			h.view = PortView{}
			h.look()
			h.event(ActionEnded{ID: id, Action: Restart})
			h.becomeConnected()
		}, []string{"starting, expected", "listening, expected", "connected"}},
		"zombies while it restarts": {func(h *harness) {
			h.ask(Restart)
			h.becomeZombies()
		}, []string{"zombies"}},
		"it was not running, and a start fails": {func(h *harness) {
			id := h.ask(Stop)
			h.event(ActionEnded{ID: id, Action: Stop})
			h.becomeDown()
			h.clear()
			id = h.ask(Start)
			h.event(ActionEnded{ID: id, Action: Start, Err: failed("IBC found no Java")})
		}, nil}, // it is as it was before
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			h.ours()
			h.becomeConnected()
			h.clear()
			c.happens(h)
			if got := h.changes(); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
