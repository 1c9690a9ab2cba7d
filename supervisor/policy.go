package supervisor

import "time"

// A Policy has what the user may decide about one Gateway, and the times by
// which evidence is judged. All durations are positive.
type Policy struct {
	Name      string
	Port      int
	Simulated bool // the installed "IBC" is the simulated one: say so everywhere

	HasConfigSource bool // there is a config_source that CopyConfig could copy
	Live            bool // it trades real money: the mode is live, or the port is that of live trading

	Monitor  bool // hold one API session; false: never connect
	OneShot  bool // a Gatelight that does not supervise looks once
	ClientID int  // of that session; when it is in use (326) the next two are tried

	KeepRunning bool // start it again when it goes down without a request
	LoginBudget int  // unattended logins an hour
	ClearAuto   bool // clear zombies that block the API, without a request

	Region Region // of the account: when IBKR resets its servers

	LookFast      time.Duration // between looks while something changes
	LookSlow      time.Duration // between looks in a steady state
	ZombieAfter   time.Duration // a CLOSE_WAIT this old is a zombie
	StaleAfter    time.Duration // a look this old proves nothing
	Heartbeat     time.Duration // between two heartbeats of our session
	HeartbeatLate time.Duration // a session that has not answered for this long proves nothing
	HandshakeLate time.Duration // a handshake pending this long counts as unanswered
	SettleTime    time.Duration // LISTEN for this long before our session connects
	FlapAfter     time.Duration // a drop shorter than this is recorded, not shown
	ActionTimeout time.Duration // an action that has not reported by then has failed
	StartTimeout  time.Duration // people are told of a start that takes longer, two-factor included
	AttendedFor   time.Duration // the first login this soon after the user's own start is his

	// SessionRetry are the pauses after failed sessions. The last one repeats.
	// It is also the pause after all our client ids were in use.
	SessionRetry []time.Duration
	StartRetry   []time.Duration // pauses before an unattended start, the last one repeats
}

// DefaultPolicy is the policy by an empty settings file: a paper Gateway on
// port 4002.
func DefaultPolicy() Policy {
	return Policy{
		Name: "paper", Port: 4002,
		Monitor: true, ClientID: 7461, LoginBudget: 3,
		LookFast:      250 * time.Millisecond,
		LookSlow:      2 * time.Second,
		ZombieAfter:   3 * time.Second,
		StaleAfter:    5 * time.Second,
		Region:        NorthAmerica,
		Heartbeat:     5 * time.Second,
		HeartbeatLate: 10 * time.Second,
		HandshakeLate: 5 * time.Second,
		SettleTime:    time.Second,
		FlapAfter:     3 * time.Second,
		ActionTimeout: 3 * time.Minute,
		StartTimeout:  4 * time.Minute, // 60–240 s from start to open port with two-factor
		AttendedFor:   4 * time.Minute,
		SessionRetry:  []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute},
		StartRetry:    []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute},
	}
}

// pause is the n-th pause of a list, counted from 0. The last one repeats; an
// empty list means a minute.
func pause(list []time.Duration, n int) time.Duration {
	if len(list) == 0 {
		return time.Minute
	}
	return list[min(n, len(list)-1)]
}
