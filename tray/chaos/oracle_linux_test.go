package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// The oracle has to find a lie when it is told one, and nothing else.

var (
	start   = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	running = truth{name: "alpha", port: 4002, pid: 7, script: 6, listener: 7}
)

// tell feeds the oracle the same sample for some time.
func tell(o *oracle, s sample, from time.Time, lasts time.Duration) []violation {
	for at := from; at.Before(from.Add(lasts)); at = at.Add(100 * time.Millisecond) {
		s.at = at
		o.see(s)
	}
	return o.found
}

func sampleOf(t truth, state supervisor.State) sample {
	g := status.Gateway{Name: t.name, State: state}
	return sample{gateway: []truth{t}, supervised: true, shown: map[string]status.Gateway{t.name: g}, icon: picture(g)}
}

// lies has one for every rule.
var lies = map[string]struct {
	truth truth
	shown supervisor.State
	right supervisor.State // what may be shown instead
}{
	"it is shown as usable without a Gateway that could answer": {
		truth{name: "alpha", pid: 7, listener: 7, frozen: true}, supervisor.Connected, supervisor.Silent},
	"it is shown as connected without IBKR's servers": {
		truth{name: "alpha", pid: 7, listener: 7, linkDown: true}, supervisor.Connected, supervisor.CutOff},
	"it is shown as down while somebody listens": {
		truth{name: "alpha", foreign: true}, supervisor.Down, supervisor.Listening},
	"it is shown as down while its process lives": {
		truth{name: "alpha", pid: 7, script: 6}, supervisor.Down, supervisor.Starting},
	"it is shown as starting without a process": {
		truth{name: "alpha"}, supervisor.Starting, supervisor.Down},
	"it is shown as not responding although nothing is wrong with it": {
		running, supervisor.Silent, supervisor.Connected},
	"it is shown as cut off although IBKR is reachable": {
		running, supervisor.CutOff, supervisor.Connected},
	"it is shown as unknown although it can be looked at": {
		running, supervisor.Unknown, supervisor.Listening},
	"zombies are shown that are not there": {
		running, supervisor.Zombies, supervisor.Connected},
	"zombies are not shown": {
		truth{name: "alpha", pid: 7, listener: 7, closeWait: []int{51000}}, supervisor.Connected, supervisor.Zombies},
}

func TestEveryLieAboutTheStateIsFound(t *testing.T) {
	for _, rule := range stateRules {
		lie, known := lies[rule.name]
		if !known {
			t.Errorf("there is no lie for the rule %q", rule.name)
			continue
		}
		found := tell(newOracle(), sampleOf(lie.truth, lie.shown), start, deadline+time.Second)
		if len(found) != 1 || !strings.Contains(found[0].text, rule.name) {
			t.Errorf("%s: found %v", rule.name, found)
		}
		if found := tell(newOracle(), sampleOf(lie.truth, lie.right), start, deadline+time.Second); len(found) != 0 {
			t.Errorf("%s, and %s is shown: found %v", rule.name, lie.right, found)
		}
	}
}

func TestAShortLieIsNoneAndALongPauseProvesNothing(t *testing.T) {
	o, lie := newOracle(), sampleOf(running, supervisor.Down)
	if found := tell(o, lie, start, deadline-time.Second); len(found) != 0 {
		t.Errorf("after less than the deadline: %v", found)
	}
	// The machine was busy: whether the lie went on meanwhile is not known.
	if found := tell(o, lie, start.Add(deadline+2*maxGap), time.Second); len(found) != 0 {
		t.Errorf("after a pause: %v", found)
	}
}

func TestUnknownIsAllowedWhereNothingCanBeSeen(t *testing.T) {
	blind := running
	blind.blinded = true
	s := sampleOf(blind, supervisor.Unknown)
	if found := tell(newOracle(), s, start, deadline+time.Second); len(found) != 0 {
		t.Error(found)
	}
}

func TestAnIconThatDiffersFromTheStatusIsFound(t *testing.T) {
	s := sampleOf(running, supervisor.Connected)
	s.icon = "down"
	if found := tell(newOracle(), s, start, deadline+time.Second); len(found) != 1 || found[0].promise != "the icon is right" {
		t.Error(found)
	}
	s.icon = "" // there is no panel
	if found := tell(newOracle(), s, start, deadline+time.Second); len(found) != 0 {
		t.Error(found)
	}
}

func TestAConnectionThatIsNotTheMonitorsIsFoundAtOnce(t *testing.T) {
	s := sampleOf(running, supervisor.Connected)
	s.links = []link{{gateway: "alpha", local: 50001, owner: 99, role: "command"}}
	s.at = start
	o := newOracle()
	if o.see(s); len(o.found) != 1 || o.found[0].promise != "no footprint" {
		t.Error(o.found)
	}
}

func TestTwoConnectionsOfTheProgramAreFound(t *testing.T) {
	s := sampleOf(running, supervisor.Connected)
	s.links = []link{{gateway: "alpha", local: 50001, owner: 99, role: "monitor"}, {gateway: "alpha", local: 50002, owner: 98, role: "monitor"}}
	if found := tell(newOracle(), s, start, 2*maxGap); len(found) != 1 {
		t.Error(found)
	}
	s.links[1].owner = 0 // a client's
	if found := tell(newOracle(), s, start, 2*maxGap); len(found) != 0 {
		t.Error(found)
	}
}

func TestAZombieOfTheProgramIsFoundUnlessItsProcessWasKilled(t *testing.T) {
	for killed, want := range map[bool]int{false: 1, true: 0} {
		s := sampleOf(running, supervisor.Connected)
		s.links = []link{{gateway: "alpha", local: 50001, owner: 99, role: "monitor"}}
		s.at = start
		o := newOracle()
		o.see(s)
		left := running
		left.closeWait = []int{50001}
		s = sampleOf(left, supervisor.Zombies)
		s.killed = map[int]bool{99: killed}
		if found := tell(o, s, start, deadline+time.Second); len(found) != want {
			t.Errorf("killed %v: %v", killed, found)
		}
	}
}

func TestTheSameSeedGivesTheSamePlan(t *testing.T) {
	table := []*fault{{name: "a", weight: 1}, {name: "b", weight: 3}}
	for seed := range uint64(20) {
		one, two := newPlan(newRand(seed), table, 5*time.Second), newPlan(newRand(seed), table, 5*time.Second)
		if len(one) != len(two) || len(one) < 3 {
			t.Fatalf("%d and %d steps", len(one), len(two))
		}
		for i := range one {
			if one[i] != two[i] {
				t.Errorf("seed %d, step %d: %+v and %+v", seed, i, one[i], two[i])
			}
		}
	}
}

func TestEveryLastingFaultIsInTheTable(t *testing.T) {
	for _, name := range lasting {
		if !slices.ContainsFunc(faults, func(f *fault) bool { return f.name == name }) {
			t.Errorf("there is no fault %q", name)
		}
	}
}

func TestALoginAfterTheBudgetWasSpentIsFound(t *testing.T) {
	with := func(unattended int) sample {
		spent := running
		spent.unattended = unattended
		return sampleOf(spent, supervisor.Connected)
	}
	o := newOracle()
	tell(o, with(loginBudget), start, deadline/2)
	tell(o, with(loginBudget+1), start.Add(deadline/2), deadline) // it was about to be stopped
	if len(o.found) > 0 {
		t.Fatalf("found %v too early", o.found)
	}
	found := tell(o, with(loginBudget+2), start.Add(2*deadline), time.Second)
	if len(found) != 1 || found[0].promise != "logins have a budget" {
		t.Errorf("found %v", found)
	}
}

func TestLoginsOfATimeWithoutTheProgramAreNotItsFault(t *testing.T) {
	away := sampleOf(running, supervisor.Connected)
	away.gateway[0].unattended, away.supervised = loginBudget+5, false
	o := newOracle()
	tell(o, away, start, time.Minute)
	away.gateway[0].unattended++
	away.supervised = true
	if found := tell(o, away, start.Add(time.Minute), time.Minute); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestAZombieOnAPortThatTheProgramHadOnceIsNotItsOwn(t *testing.T) {
	o := newOracle()
	had := sampleOf(running, supervisor.Connected)
	had.links = []link{{gateway: "alpha", local: 50001, owner: 99, role: "monitor"}}
	tell(o, had, start, time.Second)
	had.links = nil
	tell(o, had, start.Add(time.Second), 3*maxGap)
	left := running
	left.closeWait = []int{50001}
	if found := tell(o, sampleOf(left, supervisor.Zombies), start.Add(time.Minute), 2*deadline); len(found) > 0 {
		t.Error(found)
	}
}

// One that leaves connections alone cannot be told from others before the first.
func TestOneZombieIsLeftToAGatewayThatClosesNothing(t *testing.T) {
	for zombies, want := range map[int]int{1: 0, 2: 1} {
		o := newOracle()
		left := running
		left.unreachable = true
		s := sampleOf(left, supervisor.Zombies)
		s.at = start
		for port := range zombies {
			s.links = append(s.links, link{gateway: "alpha", local: 50001 + port, owner: 99, role: "monitor"})
			left.closeWait = append(left.closeWait, 50001+port)
		}
		o.see(s)
		if found := tell(o, sampleOf(left, supervisor.Zombies), start, deadline+time.Second); len(found) != want {
			t.Errorf("%d zombies: %v", zombies, found)
		}
	}
}
