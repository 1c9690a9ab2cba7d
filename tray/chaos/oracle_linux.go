package main

import (
	"fmt"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// A violation is a broken promise.
type violation struct {
	at      time.Time
	promise string
	text    string
}

func (v violation) String() string { return fmt.Sprintf("%s: %s", v.promise, v.text) }

// How long something wrong may be shown. The program needs up to HeartbeatLate
// plus StaleAfter, linked with the speed of the chaos, and this machine may be
// busy with several worlds.
const (
	deadline = 5 * time.Second
	// maxGap is the longest time between two samples after which a lie counts as
	// uninterrupted: with more the machine is too busy to judge anything.
	maxGap = time.Second
)

// An oracle finds broken promises in samples. The zero value has seen nothing.
type oracle struct {
	last   sample
	since  map[string]time.Time // how long each rule has been broken
	told   map[string]bool
	owners map[peer]owner // of the connections, when they were seen last
	left   map[peer]owner // of the sockets in CLOSE_WAIT that were the program's, and since when they are there
	logins map[string]spending
	heard  map[string]time.Time // when somebody listened on a Gateway's port last
	found  []violation
}

func newOracle() *oracle {
	return &oracle{since: map[string]time.Time{}, told: map[string]bool{}, owners: map[peer]owner{}, logins: map[string]spending{}, heard: map[string]time.Time{}}
}

// see takes one more sample.
func (o *oracle) see(s sample) {
	if s.at.Sub(o.last.at) > maxGap {
		clear(o.since)
	}
	for _, t := range s.gateway {
		if t.listens() {
			o.heard[t.name] = s.at
		}
		g, known := s.shown[t.name]
		for _, r := range stateRules {
			o.lasting(s, "the state is right", t.name+" "+r.name, deadline, s.supervised && known && r.lie(t, g), func() string {
				return fmt.Sprintf("%s: %s; shown is %s %s (%s), true is %+v", t.name, r.name, g.State, g.Phase, g.Why, t)
			})
		}
	}
	o.checkIcon(s)
	o.checkDesk(s)
	o.checkFootprint(s)
	o.checkBudget(s)
	o.last = s
}

// lasting notes a violation when wrong has held for a time without a break.
func (o *oracle) lasting(s sample, promise, key string, limit time.Duration, wrong bool, text func() string) {
	key = promise + ": " + key
	if !wrong {
		delete(o.since, key)
		return
	}
	if o.since[key].IsZero() {
		o.since[key] = s.at
	}
	if s.at.Sub(o.since[key]) >= limit && !o.told[key] {
		o.told[key] = true
		o.note(s.at, promise, text())
	}
}

func (o *oracle) note(at time.Time, promise, text string) {
	o.found = append(o.found, violation{at, promise, text})
}

// A stateRule is a state that must not be shown while something else is true.
type stateRule struct {
	name string
	lie  func(truth, status.Gateway) bool
}

// stateRules hold after the deadline. Unknown is always allowed where something
// was done to the program's own senses, and never where all is well.
var stateRules = []stateRule{
	{"it is shown as usable without a Gateway that could answer", func(t truth, g status.Gateway) bool {
		usable := g.State == supervisor.Connected || g.State == supervisor.CutOff
		return usable && !t.monitorFrozen && (!t.listens() || !t.foreign && (t.frozen || t.hung))
	}},
	{"it is shown as connected without IBKR's servers", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Connected && t.linkDown && !t.hung && !t.monitorFrozen
	}},
	{"it is shown as down while somebody listens", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Down && t.listens()
	}},
	{"it is shown as down while its process lives", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Down && t.pid != 0 && !t.stopAsked && !t.forgotten
	}},
	{"it is shown as starting without a process", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Starting && t.pid == 0 && t.script == 0
	}},
	{"it is shown as not responding although nothing is wrong with it", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Silent && t.healthy()
	}},
	{"it is shown as cut off although IBKR is reachable", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.CutOff && t.healthy()
	}},
	{"it is shown as unknown although it can be looked at", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Unknown && t.healthy()
	}},
	{"zombies are shown that are not there", func(t truth, g status.Gateway) bool {
		return g.State == supervisor.Zombies && len(t.closeWait) == 0 && !t.blinded
	}},
	{"zombies are not shown", func(t truth, g status.Gateway) bool {
		return len(t.closeWait) > 0 && !t.blinded && g.State != supervisor.Zombies && g.State != supervisor.Unknown
	}},
}
