package cli

import (
	"strconv"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
)

// These divide the times of the program, so that tests of the built program need
// not wait for the real ones. They set them when they link it:
// go build -ldflags "-X gatelight/supervisor/cli.sessionSpeed=3".
var (
	sessionSpeed     = "1" // of the API session
	supervisionSpeed = "1" // of all the rest: looks, starts, stops
)

// speed is a number that was linked in.
func speed(linked string) time.Duration {
	n, err := strconv.Atoi(linked)
	if err != nil || n < 1 {
		panic("[unexpected] linked with the speed " + linked)
	}
	return time.Duration(n)
}

func scaleTimes(p *supervisor.Policy) {
	divide := func(by time.Duration, times ...*time.Duration) {
		for _, d := range times {
			*d /= by
		}
	}
	session, rest := speed(sessionSpeed), speed(supervisionSpeed)
	divide(session, &p.Heartbeat, &p.HeartbeatLate, &p.HandshakeLate, &p.SettleTime)
	divide(rest, &p.LookFast, &p.LookSlow, &p.ZombieAfter, &p.StaleAfter, &p.FlapAfter, &p.ActionTimeout, &p.StartTimeout, &p.AttendedFor)
	for i := range p.SessionRetry {
		divide(session, &p.SessionRetry[i])
	}
	for i := range p.StartRetry {
		divide(rest, &p.StartRetry[i])
	}
}

// scaledGrace is how long a stop waits for the end of the Gateway.
func scaledGrace() ibc.Grace {
	return ibc.Grace{Stop: ibc.StopGrace / speed(supervisionSpeed), Term: ibc.TermGrace / speed(supervisionSpeed)}
}
