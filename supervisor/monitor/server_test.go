package monitor

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

// A server is a Gateway that follows a script, byte by byte, and counts its
// connections.
type server struct {
	t    *testing.T
	ln   *net.TCPListener
	port int

	mu    sync.Mutex
	peers []string
	added chan struct{}
}

// serve runs script on the first connection, which is closed when the script
// returns. Further connections are counted and stay open.
func serve(t *testing.T, script func(c *peer)) *server {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, ln: ln.(*net.TCPListener), port: ln.Addr().(*net.TCPAddr).Port, added: make(chan struct{})}
	var wg sync.WaitGroup
	wg.Go(func() {
		for first := true; ; first = false {
			conn, err := s.ln.AcceptTCP()
			if err != nil {
				return
			}
			s.count(conn.RemoteAddr().String())
			if !first {
				defer conn.Close()
				continue
			}
			wg.Go(func() {
				script(&peer{t: t, TCPConn: conn, r: bufio.NewReader(conn)})
				conn.Close()
			})
		}
	})
	// The session, opened later, has ended by now, and so has every script.
	t.Cleanup(func() { s.ln.Close(); wg.Wait() })
	return s
}

func (s *server) count(addr string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers = append(s.peers, addr)
	close(s.added)
	s.added = make(chan struct{})
}

// connections says how many connections came in before now. It makes one of its
// own and waits until that is accepted: the kernel hands them out in order, so no
// earlier one can still be waiting.
func (s *server) connections() int {
	s.t.Helper()
	conn, err := net.Dial("tcp4", s.ln.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close()
	deadline := time.After(testkit.Patience)
	for {
		s.mu.Lock()
		n, peers, added := len(s.peers), s.peers, s.added
		s.mu.Unlock()
		if n > 0 && peers[n-1] == conn.LocalAddr().String() {
			return n - 1
		}
		select {
		case <-added:
		case <-deadline:
			s.t.Fatal("the server accepts no more")
		}
	}
}

// A peer is the server's end of the connection under test.
type peer struct {
	*net.TCPConn
	t       *testing.T
	r       *bufio.Reader
	version int
}

// greeting reads the client's hello.
func (p *peer) greeting() {
	p.must(p.SetReadDeadline(time.Now().Add(testkit.Patience)))
	start := make([]byte, 4)
	_, err := io.ReadFull(p.r, start)
	p.must(err)
	if versions := p.body(); string(start) != "API\x00" || !strings.HasPrefix(versions, "v100..") {
		p.t.Errorf("greeted with %q %q", start, versions)
	}
}

func (p *peer) body() string {
	body, err := p.next()
	p.must(err)
	return body
}

func (p *peer) next() (string, error) {
	var buf bytes.Buffer
	if err := readFrame(p.r, &buf, 1<<16); err != nil {
		return "", err
	}
	return string(buf.Bytes()[4:]), nil
}

func (p *peer) must(err error) {
	if err != nil {
		p.t.Errorf("server: %v", err)
	}
}

func (p *peer) frame(body string) {
	_, err := p.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...))
	p.must(err)
}

// answer sends the version and reads startApi, whose bytes differ between
// versions.
func (p *peer) answer(version int) {
	p.version = version
	p.frame(strconv.Itoa(version) + "\x0020261123 14:02:11 Central European Standard Time\x00")
	want := "71\x002\x0013\x00\x00"
	switch {
	case version >= 213:
		want = "\x00\x00\x01\x0f\x08\x0d"
	case version >= 201:
		want = "\x00\x00\x00\x472\x0013\x00\x00"
	}
	if got := p.body(); got != want {
		p.t.Errorf("startApi %q, want %q", got, want)
	}
}

// ready sends what a Gateway sends first.
func (p *peer) ready() {
	switch {
	case p.version >= 207: // managedAccounts is protobuf six versions before the rest
		p.frame("\x00\x00\x00\xd7\x0a\x09DU1234567")
	case p.version >= 201:
		p.frame("\x00\x00\x00\x0f1\x00DU1234567\x00")
	}
	switch {
	case p.version >= 213:
		p.frame("\x00\x00\x00\xd1\x08\x01")
	case p.version >= 201:
		p.frame("\x00\x00\x00\x091\x001\x00")
	default:
		p.frame("15\x001\x00DU1234567\x00")
		p.frame("9\x001\x001\x00")
	}
}

// handshake is all of the above.
func (p *peer) handshake(version int) {
	p.greeting()
	p.answer(version)
	p.ready()
}

// asked reads one request for the time.
func (p *peer) asked() {
	want := "49\x001\x00"
	switch {
	case p.version >= 213:
		want = "\x00\x00\x00\xf9"
	case p.version >= 201:
		want = "\x00\x00\x00\x311\x00"
	}
	if got := p.body(); got != want {
		p.t.Errorf("request %q, want %q", got, want)
	}
}

func (p *peer) tell() {
	switch {
	case p.version >= 213:
		p.frame("\x00\x00\x00\xf9\x08\x80\xd5\x88\xc9\x06")
	case p.version >= 201:
		p.frame("\x00\x00\x00\x311\x001763909120\x00")
	default:
		p.frame("49\x001\x001763909120\x00")
	}
}

// code sends a numbered event that belongs to no request.
func (p *peer) code(code int, text string) {
	switch {
	case p.version >= 201:
		body := "\x00\x00\x00\xcc\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x80\xc2\xa1\xdb\xab\x33\x18"
		body += string(binary.AppendUvarint(nil, uint64(code)))
		body += "\x22" + string(binary.AppendUvarint(nil, uint64(len(text)))) + text
		p.frame(body)
	case p.version >= 194:
		p.frame(fmt.Sprintf("4\x00-1\x00%d\x00%s\x00\x001763909120000\x00", code, text))
	case p.version >= 166:
		p.frame(fmt.Sprintf("4\x002\x00-1\x00%d\x00%s\x00\x00", code, text))
	default:
		p.frame(fmt.Sprintf("4\x002\x00-1\x00%d\x00%s\x00", code, text))
	}
}

// silence is the condition that nothing more comes for d.
func (p *peer) silence(d time.Duration) {
	p.must(p.SetReadDeadline(time.Now().Add(d)))
	if body, err := p.next(); !errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Errorf("an unexpected request: %q, %v", body, err)
	}
}

// hold waits until the test lets it continue.
func (p *peer) hold(until <-chan struct{}) {
	select {
	case <-until:
	case <-time.After(testkit.Patience):
		p.t.Error("server: the test does not continue")
	}
}

// untilClosed waits for the client's end.
func (p *peer) untilClosed() {
	p.must(p.SetReadDeadline(time.Now().Add(testkit.Patience)))
	if body, err := p.next(); err == nil {
		p.t.Errorf("an unexpected request: %q", body)
	} else if errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Error("the client does not close")
	}
}

// reset ends the connection with an RST.
func (p *peer) reset() {
	p.must(p.SetLinger(0))
	p.Close()
}
