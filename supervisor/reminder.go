package supervisor

import "time"

// This file has the times of reminders. While an incident lasts, people are
// told again 5 minutes after its beginning, after half an hour, and then every
// hour.

// reminderPause is the time after a notice in which there is no reminder.
const reminderPause = time.Minute

// reminderAfter is the time of the first reminder, of those of an incident that
// began at since, that is not before t.
func reminderAfter(since, t time.Time) time.Time {
	for _, first := range []time.Duration{5 * time.Minute, 30 * time.Minute} {
		if at := since.Add(first); !at.Before(t) {
			return at
		}
	}
	half := since.Add(30 * time.Minute)
	return half.Add((t.Sub(half) + time.Hour - 1).Truncate(time.Hour))
}
