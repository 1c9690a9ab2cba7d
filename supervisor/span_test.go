package supervisor

import (
	"testing"
	"time"
)

func TestASpanHasItsTwoLargestUnits(t *testing.T) {
	const day = 24 * time.Hour
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 59 * time.Second: "59 s", 3*time.Minute + 59*time.Second: "3 min",
		2*time.Hour + 5*time.Minute: "2 h 05 min", day - 1: "23 h 59 min",
		day: "1 d 0 h", 6*day + 18*time.Hour: "6 d 18 h", 400*day + 23*time.Hour: "400 d 23 h",
	} {
		if got := Span(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
