package supervisor

import "time"

// A Policy is everything about one Gateway that the user may decide, and the
// times after which evidence is judged. All durations are positive.
type Policy struct {
	Name      string
	Port      int
	Simulated bool // the installed "IBC" is the simulated one: say so everywhere

	HasConfigSource bool // there is a config_source that CopyConfig could copy

	Monitor  bool // hold one API session; false: never connect
	OneShot  bool // there is one look, by a Gatelight that does not supervise
	ClientID int  // of that session; on 326 the next two are tried

	KeepRunning bool // start again when it goes down unasked
	LoginBudget int  // unattended logins an hour
	ClearAuto   bool // clear zombies that block the API without being asked

	Region Region // of the account: when IBKR resets its servers

	LookFast      time.Duration // between looks while something changes
	LookSlow      time.Duration // between looks when all is steady
	ZombieAfter   time.Duration // a CLOSE_WAIT this old is a zombie
	StaleAfter    time.Duration // a look this old proves nothing
	Heartbeat     time.Duration // pace of our session's one question
	HeartbeatLate time.Duration // a session that has not answered for this long does not vouch
	HandshakeLate time.Duration // a handshake pending this long counts as unanswered
	SettleTime    time.Duration // LISTEN for this long before our session connects
	FlapAfter     time.Duration // a drop shorter than this is recorded, not shown
	ActionTimeout time.Duration // a start, stop or restart that has not reported by then is given up on
	StartTimeout  time.Duration // a start (two-factor included) that took longer is reported
	AttendedFor   time.Duration // logins this soon after the user's own start are his own

	// SessionRetry are the pauses after sessions that failed, the last one
	// repeats; it also follows when all our client ids are in use.
	SessionRetry []time.Duration
	StartRetry   []time.Duration // pauses before an unattended start, the last one repeats
}

// DefaultPolicy is an empty settings file: a paper Gateway on 4002.
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

// pause picks the n-th pause (from 0) of a list whose last entry repeats.
func pause(list []time.Duration, n int) time.Duration {
	if len(list) == 0 {
		return time.Minute
	}
	return list[min(n, len(list)-1)]
}
