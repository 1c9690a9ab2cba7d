package cli

import (
	"strconv"
	"time"

	"gatelight/supervisor"
)

// sessionSpeed divides the times of the API session, so that tests of the built
// program need not wait for the real ones. They set it when they link it:
// go build -ldflags "-X gatelight/supervisor/cli.sessionSpeed=3".
var sessionSpeed = "1"

func scaleSessionTimes(p *supervisor.Policy) {
	speed, err := strconv.Atoi(sessionSpeed)
	if err != nil || speed < 1 {
		panic("[unexpected] linked with the session speed " + sessionSpeed)
	}
	times := []*time.Duration{&p.Heartbeat, &p.HeartbeatLate, &p.HandshakeLate, &p.SettleTime}
	for i := range p.SessionRetry {
		times = append(times, &p.SessionRetry[i])
	}
	for _, d := range times {
		*d /= time.Duration(speed)
	}
}
