package cli

import (
	"context"
	"strconv"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/monitor"
)

// session holds one API session in a child process.
func session(p supervisor.Policy) func(ctx context.Context, clientID int, emit func(supervisor.Event)) string {
	return func(ctx context.Context, clientID int, emit func(supervisor.Event)) string {
		o := monitor.Options{Args: []string{monitorChild}, Port: p.Port, ClientID: clientID, Heartbeat: p.Heartbeat}
		return monitor.Run(ctx, o, emit)
	}
}

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
