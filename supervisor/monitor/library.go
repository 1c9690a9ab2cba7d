package monitor

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/scmhub/ibapi"

	"gatelight/supervisor"
)

// An api is everything that this package can do with the library's client. There
// is no order in it, no subscription and no Disconnect, and nothing else here
// may name the client's type (a test reads the source to make sure).
//
// It is two functions and no interface: a client that becomes an interface keeps
// all its methods in the program. This way the linker leaves out the others, and
// with them what sends an order (make size checks it).
type api struct {
	// connect returns nil also when the server closed in the middle of the
	// handshake. Nothing follows from nil.
	connect        func(host string, port int, clientID int64) error
	reqCurrentTime func()
}

func newAPI(c *callbacks) api {
	client := ibapi.NewEClient(c)
	return api{client.Connect, client.ReqCurrentTime}
}

// callbacks get what the library has decoded. They are called from the library's
// goroutines: Connect's and the decoder's. What is not overridden here goes to
// the library's own Wrapper, which only logs, and the log is off.
type callbacks struct {
	ibapi.Wrapper
	rep *reporter

	acked   chan struct{} // closed by ConnectAck
	ready   chan struct{} // closed by the first NextValidID
	drained chan struct{} // closed when the decoder has come to the end marker

	ackOnce, readyOnce, drainOnce sync.Once

	asked    atomic.Pointer[time.Time] // when the unanswered request was sent; nil when there is none
	answered chan struct{}
}

func newCallbacks(rep *reporter) *callbacks {
	return &callbacks{
		rep:      rep,
		acked:    make(chan struct{}),
		ready:    make(chan struct{}),
		drained:  make(chan struct{}),
		answered: make(chan struct{}, 1),
	}
}

// ConnectAck comes when the library has sent startApi and accepts requests.
func (c *callbacks) ConnectAck() { c.ackOnce.Do(func() { close(c.acked) }) }

// NextValidID is the only proof that the API serves this session.
func (c *callbacks) NextValidID(int64) {
	c.readyOnce.Do(func() {
		c.rep.report(line{Ready: &supervisor.SessionReady{ServerVersion: int(c.rep.version.Load())}})
		c.rep.ready.Store(true)
		close(c.ready)
	})
}

// CurrentTime is the answer to the heartbeat. An answer without a request proves
// nothing and is ignored.
func (c *callbacks) CurrentTime(int64) {
	asked := c.asked.Swap(nil)
	if asked == nil {
		return
	}
	c.rep.report(line{Answered: &supervisor.HeartbeatAnswered{RTT: time.Since(*asked)}})
	c.answered <- struct{}{}
}

// Error brings every numbered event, good news included.
func (c *callbacks) Error(reqID int64, _ int64, code int64, text string, _ string) {
	if reqID == endMarker && (code == ibapi.BAD_MESSAGE.Code || code == ibapi.UNKNOWN_ID.Code) {
		c.drainOnce.Do(func() { close(c.drained) })
		return
	}
	if known := codes[int(code)]; known.farm == "" && known.link == "" && known.source != fromLibrary {
		c.rep.explained.Store(true)
	}
	c.rep.code(int(code), text)
}

// ManagedAccounts is overridden so that no account number gets even as far as a
// disabled log.
func (c *callbacks) ManagedAccounts([]string) {}

// heartbeat asks the Gateway for the time, one request at a time: a Gateway that
// does not answer gets no second request, however long it takes. The parent sees
// that no answer comes.
//
// It waits for acked as well as for ready: a fast Gateway's nextValidId comes
// before the library has done its own bookkeeping, and a request in that instant
// is dropped with code 504, never to be answered.
func (c *callbacks) heartbeat(client api, timer supervisor.Timer, every time.Duration) {
	<-c.acked
	<-c.ready
	for timer.Reset(0); ; {
		<-timer.Due()
		timer.Reset(every)
		c.asked.Store(new(time.Now()))
		client.reqCurrentTime()
		<-c.answered
	}
}
