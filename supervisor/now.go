package supervisor

import (
	"context"
	"sync/atomic"
	"time"
)

// Now is the wall clock time, without Go's monotonic part. The monotonic clock
// stands still while the machine sleeps, and after a sleep the evidence from
// before would look new. Every time in evidence and logs, and every time that
// is compared with one of these, comes from here.
func Now() time.Time { return inZone(time.Now().Round(0)) }

// localZone is the system's time zone, when it has changed since the program began;
// nil: it has not. Go reads it at the start only.
var localZone atomic.Pointer[time.Location]

// SetZone says in which time zone the machine is now.
func SetZone(z *time.Location) { localZone.Store(z) }

// Local is a time in the time zone in which the machine is now.
func Local(t time.Time) time.Time { return inZone(t.Local()) }

func inZone(t time.Time) time.Time {
	if z := localZone.Load(); z != nil {
		return t.In(z)
	}
	return t
}

// Sleep waits for d, or for the end of ctx, and reports whether it was d.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
