package monitor

import (
	"sync"
	"time"

	"github.com/scmhub/ibapi"
)

// api is everything that this package can do with the library's client. There is no order in it, no subscription and
// no Disconnect, and nothing else here may name the client's type (a test reads the source to make sure).
type api interface {
	// Connect returns nil when the server closed in the middle of the handshake, too. Nothing is concluded from nil.
	Connect(host string, port int, clientID int64) error
	ReqCurrentTime()
}

func newAPI(l *listener) api { return ibapi.NewEClient(l) }

// listener hears what the library has decoded. Its methods are called from the library's goroutines: Connect's and the
// decoder's. What it does not override goes to the library's own Wrapper, which only logs, and the log is off.
type listener struct {
	ibapi.Wrapper
	rep *reporter

	acked   chan struct{} // closed by ConnectAck
	ready   chan struct{} // closed by the first NextValidID
	drained chan struct{} // closed when the end marker came through the decoder

	ackOnce, drainOnce sync.Once

	mu       sync.Mutex
	asked    time.Time // when the unanswered request was sent; zero when there is none
	answered chan struct{}
}

func newListener(rep *reporter) *listener {
	return &listener{
		rep:      rep,
		acked:    make(chan struct{}),
		ready:    make(chan struct{}),
		drained:  make(chan struct{}),
		answered: make(chan struct{}, 1),
	}
}

// ConnectAck comes when the library has sent startApi and accepts requests.
func (l *listener) ConnectAck() { l.ackOnce.Do(func() { close(l.acked) }) }

// NextValidID is the proof of readiness.
func (l *listener) NextValidID(int64) {
	if l.rep.nextValidID() {
		close(l.ready)
	}
}

// CurrentTime is the answer to the heartbeat. One that was not asked for proves nothing and is ignored.
func (l *listener) CurrentTime(int64) {
	l.mu.Lock()
	asked := l.asked
	l.asked = time.Time{}
	l.mu.Unlock()
	if asked.IsZero() {
		return
	}
	l.rep.send(Message{Kind: KindAnswer, RTT: time.Since(asked)})
	l.answered <- struct{}{}
}

// Error is the channel for every numbered event, good news included.
func (l *listener) Error(reqID int64, _ int64, code int64, text string, _ string) {
	if reqID == endMarker && (code == ibapi.BAD_MESSAGE.Code || code == ibapi.UNKNOWN_ID.Code) {
		l.drainOnce.Do(func() { close(l.drained) })
		return
	}
	l.rep.code(int(code), text)
}

// ManagedAccounts is overridden so that no account number gets even as far as a disabled log.
func (l *listener) ManagedAccounts([]string) {}

// heartbeat asks the Gateway for the time, one question at a time: a Gateway that does not answer gets no second
// question, however long it takes. Its lateness shows at the parent, where no answer arrives.
//
// It waits for acked as well as for ready: a quick Gateway's nextValidId overtakes the library's own bookkeeping, and
// a request in that instant is dropped with code 504, never to be answered.
func (l *listener) heartbeat(client api, every time.Duration) {
	<-l.acked
	<-l.ready
	for pace := time.NewTimer(0); ; {
		<-pace.C
		pace.Reset(every)
		l.mu.Lock()
		l.asked = time.Now()
		l.mu.Unlock()
		client.ReqCurrentTime()
		<-l.answered
	}
}
