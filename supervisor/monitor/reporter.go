package monitor

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// reporter writes the child's messages, one line each, from whichever goroutine has something to say. After the closed
// message it says nothing more.
type reporter struct {
	mu       sync.Mutex
	enc      *json.Encoder
	clientID int
	version  int
	ready    bool
	over     bool
	limit    limiter
}

func newReporter(w io.Writer, clientID int) *reporter {
	return &reporter{enc: json.NewEncoder(w), clientID: clientID, limit: newLimiter()}
}

func (r *reporter) send(m Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(m)
}

func (r *reporter) write(m Message) {
	if r.over {
		return
	}
	r.over = m.Kind == KindClosed
	m.At = time.Now()
	m.ClientID, m.ServerVersion = r.clientID, r.version
	// A failed write means that the parent is gone; stdin will end too, and with it the process.
	_ = r.enc.Encode(m)
}

func (r *reporter) closed(reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lastWords()
	r.write(Message{Kind: KindClosed, Reason: tidy(reason, maxText)})
}

func (r *reporter) handshake(version int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.version = version
	r.write(Message{Kind: KindHandshake})
}

// nextValidID reports readiness, the first time.
func (r *reporter) nextValidID() (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready {
		return false
	}
	r.ready = true
	r.write(Message{Kind: KindReady})
	return true
}

func (r *reporter) isReady() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}
