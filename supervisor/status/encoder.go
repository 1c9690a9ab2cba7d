package status

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatelight/supervisor"
)

// An encoder makes the server-sent event of a status once for all who watch. It
// may have some megabytes, and hundreds may watch.
type encoder struct {
	begun int64 // in ms since 1970: it tells this program's events from those of the one before

	mu   sync.Mutex
	of   *supervisor.Snapshot // the first one of the status that was encoded last
	at   time.Time
	last encoded
	n    int // statuses so far
}

// An encoded is a server-sent event with a document.
type encoded struct {
	id   string        // of the status: the same when it is encoded again
	text []byte        // the whole event
	took time.Duration // to make it
}

func newEncoder() *encoder { return &encoder{begun: supervisor.Now().UnixMilli()} }

// How long a document is handed out: it has ages, which grow. One that takes
// long to make is handed out for longer.
const (
	sameFor    = 100 * time.Millisecond
	sameForMax = time.Second
)

// encode is the event of a status.
func (e *encoder) encode(w supervisor.Status) (encoded, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	begun := time.Now()
	if len(w.Gateways) > 0 && e.of == &w.Gateways[0] && begun.Sub(e.at) < min(max(sameFor, 4*e.last.took), sameForMax) {
		return e.last, nil
	}
	document, err := json.Marshal(Encode(w, supervisor.Now()))
	if err != nil {
		return encoded{}, err
	}
	if len(w.Gateways) == 0 || e.of != &w.Gateways[0] {
		e.n++
	}
	one := encoded{id: fmt.Sprintf("%d-%d", e.begun, e.n)}
	one.text = slices.Concat([]byte("id: "+one.id+"\ndata: "), document, []byte("\n\n"))
	if len(w.Gateways) == 0 {
		return one, nil
	}
	one.took = time.Since(begun)
	e.of, e.at, e.last = &w.Gateways[0], begun, one
	return one, nil
}
