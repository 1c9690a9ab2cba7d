package supervisor

import (
	"testing"
	"time"
)

func TestResets(t *testing.T) {
	at := func(zone *time.Location, day, hour, minute int) time.Time {
		return time.Date(2026, 11, day, hour, minute, 0, 0, zone) // the 23rd is a Monday
	}
	ny, zurich, hongkong := eastern(), zone("Europe/Zurich"), zone("Asia/Hong_Kong")
	for _, tt := range []struct {
		name   string
		region Region
		now    time.Time
		ends   time.Time // zero: no reset is on
	}{
		{"before it", NorthAmerica, at(ny, 24, 23, 44), time.Time{}},
		{"at its begin", NorthAmerica, at(ny, 24, 23, 45), at(ny, 25, 0, 45)},
		{"past midnight, where two pages overlap", NorthAmerica, at(ny, 25, 0, 30), at(ny, 25, 1, 45)},
		{"by the other page alone", NorthAmerica, at(ny, 25, 1, 44), at(ny, 25, 1, 45)},
		{"after it", NorthAmerica, at(ny, 25, 1, 45), time.Time{}},
		{"told in another zone", NorthAmerica, at(zurich, 25, 6, 0), at(ny, 25, 0, 45)},
		{"not another region's", Europe, at(ny, 25, 0, 50), at(zurich, 25, 7, 45)},
		{"Europe's", Europe, at(zurich, 25, 6, 0), at(zurich, 25, 6, 45)},
		{"Asia's", Asia, at(hongkong, 25, 20, 30), at(hongkong, 25, 21, 15)},
		{"the weekend's, everywhere", Europe, at(ny, 27, 23, 0), at(ny, 28, 3, 0)},
		{"on Saturday still", Asia, at(ny, 28, 2, 59), at(ny, 28, 3, 0)},
		{"not on Sunday", Asia, at(ny, 29, 2, 0), time.Time{}},
	} {
		var ends time.Time
		for _, r := range Resets(tt.region) {
			if r.Source == "" {
				t.Error("a time without a source")
			}
			ends = latest(ends, r.ends(tt.now))
		}
		if !ends.Equal(tt.ends) {
			t.Errorf("%s: until %v, want %v", tt.name, ends, tt.ends)
		}
	}
}

// A loss of IBKR at its own reset is told only when it lasts.
func TestAResetIsNoNews(t *testing.T) {
	r := newHarness(t)
	r.now = time.Date(2026, 11, 24, 23, 50, 0, 0, eastern())
	r.becomeConnected()
	r.becomeCutOff()
	r.hold(30 * time.Minute)
	if r.s.State != CutOff || len(r.s.Notices) != 0 {
		t.Fatalf("%s, told: %q", r.s.State, r.notices())
	}
	r.hold(time.Hour + 35*time.Minute)
	if got := r.notices(); len(got) != 1 || got[0] != NoticeDrop {
		t.Errorf("when it has lasted past the reset: %q", got)
	}

	day := newHarness(t) // and at noon it is
	day.becomeConnected()
	day.becomeCutOff()
	day.hold(10 * time.Second)
	if got := day.notices(); len(got) != 1 {
		t.Errorf("at noon: %q", got)
	}
}

// A restart that IBC was told to make of a Gateway that is somebody else's: its
// log is not ours to read, but its config.ini says when.
func TestARestartByTheClockIsNoNews(t *testing.T) {
	for _, tt := range []struct {
		name    string
		minutes int // after the restart's time
		told    int
	}{{"at its time", 0, 0}, {"a little late", 3, 0}, {"at another time", 60, 1}} {
		r := newHarness(t)
		local := r.now.Local()
		r.becomeConnected()
		r.event(GatewaySeen{PID: 4711, By: ByOther, Restarts: []ClockTime{{Daily: true, Hour: local.Hour(), Minute: local.Minute()}}})
		r.hold(time.Duration(tt.minutes) * time.Minute)
		r.closeSession()
		r.view = PortView{}
		r.hold(30 * time.Second)
		if r.s.State != Down || len(r.s.Notices) != tt.told {
			t.Errorf("%s: %s, told %q; want %d", tt.name, r.s.State, r.notices(), tt.told)
		}
		if tt.told == 0 {
			r.hold(r.p.StartTimeout)
			if got := r.notices(); len(got) != 1 {
				t.Errorf("%s, and it did not come back: %q", tt.name, got)
			}
		}
	}
}

// IBC's loop at a server that cannot be reached counts no logins, and has no end.
func TestFiveRelaunchesInVainAreEnough(t *testing.T) {
	r := newHarness(t)
	r.ours()
	r.becomeStarting()
	for n := range 20 {
		r.event(PhaseSeen{Phase: Launching})
		r.event(LaunchSeen{})
		r.hold(2 * time.Second)
		if acts := effectsOf[PerformAction](r); len(acts) > 0 {
			if n != maxRelaunches+1 || acts[0].Action != Stop {
				t.Errorf("%s after %d launches", acts[0].Action, n+1)
			}
			break
		}
	}
	if got := r.notices(); len(got) == 0 || got[len(got)-1] != NoticeBudget {
		t.Errorf("told: %q", got)
	}

	well := newHarness(t) // a Gateway that restarts cold every day is well
	well.ours()
	for range 20 {
		well.becomeStarting()
		well.event(PhaseSeen{Phase: Launching})
		well.event(LaunchSeen{})
		well.event(PhaseSeen{Phase: LoggedIn})
		well.hold(time.Second)
	}
	if acts := effectsOf[PerformAction](well); len(acts) != 0 {
		t.Errorf("stopped a Gateway that logs in: %+v", acts)
	}
}
