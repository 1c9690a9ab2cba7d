package supervisor

import (
	"fmt"
	"time"
)

// This file is the cure for zombies: a restart of the Gateway by IBC, which needs
// no new login. It is done when the zombies are gone and the API answers.

// clearingsAnHour is how often zombies are cleared without anyone asking. If they
// come back that often, a restart is not the cure.
const clearingsAnHour = 3

// clearAfter is how long zombies have to block the API before they are cleared
// by themselves: whoever makes them may just be about to go.
const clearAfter = 10 * time.Second

// clearPause is between two of them, whatever came of the first.
const clearPause = 5 * time.Minute

func (d *decision) tendZombies() {
	if doing := d.mem.doing; doing != nil && doing.action == ClearZombies && doing.verify {
		d.verifyCleared(*doing)
		return
	}
	d.clearByItself()
}

// verifyCleared: IBC's yes is not the end of it.
func (d *decision) verifyCleared(doing doing) {
	restarted := !d.mem.listens.Before(doing.at) && d.mem.view.Listener != nil
	cured := restarted && d.State == Connected
	if !d.p.Monitor { // then nobody asks whether the API answers
		cured = restarted && d.evidence().looking && len(d.mem.waits) == 0
	}
	late := !d.now.Before(doing.at.Add(d.p.StartTimeout))
	switch {
	case cured:
		d.mem.doing, d.mem.calm = nil, time.Time{}
		d.record(EntryCommand, "zombies cleared")
		d.tellCleared(doing.at)
		if doing.asked != 0 {
			d.do(Reply{ID: doing.asked})
		}
	case late:
		d.acted(ActionEnded{ID: doing.id, Action: ClearZombies,
			Err: d.failure(ClearZombies, ReasonNoCure, fmt.Sprintf("%s after IBC was told to restart, the Gateway is %s", span(d.p.StartTimeout), d.Title()))})
	}
}

// clearByItself clears zombies that block the API, where that was asked for.
func (d *decision) clearByItself() {
	m := &d.mem
	if !d.p.ClearAuto || d.State != Zombies || !d.Blocking || m.doing != nil || d.now.Before(d.Since.Add(clearAfter)) || d.refusal(ClearZombies) != nil {
		return
	}
	var recent []time.Time
	for _, at := range m.clearings {
		if d.now.Before(at.Add(time.Hour)) {
			recent = append(recent, at)
		}
	}
	m.clearings = recent
	switch n := len(recent); {
	case n > 0 && d.now.Before(recent[n-1].Add(clearPause)):
		return
	case n >= clearingsAnHour:
		if !m.gaveUp {
			m.gaveUp = true
			d.tellGaveUp(n)
		}
		return
	}
	m.gaveUp = false
	m.clearings = append(recent, d.now)
	m.calm = d.now.Add(d.p.StartTimeout)
	d.record(EntryCommand, "clear-zombies, by itself")
	d.act(ClearZombies, 0)
}
