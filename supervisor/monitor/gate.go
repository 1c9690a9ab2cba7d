package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync/atomic"
	"time"
)

// The gate stands between the library and the Gateway. The library's Connection.Write answers every failed write with
// up to three new dials to the same address and then repeats the bytes without a handshake (v0.10.47, connection.go,
// reconnect). It can happen in four places: the greeting, startApi, any request that meets a closed connection before
// the reader has noticed, and a write that races Disconnect. A server that resets right after its version sees a second
// connection in 38 of 40 runs, and that connection never speaks, which is how zombies are made. Noticing the end first
// would only make it rare. So the library is given the address of a private loopback port that accepts once, and only
// the gate knows where the Gateway is.
//
// What else follows from it: the end of the Gateway's side is seen at once even while Connect blocks; the library never
// sees it, and so never runs its Disconnect (which can crash the process); and a frame that is not on the short list
// of allowed requests does not leave the process.
type gate struct {
	gateway net.Conn // the one connection to the Gateway
	library net.Conn // the private one to the library
	rep     *reporter
	ears    *listener
	version atomic.Int32 // of the server, 0 before its first frame
}

// drainWithin is how long the library gets to decode what came before the end; it really takes about a millisecond.
const drainWithin = time.Second

// allowed are the only requests that may leave: startApi and reqCurrentTime. The greeting comes before them.
var allowed = map[int]bool{71: true, 49: true}

var (
	errNotIB  = errors.New("whatever listens on the port does not speak the IB API")
	errGaveUp = errors.New("the API library gave up on what the Gateway sent")
)

// hold dials the Gateway and keeps the session until it ends, for the reason it returns. There is no deadline anywhere
// on purpose: a handshake that is not answered is left waiting, because dropping it would make a zombie.
//
// Everything that can fail on this side comes first. The Gateway is dialled with the library's greeting in hand, so
// that it never sees a connection without one.
func hold(cfg config, rep *reporter) string {
	rep.send(Message{Kind: KindConnecting})
	ended := make(chan string, 3) // one place for each goroutine that may write to it
	g := &gate{rep: rep, ears: newListener(rep)}
	client := newAPI(g.ears)
	library, err := attach(client, cfg.clientID, ended)
	if err != nil {
		return fmt.Sprintf("cannot attach the API library: %v", err)
	}
	g.library = library
	requests := bufio.NewReaderSize(library, maxRequest)
	hello, err := greeting(requests)
	if err != nil {
		return err.Error()
	}

	if g.gateway, err = dial(cfg); err != nil {
		return err.Error()
	}
	// Reported before the greeting goes out, so that no answer can be reported before it.
	rep.send(Message{Kind: KindHello, LocalPort: g.gateway.LocalAddr().(*net.TCPAddr).Port})
	_, _ = g.gateway.Write(hello)

	go g.ears.heartbeat(client, cfg.every)
	go func() { ended <- g.requests(requests).Error() }()
	go func() { ended <- g.answers() }()
	return <-ended
}

// attach starts the library's Connect, which blocks until the server's version comes, and returns our end of the
// library's connection. What Connect has to complain about later goes to ended.
func attach(client api, clientID int, ended chan<- string) (net.Conn, error) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	go func() {
		if err := client.Connect("127.0.0.1", ln.Addr().(*net.TCPAddr).Port, int64(clientID)); err != nil {
			ended <- fmt.Sprintf("the API library refused the handshake: %v", err)
			ln.Close() // when it did not even get here, nobody else will
		}
	}()
	return ln.Accept()
}

// dial opens the one connection. It takes a single address: net.Dial would try the addresses of a name in parallel,
// and leave the slower connection behind unused.
func dial(cfg config) (net.Conn, error) {
	where := net.JoinHostPort(cfg.host, strconv.Itoa(cfg.port))
	addr, err := net.ResolveTCPAddr("tcp", where)
	if err != nil {
		return nil, fmt.Errorf("cannot find %s: %w", where, err)
	}
	conn, err := net.DialTCP("tcp", nil, addr)
	switch {
	case err == nil:
		return conn, nil
	case isRefused(err):
		return nil, fmt.Errorf("nobody listens on %s", where)
	case isReset(err):
		// The Gateway accepted and dropped the connection before connect(2) came back.
		return nil, errors.New(endReason(err, false))
	}
	return nil, fmt.Errorf("cannot connect to %s: %w", where, err)
}

// greeting reads "API\0" and the range of versions that the library speaks.
func greeting(r *bufio.Reader) ([]byte, error) {
	start := make([]byte, 4)
	if _, err := io.ReadFull(r, start); err != nil {
		return nil, gaveUp(err)
	}
	if string(start) != "API\x00" {
		return nil, errors.New("[unexpected] the API library began without a greeting")
	}
	var versions bytes.Buffer
	if err := readFrame(r, &versions, maxRequest); err != nil {
		return nil, gaveUp(err)
	}
	return append(start, versions.Bytes()...), nil
}

// requests carries frames from the library to the Gateway and returns why it stopped. A failed write is no reason: the
// reading side knows better why the connection ended, and in which words.
func (g *gate) requests(r *bufio.Reader) error {
	var frame bytes.Buffer
	for {
		if err := readFrame(r, &frame, maxRequest); err != nil {
			return gaveUp(err)
		}
		if id := messageID(frame.Bytes()[4:], int(g.version.Load())); !allowed[id] {
			return fmt.Errorf("[unexpected] the API library wanted to send message %d; it was not sent", id)
		}
		_, _ = g.gateway.Write(frame.Bytes())
	}
}

// gaveUp explains why the library closed its side, which it does when its decoder panics.
func gaveUp(err error) error {
	if errors.Is(err, errTooLong) {
		return fmt.Errorf("[unexpected] the API library wanted to send more than %d bytes", maxRequest)
	}
	return errGaveUp
}

// answers carries frames from the Gateway to the library and returns why it stopped, after the library has heard
// everything that came before.
func (g *gate) answers() string {
	err := g.carry()
	g.drain()
	return endReason(err, g.rep.isReady())
}

func (g *gate) carry() error {
	r := bufio.NewReaderSize(g.gateway, 4096)
	var frame bytes.Buffer
	if err := readFrame(r, &frame, maxVersion); errors.Is(err, errTooLong) {
		return errNotIB
	} else if err != nil {
		return err
	}
	version := serverVersion(frame.Bytes()[4:])
	if version == 0 {
		// The library would crash on it: it takes two fields for granted.
		return errNotIB
	}
	g.version.Store(int32(version))
	g.rep.handshake(version)
	for {
		if _, err := g.library.Write(frame.Bytes()); err != nil {
			return errGaveUp
		}
		if err := readFrame(r, &frame, maxFrame); err != nil {
			return err
		}
	}
}

// drain waits until the library has decoded what was carried to it, so that a last code (326, say, just before the
// Gateway hangs up) is reported before the closed message. Letting the library see the end instead would lose it: its
// decoder then chooses at random between the next message and the end. So it gets one more message with an id that
// nobody knows, and the complaint about it is the sign.
func (g *gate) drain() {
	version := g.version.Load()
	if version == 0 {
		return
	}
	if _, err := g.library.Write(endFrame(int(version))); err != nil {
		return
	}
	select {
	case <-g.ears.drained:
	case <-time.After(drainWithin):
		// The decoder has died or hangs; what it did not report by now it never will.
	}
}

// endReason words the end of the connection.
func endReason(err error, ready bool) string {
	when := " during the handshake"
	if ready {
		when = ""
	}
	switch {
	case err == errNotIB, err == errGaveUp:
		return err.Error()
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("cannot follow the Gateway: %v", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the Gateway closed the connection" + when
	case isReset(err):
		return "the Gateway reset the connection" + when
	}
	return fmt.Sprintf("the connection to the Gateway broke%s: %v", when, err)
}
