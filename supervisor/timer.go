package supervisor

import "time"

// A Timer is due once after each Reset. One that was due before a Reset, and was not
// noticed, may still be there: whoever waits takes it for the new one.
type Timer interface {
	Due() <-chan time.Time
	// Reset has the timer be due after d, and no longer at the time before.
	Reset(d time.Duration)
	// Stop ends the timer, and what it needs.
	Stop()
}

// goTimer is Go's own timer.
type goTimer struct{ timer *time.Timer }

// NewTimer is a timer of the system, which is not set yet. It is Go's own where the
// system has none: if system is nil or returns nil.
func NewTimer(system func() Timer) Timer {
	if system != nil {
		if t := system(); t != nil {
			return t
		}
	}
	t := goTimer{time.NewTimer(0)}
	t.timer.Stop()
	return t
}

func (t goTimer) Due() <-chan time.Time { return t.timer.C }

func (t goTimer) Reset(d time.Duration) { t.timer.Reset(d) }

func (t goTimer) Stop() { t.timer.Stop() }
