package history

import (
	"testing"
	"time"

	"gatelight/supervisor"
)

// The port closes some milliseconds before IBC says that the Gateway restarts.
func TestANightlyRestartIsNoDrop(t *testing.T) {
	at := time.Date(2026, 11, 23, 23, 45, 0, 0, time.UTC)
	interval := func(from, to time.Duration, state supervisor.State, expected bool) Interval {
		return Interval{From: at.Add(from), To: at.Add(to), State: state, Expected: expected}
	}
	const ms = time.Millisecond
	for name, c := range map[string]struct {
		until    time.Duration // it is explained
		expected bool
		want     int
	}{
		"explained at once":  {20 * ms, true, 0},
		"explained too late": {restartGrace + ms, true, 1},
		"never explained":    {20 * ms, false, 1},
	} {
		all := incidents([]Interval{
			interval(-time.Hour, 0, supervisor.Connected, false),
			interval(0, c.until, supervisor.Starting, false),
			interval(c.until, time.Minute, supervisor.Starting, c.expected),
			interval(time.Minute, time.Hour, supervisor.Connected, false),
		})
		if len(all) != c.want {
			t.Errorf("%s: %d incidents, want %d", name, len(all), c.want)
		}
	}
}
