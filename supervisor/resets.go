package supervisor

import (
	"sync"
	"time"
	_ "time/tzdata" // so that the zones below exist on every machine
)

// A Reset is a time of every day, or of a day of the week, in which IBKR resets
// its servers. A Gateway may then lose them for a while, and nothing is wrong.
type Reset struct {
	Zone     *time.Location
	From, To ClockTime // To is not included, and may be on the next day
	Source   string
}

// A Region is the region of IBKR's servers that an account uses.
type Region string

// The regions that IBKR names.
const (
	NorthAmerica Region = "north-america"
	Europe       Region = "europe"
	Asia         Region = "asia"
)

// The sources of the times. The two pages disagree, so that a time counts that
// one of them names.
const (
	statusPage = "IBKR system status page (ibkr.com, System Status, server reset times)"
	guidePage  = "IBKR TWS API guide, maintenance times"
	bothPages  = "both of IBKR's pages"
)

// Resets returns the resets of a region, and the one of the weekend, which all
// regions have.
func Resets(r Region) []Reset {
	at := func(hour, minute int) ClockTime { return ClockTime{Daily: true, Hour: hour, Minute: minute} }
	et, cet, hkt := eastern(), zone("Europe/Zurich"), zone("Asia/Hong_Kong")
	all := map[Region][]Reset{
		NorthAmerica: {
			{et, at(23, 45), at(0, 45), statusPage},
			{et, at(0, 15), at(1, 45), guidePage},
		},
		Europe: {
			{cet, at(5, 45), at(6, 45), statusPage},
			{cet, at(6, 25), at(7, 45), guidePage},
		},
		Asia: {
			{et, at(16, 45), at(17, 45), statusPage},
			{hkt, at(20, 15), at(21, 0), statusPage},
			{hkt, at(4, 45), at(6, 5), guidePage},
			{hkt, at(20, 15), at(21, 15), guidePage},
		},
	}
	weekend := Reset{et, ClockTime{Day: time.Friday, Hour: 23}, ClockTime{Day: time.Saturday, Hour: 3}, bothPages}
	return append(all[r], weekend)
}

// ends is when this reset ends, if it is under way at now; else zero.
func (r Reset) ends(now time.Time) time.Time {
	local := now.In(r.Zone)
	for _, day := range []int{-1, 0} { // it may have begun yesterday
		from := r.From.on(local.AddDate(0, 0, day))
		if !r.From.Daily && from.Weekday() != r.From.Day {
			continue
		}
		to := r.To.on(from)
		if !to.After(from) {
			to = r.To.on(from.AddDate(0, 0, 1))
		}
		if !now.Before(from) && now.Before(to) {
			return to
		}
	}
	return time.Time{}
}

// on is that time of day on the day of t, in the zone of t.
func (c ClockTime) on(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), c.Hour, c.Minute, 0, 0, t.Location())
}

// near reports that now is about that time of day: from a minute before to five
// minutes after. A restart begins up to a minute late, and its Gateway ends
// some seconds after that. When the machine has got another time zone, a Gateway
// keeps its own until it starts again, so that both count.
func (c ClockTime) near(now time.Time) bool {
	return c.nearIn(now.Local()) || c.nearIn(Local(now))
}

func (c ClockTime) nearIn(local time.Time) bool {
	at := c.on(local)
	if !c.Daily && at.Weekday() != c.Day {
		return false
	}
	return !local.Before(at.Add(-time.Minute)) && local.Before(at.Add(5*time.Minute))
}

// tokenEnds is when the login of the week ends: Sunday 01:00 in New York. After
// that a restart needs a full login, with two-factor.
var tokenEnds = ClockTime{Day: time.Sunday, Hour: 1}

// loginIsOver reports that now is on Sunday after tokenEnds, and that the
// Gateway was started before that.
func loginIsOver(started, now time.Time) bool {
	local := now.In(eastern())
	over := tokenEnds.on(local)
	return local.Weekday() == tokenEnds.Day && !local.Before(over) && started.Before(over)
}

var eastern = sync.OnceValue(func() *time.Location { return zone("America/New_York") })

// zone never fails: the zones are built in.
func zone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return l
}
