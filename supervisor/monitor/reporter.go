package monitor

import (
	"encoding/json"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
)

// A reporter writes the child's events, one line each, from any goroutine.
// After the closed event it writes nothing more.
type reporter struct {
	version atomic.Int32 // of the server's API protocol; 0 before its first frame
	ready   atomic.Bool  // the ready event is written
	// explained: the Gateway has sent a code that is about this session, such as
	// 326; it says more about its end than we can.
	explained atomic.Bool

	mu    sync.Mutex
	enc   *json.Encoder
	ended bool // the closed event is written

	// Which codes are reported, and when: see limit.go.
	links, others bucket
	last          rawCode // the code reported last
	lastAt        time.Time
	omitted       int      // codes since the last report of omitted ones; a timer runs that will report them
	waiting       *rawCode // the newest link code, until it may pass
	waitingTimer  bool     // a timer runs that will report it
}

func newReporter(w io.Writer) *reporter {
	return &reporter{
		enc:    json.NewEncoder(w),
		links:  bucket{pace: linkPace, burst: linkBurst},
		others: bucket{pace: otherPace, burst: otherBurst},
	}
}

// write needs the lock.
func (r *reporter) write(l line) {
	if r.ended {
		return
	}
	r.ended = l.Closed != nil
	// A failed write means that the parent is gone. Then stdin ends too, and with
	// it the process.
	_ = r.enc.Encode(l)
}

// closed writes the last event, after the codes that wait.
func (r *reporter) closed(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting != nil {
		r.writeCode(*r.waiting, time.Now())
	}
	r.writeOmitted()
	r.write(line{Closed: &supervisor.SessionClosed{Why: supervisor.CleanText(why, maxText)}})
}

// report writes one event that is not about a code.
func (r *reporter) report(l line) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(l)
}
