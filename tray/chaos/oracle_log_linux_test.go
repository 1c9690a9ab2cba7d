package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// logOf is an event log with these states, one a second.
func logOf(t *testing.T, states ...supervisor.State) string {
	t.Helper()
	var b strings.Builder
	from := supervisor.Unknown
	for i, to := range states {
		line, err := json.Marshal(supervisor.Entry{At: start.Add(time.Duration(i) * time.Second), Gateway: "alpha", Kind: supervisor.EntryState, From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(line, '\n'))
		from = to
	}
	return b.String()
}

func seen(states ...supervisor.State) (all []told) {
	for _, s := range states {
		all = append(all, told{State: s})
	}
	return all
}

func TestALogWithEveryTransitionIsRight(t *testing.T) {
	log := logOf(t, supervisor.Down, supervisor.Starting, supervisor.Listening, supervisor.Connected)
	// A reader skips what it was too slow for.
	if wrong := checkEvents(log, "alpha", seen(supervisor.Unknown, supervisor.Down, supervisor.Listening, supervisor.Connected), toSupervisors{}); len(wrong) != 0 {
		t.Error(wrong)
	}
}

func TestALogThatLacksATransitionIsFound(t *testing.T) {
	whole := logOf(t, supervisor.Down, supervisor.Starting, supervisor.Listening, supervisor.Connected)
	lines := strings.SplitAfter(whole, "\n")
	for name, log := range map[string]string{
		"a line is lost":          lines[0] + lines[2] + lines[3],
		"the last line is lost":   lines[0] + lines[1] + lines[2],
		"a line is there twice":   lines[0] + lines[1] + lines[1] + lines[2] + lines[3],
		"two lines are exchanged": lines[0] + lines[2] + lines[1] + lines[3],
		"a line is cut off":       lines[0] + lines[1] + lines[2] + lines[3][:20],
	} {
		if wrong := checkEvents(log, "alpha", seen(supervisor.Down, supervisor.Starting, supervisor.Listening, supervisor.Connected), toSupervisors{}); len(wrong) == 0 {
			t.Errorf("%s, and that was not found", name)
		}
	}
}

// A transition is told while it is written.
func TestALogMayLackTheTransitionAtAKill(t *testing.T) {
	const unknown, listening, connected = supervisor.Unknown, supervisor.Listening, supervisor.Connected
	line := func(after time.Duration, from, to supervisor.State) string {
		b, err := json.Marshal(supervisor.Entry{At: start.Add(after), Gateway: "alpha", Kind: supervisor.EntryState, From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	told := []told{{State: listening, at: start}, {State: connected, at: start.Add(time.Second)},
		{State: listening, at: start.Add(3 * time.Second)}, {State: connected, at: start.Add(4 * time.Second)}}
	lacking := line(0, unknown, listening) + line(3*time.Second, unknown, listening) + line(4*time.Second, listening, connected)
	kill := start.Add(time.Second + 20*time.Millisecond)
	if wrong := checkEvents(lacking, "alpha", told, toSupervisors{kills: []time.Time{kill}}); len(wrong) != 0 {
		t.Error(wrong)
	}
	for name, done := range map[string]toSupervisors{"no kill": {}, "a kill later": {kills: []time.Time{kill.Add(time.Second)}}} {
		if wrong := checkEvents(lacking, "alpha", told, done); len(wrong) == 0 {
			t.Errorf("%s, and the lack was not found", name)
		}
	}
}

// Until a supervisor notices that its lock was removed, a command may supervise
// beside it. Without that it is a fault.
func TestEntriesOfTwoAreToldApartOnlyWhereTheyMayBe(t *testing.T) {
	mark := func(from, to supervisor.State) string {
		b, err := json.Marshal(supervisor.Entry{At: start, Gateway: "alpha", Kind: supervisor.EntrySupervision, From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	state := func(from, to supervisor.State) string {
		b, err := json.Marshal(supervisor.Entry{At: start, Gateway: "alpha", Kind: supervisor.EntryState, From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		return string(b) + "\n"
	}
	const unknown, silent, connected = supervisor.Unknown, supervisor.Silent, supervisor.Connected
	begin, end := mark("", unknown), mark(connected, "")
	both := begin + state(unknown, silent) + begin + state(unknown, connected) + state(silent, supervisor.Zombies) + end + state(connected, supervisor.Down)
	if wrong := checkEvents(both, "alpha", nil, toSupervisors{two: true}); len(wrong) != 0 {
		t.Error(wrong)
	}
	if wrong := checkEvents(both, "alpha", nil, toSupervisors{}); len(wrong) == 0 {
		t.Error("two have supervised, and that was not found")
	}
	lost := begin + state(unknown, silent) + end + begin + state(unknown, connected) + state(silent, supervisor.Zombies)
	if wrong := checkEvents(lost, "alpha", nil, toSupervisors{two: true}); len(wrong) == 0 {
		t.Error("a line is lost in the life of one, and that was not found")
	}
}
