package html

import "time"

// A tick is a mark of the axis.
type tick struct {
	Left  string
	Label string
	Day   bool // a day begins here
	Odd   bool // left out where there is little room
}

// steps are the possible distances of ticks, in minutes.
var steps = []int{5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2 * 1440, 7 * 1440, 30 * 1440}

// maxTicks is how many ticks the axis has room for.
const maxTicks = 13

// ticks are at full hours of the reader's clock. On a day with 23 or 25 hours
// their distances are those of the real time.
func (p *period) ticks() []tick {
	minutes := p.To.Sub(p.from).Minutes()
	step := steps[len(steps)-1]
	for i := len(steps) - 1; i >= 0 && minutes/float64(steps[i]) <= maxTicks; i-- {
		step = steps[i]
	}
	from := p.from.In(p.Zone)
	var all []tick
	last := p.from
	for n := 0; ; n += step {
		at := time.Date(from.Year(), from.Month(), from.Day(), 0, n, 0, 0, p.Zone)
		if at.After(p.To) {
			return all
		}
		if !at.After(last) {
			continue // before the beginning, or an hour that this day does not have
		}
		last = at
		t := tick{Left: p.percent(at), Label: at.Format("15:04"), Odd: n/step%2 == 1}
		if at.Hour() == 0 && at.Minute() == 0 {
			t.Day, t.Odd, t.Label = true, step >= 1440 && t.Odd, at.Format("Mon 2")
			if step > 1440 {
				t.Label = at.Format("2 Jan")
			}
		}
		all = append(all, t)
	}
}
