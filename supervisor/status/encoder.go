package status

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"gatelight/supervisor"
)

// An encoder makes the server-sent event of a status once for all who watch. It
// may have some megabytes, and hundreds may watch.
type encoder struct {
	mu   sync.Mutex
	of   *supervisor.Snapshot // the first one of the status that was encoded last
	at   time.Time
	text []byte
	took time.Duration // to encode it
}

// How long a document is handed out: it has ages, which grow. One that takes
// long to make is handed out for longer.
const (
	sameFor    = 100 * time.Millisecond
	sameForMax = time.Second
)

// encode is the event with the document of a status, and how long it has taken
// to make it.
func (e *encoder) encode(w supervisor.Status) (text []byte, took time.Duration, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	begun := time.Now()
	if len(w.Gateways) > 0 && e.of == &w.Gateways[0] && begun.Sub(e.at) < min(max(sameFor, 4*e.took), sameForMax) {
		return e.text, e.took, nil
	}
	document, err := json.Marshal(Encode(w, supervisor.Now()))
	text = slices.Concat([]byte("data: "), document, []byte("\n\n"))
	if err != nil || len(w.Gateways) == 0 {
		return text, 0, err
	}
	e.of, e.at, e.text, e.took = &w.Gateways[0], begun, text, time.Since(begun)
	return e.text, e.took, nil
}
