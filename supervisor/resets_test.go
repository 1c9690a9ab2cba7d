package supervisor

import (
	"testing"
	"time"
)

func TestResetsCoverTheTimesOfEachRegion(t *testing.T) {
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
