package supervisor

import (
	"testing"
	"time"
)

// After a flight the machine is in another time zone, and the program runs on.
func TestTimesAreInTheZoneInWhichTheMachineIsNow(t *testing.T) {
	t.Cleanup(func() { SetZone(nil) })
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	SetZone(tokyo)
	if got := Local(at).Format("15:04"); got != "21:00" {
		t.Errorf("%s, want 21:00", got)
	}
	if got := Now().Location(); got != tokyo {
		t.Errorf("now is in %s", got)
	}
	if got := When(at, at); got != "21:00:00" {
		t.Errorf("%s, want 21:00:00", got)
	}
	restart := ClockTime{Daily: true, Hour: 21}
	if !restart.near(at) {
		t.Error("a Gateway that was started here restarts at another time")
	}
	SetZone(nil)
	if Now().Location() != time.Local {
		t.Error("without a change it is not the system's zone")
	}
}
