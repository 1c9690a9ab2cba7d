package simgateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// An apiServer is the Gateway's API port. It can be told to misbehave in the
// ways that real ones do: not to answer, not to read, not to accept.
type apiServer struct {
	version int
	account string

	mu       sync.Mutex
	changed  *sync.Cond // of everything below
	listener *net.TCPListener
	closed   bool
	ready    bool // the login is done; until then hellos wait
	hung     bool // nothing is read
	noAccept bool // nothing is accepted
	parked   bool // and the accept loop knows it
	stick    int  // how many new connections are never read; all of them if negative
	linkDown bool
	stuck    []net.Conn // never closed: that would end the zombies
	sessions map[*session]bool
	byID     map[int64]*session
	counts   counts
	wg       sync.WaitGroup
}

// counts are what the server has seen, for tests that must know.
type counts struct {
	Accepted    int         `json:"accepted"`
	Hellos      int         `json:"hellos"`     // answered
	Handshakes  int         `json:"handshakes"` // completed: nextValidId was sent
	Sessions    int         `json:"sessions"`   // now
	Stuck       int         `json:"stuck"`
	First       []firstSeen `json:"first"` // per accepted connection, in order
	CurrentTime int         `json:"current_time"`
	Logins      int         `json:"logins"` // over all starts with the same scenes file
}

// firstSeen is what a connection sent first: the size of its hello or, if it
// sent something else, of what came. Zero: nothing, or nothing was read.
type firstSeen struct {
	Bytes int    `json:"bytes"`
	Text  string `json:"text"` // at most four bytes
}

func newAPIServer(version int, account string) *apiServer {
	s := &apiServer{version: version, account: account, sessions: map[*session]bool{}, byID: map[int64]*session{}}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// listen opens the port. An empty address is the dual-stack wildcard, which is
// what Java binds: accepted peers show as ::ffff:127.0.0.1 there. Like Java's,
// its connections have no keep-alive, which Go would add and which ends a
// zombie when its client's side is gone for good.
func (s *apiServer) listen(address string, port int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil || s.closed {
		return nil
	}
	plain := net.ListenConfig{KeepAlive: -1}
	l, err := plain.Listen(context.Background(), "tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	s.listener = l.(*net.TCPListener)
	s.wg.Go(func() { s.acceptLoop(s.listener) })
	return nil
}

func (s *apiServer) acceptLoop(l *net.TCPListener) {
	for s.mayAccept(l) {
		conn, err := l.AcceptTCP()
		if isTimeout(err) {
			continue
		}
		if err != nil {
			return
		}
		s.serve(conn)
	}
}

// mayAccept waits while nothing is to be accepted. The deadline that has ended
// Accept is cleared under the lock, so that no later one is lost.
func (s *apiServer) mayAccept(l *net.TCPListener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.noAccept && !s.closed {
		s.waitForChange(&s.parked)
	}
	s.parked = false
	_ = l.SetDeadline(time.Time{}) // fails on a closed listener only, and then so does Accept
	return !s.closed
}

func (s *apiServer) serve(conn *net.TCPConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		conn.Close()
		return
	}
	s.counts.Accepted++
	s.counts.First = append(s.counts.First, firstSeen{})
	if s.stick != 0 {
		if s.stick > 0 {
			s.stick--
		}
		s.stuck = append(s.stuck, conn)
		return
	}
	c := newSession(s, conn, len(s.counts.First)-1)
	s.sessions[c] = true
	s.wg.Go(c.read)
	s.wg.Go(c.write)
}

// mayRead waits while a session is not to be read. It is false when its reader
// is to end.
func (s *apiServer) mayRead(c *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.closed && s.paused(c) {
		s.waitForChange(&c.parked)
	}
	c.parked = false
	_ = c.conn.SetReadDeadline(time.Time{}) // as in mayAccept
	return !s.closed
}

// waitForChange waits for a change, and first lets update know that it waits.
func (s *apiServer) waitForChange(parked *bool) {
	if !*parked {
		*parked = true
		s.changed.Broadcast()
	}
	s.changed.Wait()
}

func (s *apiServer) paused(c *session) bool {
	return !c.ending && (!s.ready || s.hung || c.stuck)
}

// update changes the state. A deadline in the past makes the readers and the
// accept loop return from their system calls and see it. update returns when
// they have stopped: one that was about to call would still take what comes
// next.
func (s *apiServer) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	past := time.Unix(1, 0)
	for c := range s.sessions {
		if s.paused(c) {
			_ = c.conn.SetReadDeadline(past) // fails on a closed connection only
		}
	}
	if s.noAccept && s.listener != nil {
		_ = s.listener.SetDeadline(past)
	}
	s.changed.Broadcast()
	for !s.allParked() {
		s.changed.Wait()
	}
}

func (s *apiServer) allParked() bool {
	if s.closed {
		return true
	}
	if s.noAccept && s.listener != nil && !s.parked {
		return false
	}
	for c := range s.sessions {
		if s.paused(c) && !c.parked {
			return false
		}
	}
	return true
}

// push sends an error that concerns everybody, such as 1100.
func (s *apiServer) push(code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.byID {
		if !s.paused(c) {
			c.send(c.codec.systemError(time.Now(), code, text))
		}
	}
}

// claim gives a client id to a session, unless another one has it.
func (s *apiServer) claim(c *session, id int64) (taken bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID[id] != nil {
		return true
	}
	s.byID[id], c.id, c.started = c, id, true
	s.counts.Handshakes++
	return false
}

// release frees the client id of a session that ends; forget then drops it.
func (s *apiServer) release(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.ending = true
	s.changed.Broadcast()
	if c.started && s.byID[c.id] == c {
		delete(s.byID, c.id)
	}
}

func (s *apiServer) forget(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, c)
}

func (s *apiServer) count(change func(*counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}

func (s *apiServer) isLinkDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.linkDown
}

// countsJSON is one line.
func (s *apiServer) countsJSON(logins int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Sessions, c.Stuck, c.Logins, c.First = len(s.byID), len(s.stuck), logins, slices.Clone(c.First)
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Sprintf("error %v", err)
	}
	return string(text)
}

// port is 0 while the API port is closed.
func (s *apiServer) port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return 0
	}
	return s.listener.Addr().(*net.TCPAddr).Port
}

// close ends everything, the stuck connections too, and waits for it.
func (s *apiServer) close() {
	s.update(func() {
		s.closed = true
		if s.listener != nil {
			s.listener.Close()
		}
		for c := range s.sessions {
			c.conn.Close()
		}
		for _, conn := range s.stuck {
			conn.Close()
		}
	})
	s.wg.Wait()
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
