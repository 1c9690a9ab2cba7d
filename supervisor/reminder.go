package supervisor

import "time"

// What has been told and still holds is told again after 5 minutes, after half an
// hour, and then every hour, for as long as it matters.

// reminderPause is for how long after a notice there is no reminder.
const reminderPause = time.Minute

// reminderAfter is the first reminder of what began at since that is not before t.
func reminderAfter(since, t time.Time) time.Time {
	for _, first := range []time.Duration{5 * time.Minute, 30 * time.Minute} {
		if at := since.Add(first); !at.Before(t) {
			return at
		}
	}
	half := since.Add(30 * time.Minute)
	return half.Add((t.Sub(half) + time.Hour - 1).Truncate(time.Hour))
}
