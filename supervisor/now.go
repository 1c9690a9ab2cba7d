package supervisor

import (
	"context"
	"time"
)

// Now is the wall clock time, without Go's monotonic part. The monotonic clock
// stands still while the machine sleeps, and after a sleep the evidence from
// before would look new. Every time in evidence and logs, and every time that
// is compared with one of these, comes from here.
func Now() time.Time { return time.Now().Round(0) }

// Sleep waits for d, or for the end of ctx, and reports whether it was d.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
