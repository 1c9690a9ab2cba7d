package status

import (
	"encoding/json"
	"sync"
	"time"

	"gatelight/supervisor"
)

// An encoder makes the document of a status once for all who watch. A document
// may be some megabytes, and hundreds may watch.
type encoder struct {
	mu   sync.Mutex
	of   *supervisor.Snapshot // the first one of the status that was encoded last
	at   time.Time
	text []byte
	took time.Duration // to encode it
}

// sameFor is how long a document is handed out. It has ages, which grow.
const sameFor = 100 * time.Millisecond

// encode is the document of a status, and how long it has taken to make it.
func (e *encoder) encode(w supervisor.Status) (text []byte, took time.Duration, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	begun := time.Now()
	if len(w.Gateways) > 0 && e.of == &w.Gateways[0] && begun.Sub(e.at) < sameFor {
		return e.text, e.took, nil
	}
	if text, err = json.Marshal(Encode(w, supervisor.Now())); err != nil || len(w.Gateways) == 0 {
		return text, 0, err
	}
	e.of, e.at, e.text, e.took = &w.Gateways[0], begun, text, time.Since(begun)
	return e.text, e.took, nil
}
