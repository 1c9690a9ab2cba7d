package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// deskShows adds what the desk shows to a sample.
func deskShows(s sample, name string, state supervisor.State) sample {
	s.desk = map[string]status.Gateway{name: {Name: name, State: state, Verified: true}}
	return s
}

func TestEveryLieOfTheDeskIsFound(t *testing.T) {
	gone := truth{name: "alpha"}
	for name, c := range map[string]struct {
		s     sample
		lasts time.Duration
		found string
	}{
		"the line is dead, and it shows what was": {deskShows(sampleOf(gone, supervisor.Down), "host/alpha", supervisor.Connected), deskDeadline, "nobody listens"},
		"it shows down while all is well":         {deskShows(sampleOf(running, supervisor.Connected), "host/alpha", supervisor.Down), deskDeadline, "can be used"},
		"unknown is no lie":                       {deskShows(sampleOf(running, supervisor.Connected), "host/alpha", supervisor.Unknown), deskDeadline, ""},
		"not yet":                                 {deskShows(sampleOf(gone, supervisor.Down), "host/alpha", supervisor.Connected), deskDeadline - time.Second, ""},
		"an invented Gateway":                     {deskShows(sampleOf(running, supervisor.Connected), "host/gamma", supervisor.Connected), 0, "host/gamma"},
	} {
		found := tell(newOracle(), c.s, start, c.lasts+time.Second)
		if c.found == "" && len(found) != 0 || c.found != "" && (len(found) != 1 || !strings.Contains(found[0].text, c.found)) {
			t.Errorf("%s: found %v", name, found)
		}
	}
	differs := deskShows(sampleOf(running, supervisor.Connected), "host/alpha", supervisor.Unknown)
	differs.lineOK = true
	if found := tell(newOracle(), differs, start, deadline+time.Second); len(found) != 1 || !strings.Contains(found[0].text, "the desk shows unknown") {
		t.Errorf("over a line that works: found %v", found)
	}
}

// A trader's life, as its file tells it, in a world whose Gateway listens or not.
func TestEveryWrongLifeOfATraderIsFound(t *testing.T) {
	const gone = 1 << 30 // there is no such process
	for name, c := range map[string]struct {
		file   string
		listen bool
		found  string
	}{
		"started in time, and alive": {"start 1\n", true, ""},
		"started without an API":     {"start 1\n", false, "nobody has listened"},
		"two at once":                {"start 1\nstart 2\n", true, "at once"},
		"one after the other":        {"start 3\nend 3 terminated\nstart 1\n", true, ""},
		"killed":                     {"start 1073741824\n", true, "ended without a word"},
		"being written":              {"start", true, ""},
	} {
		w := &world{oracle: newOracle(), runner: &runner{file: filepath.Join(t.TempDir(), "trader"), lives: map[int]bool{}}}
		if err := os.WriteFile(w.runner.file, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		s := sample{at: start, gateway: []truth{{name: "alpha"}}}
		if c.listen {
			s.gateway[0].listener = gone
		}
		w.checkRunner(s)
		w.checkRunner(s)
		found := w.oracle.found
		if c.found == "" && len(found) != 0 || c.found != "" && (len(found) != 1 || !strings.Contains(found[0].text, c.found)) {
			t.Errorf("%s: found %v", name, found)
		}
	}
}
