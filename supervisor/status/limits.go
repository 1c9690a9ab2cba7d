package status

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of the conversations on the control socket. Only programs of the user
// can open it, but one with a mistake must not take memory and file descriptors
// that the supervisor needs: without descriptors it cannot look any more.
const (
	requestTimeout = 5 * time.Second  // until a whole request is there
	idleTimeout    = 10 * time.Second // between two requests of a connection
	writeTimeout   = 10 * time.Second // without the reader reading
	maxHeader      = 16 << 10         // bytes; that of curl has about 100
	maxBody        = 4 << 10          // bytes; no route needs one
	// maxConnections is more than a machine has programs that ask. Each takes
	// a file descriptor and about 20 kB.
	maxConnections = 500
	// maxTCPConnections is for status_listen, where programs of other users and
	// machines may ask.
	maxTCPConnections = 100
)

// newHTTP is the server for these routes. Its requests end with ctx.
func newHTTP(ctx context.Context, routes http.Handler) *http.Server {
	return &http.Server{
		Handler:        http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { readWhole(w, r, routes) }),
		BaseContext:    func(net.Listener) context.Context { return ctx },
		ReadTimeout:    requestTimeout, // also that of the header
		IdleTimeout:    idleTimeout,
		MaxHeaderBytes: maxHeader,
	}
}

// readWhole reads a request to its end, before anything is done about it. What
// takes long, such as a start or a watch, calls writeWithin again when it
// writes.
func readWhole(w http.ResponseWriter, r *http.Request, next http.Handler) {
	writeWithin(w)
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		http.Error(w, "the request is too long", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		w.Header().Set("Connection", "close")
		http.Error(w, "the request was not sent in time", http.StatusRequestTimeout)
		return
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{}) // nothing more is to come
	next.ServeHTTP(w, r)
}

// writeWithin ends the connection if its reader does not take what is written
// from now on.
func writeWithin(w http.ResponseWriter) {
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout))
}

// A limitedListener closes connections at once when there are too many.
type limitedListener struct {
	net.Listener
	most int32 // 0: maxConnections
	open atomic.Int32
}

// Accept implements [net.Listener].
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= cmp.Or(l.most, maxConnections) {
			return &countedConn{Conn: c, closed: sync.OnceFunc(func() { l.open.Add(-1) })}, nil
		}
		l.open.Add(-1)
		c.Close()
	}
}

type countedConn struct {
	net.Conn
	closed func()
}

// Close implements [net.Conn].
func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}
