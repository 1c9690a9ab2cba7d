package simgateway

import (
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// A session is one connection of an API client. Its reader and its writer are
// goroutines of the apiServer and end with the connection.
type session struct {
	srv   *apiServer
	conn  *net.TCPConn
	index int // in counts.First

	out  chan []byte // nil ends the connection after what is before it
	done chan struct{}
	once sync.Once

	codec codec // 0 until the hello was answered

	// Guarded by srv.mu.
	id      int64
	started bool // startApi came
	stuck   bool // until unstick
	parked  bool // the reader does not read
	ending  bool // it reads only to see the end
}

// outgoing is how many messages may wait for a client that does not read. The
// Gateway drops such a client too, only later.
const outgoing = 64

func newSession(srv *apiServer, conn *net.TCPConn, index int) *session {
	return &session{srv: srv, conn: conn, index: index, out: make(chan []byte, outgoing), done: make(chan struct{})}
}

func (c *session) read() {
	defer c.end()
	var buf []byte
	chunk := make([]byte, 16<<10)
	for c.srv.mayRead(c) {
		n, err := c.conn.Read(chunk)
		buf = append(buf, chunk[:n]...)
		if n > 0 {
			rest, open := c.consume(buf)
			if !open {
				c.drain()
				return
			}
			buf = append(buf[:0], rest...)
		}
		if err != nil && !isTimeout(err) {
			return
		}
	}
}

func (c *session) write() {
	for {
		select {
		case <-c.done:
			return
		case b := <-c.out:
			if b == nil {
				c.closeSoon()
				return
			}
			if _, err := c.conn.Write(b); err != nil {
				c.conn.Close()
				return
			}
		}
	}
}

// linger is the time between an error that ends a connection and the end. The
// API's clients drop what they have not handled yet when the connection ends.
const linger = 50 * time.Millisecond

func (c *session) closeSoon() {
	t := time.NewTimer(linger)
	defer t.Stop()
	select {
	case <-t.C:
		_ = c.conn.CloseWrite() // the client may be gone already
	case <-c.done:
	}
}

// send queues a message and never blocks, so that one client cannot hold up
// the others.
func (c *session) send(b []byte) {
	select {
	case c.out <- b:
	default:
		c.conn.Close()
	}
}

// drain waits for the client to close. To close first, with its bytes unread,
// would reset the connection and lose the error that explains it. The client id
// is free already.
func (c *session) drain() {
	c.srv.release(c)
	_ = c.conn.SetReadDeadline(time.Now().Add(time.Second)) // fails on a closed connection only
	_, _ = io.Copy(io.Discard, c.conn)
}

func (c *session) end() {
	c.once.Do(func() {
		c.srv.release(c)
		c.srv.forget(c)
		c.conn.Close()
		close(c.done)
	})
}

// consume handles all whole messages in buf and returns what is left. It
// reports open=false when the connection is to end.
func (c *session) consume(buf []byte) (rest []byte, open bool) {
	if c.codec == 0 {
		c.noteFirstBytes(buf)
		h, rest, ok, err := parseHello(buf)
		if err != nil || ok && !c.agreeVersion(h) {
			c.send(nil)
			return nil, false
		}
		if !ok {
			return buf, true
		}
		buf = rest
	}
	for {
		payload, rest, ok, err := unframe(buf)
		if err != nil {
			c.sendError(507, "Bad Message Length: "+err.Error())
			c.send(nil)
			return nil, false
		}
		if !ok {
			return rest, true
		}
		if !c.handle(payload) {
			c.send(nil)
			return nil, false
		}
		buf = rest
	}
}

// noteFirstBytes notes the first message as far as it has come.
func (c *session) noteFirstBytes(buf []byte) {
	size := len(buf)
	if h, _, ok, err := parseHello(buf); ok && err == nil {
		size = h.size
	}
	c.srv.count(func(n *counts) {
		n.First[c.index] = firstSeen{Bytes: size, Text: string(buf[:min(4, len(buf))])}
	})
}

// agreeVersion agrees on the older of the two versions.
func (c *session) agreeVersion(h hello) bool {
	version := min(c.srv.version, h.high)
	if version < h.low {
		return false
	}
	c.codec = codec(version)
	c.srv.count(func(n *counts) { n.Hellos++ })
	c.send(helloReply(version, time.Now()))
	return true
}

func (c *session) sendError(code int, text string) {
	c.send(c.codec.systemError(time.Now(), code, text))
}

// handle answers the requests that belong to a session, and ends at once the
// lists that clients wait for. All others are read and left unanswered: this
// Gateway has no market.
func (c *session) handle(payload []byte) (open bool) {
	r, err := c.codec.request(payload)
	if err != nil {
		return true
	}
	switch r.id {
	case outStartAPI:
		return c.startAPI(r)
	case outReqCurrentTime:
		c.srv.count(func(n *counts) { n.CurrentTime++ })
		c.send(c.codec.currentTime(time.Now()))
	case outReqCurrentMillis:
		c.send(c.codec.currentMillis(time.Now()))
	case outReqIDs:
		c.send(c.codec.nextValidID(1))
	case outReqManagedAccts:
		c.send(c.codec.managedAccounts(c.srv.account))
	default:
		if end := c.codec.emptyList(r, c.srv.account); end != nil {
			c.send(end)
		}
	}
	return true
}

// startAPI begins the session proper. Only now does nextValidId go out, and it
// alone proves to the client that the Gateway answers.
func (c *session) startAPI(r request) (open bool) {
	id, err := r.clientID()
	if err != nil {
		return false
	}
	if c.srv.claim(c, id) {
		c.sendError(326, "Unable to connect as the client id is already in use. Retry with a unique client id.")
		return false
	}
	c.send(c.codec.managedAccounts(c.srv.account))
	c.send(c.codec.nextValidID(1))
	if c.srv.isLinkDown() {
		c.sendError(2110, "Connectivity between Trader Workstation and server is broken. It will be restored automatically.")
		return true
	}
	for _, farm := range farms {
		c.sendError(farm.code, farm.text)
	}
	return true
}

// farms are the messages that follow every login to a Gateway that is well.
var farms = []struct {
	code int
	text string
}{
	{2104, "Market data farm connection is OK:usfarm"},
	{2106, "HMDS data farm connection is OK:ushmds"},
	{2158, "Sec-def data farm connection is OK:secdefnj"},
}

// linkMessages are pushed when the link to IBKR changes: down, up, up lost.
var linkMessages = map[string]struct {
	code int
	text string
}{
	"down":    {1100, "Connectivity between IBKR and Trader Workstation has been lost."},
	"up":      {1102, "Connectivity between IBKR and Trader Workstation has been restored - data maintained. All data farms are connected: usfarm; ushmds; secdefnj."},
	"up lost": {1101, "Connectivity between IBKR and Trader Workstation has been restored - data lost."},
}

// setLink changes the link and tells everybody.
func (s *apiServer) setLink(to string) error {
	m, ok := linkMessages[to]
	if !ok {
		return fmt.Errorf("link can go down, up or up lost, not %q", to)
	}
	s.update(func() { s.linkDown = to == "down" })
	s.push(m.code, m.text)
	return nil
}
