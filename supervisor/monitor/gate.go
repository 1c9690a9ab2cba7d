package monitor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"gatelight/supervisor"
)

// A gate is a proxy between the library and the Gateway. The library's
// Connection.Write answers every failed write with up to three new dials to the
// same address and then repeats the bytes without a handshake (v0.10.47,
// connection.go, reconnect). It can happen in four places: the greeting,
// startApi, any request that meets a closed connection before the reader has
// noticed, and a write that races Disconnect. A server that resets right after
// its version sees a second connection in 38 of 40 runs, and that connection
// never sends anything, which is how zombies are made. To notice the end first
// would only make it rare. So the library is given the address of a private
// loopback port that accepts once, and only the gate knows where the Gateway is.
//
// What else follows from it: the end of the Gateway's side is seen at once even
// while Connect blocks; the library never sees it, and so never runs its
// Disconnect (which can crash the process); and a frame that is not on the short
// list of allowed requests does not leave the process.
type gate struct {
	gateway   net.Conn // the one connection to the Gateway
	library   net.Conn // the private one to the library
	rep       *reporter
	callbacks *callbacks
}

// drainWithin is how long the library has to decode what came before the end. It
// takes about a millisecond.
const drainWithin = time.Second

// allowed are the only requests that may leave: startApi and reqCurrentTime. The
// greeting comes before them.
var allowed = map[int]bool{71: true, 49: true}

var (
	errNotIB      = errors.New("whatever listens on the port does not speak the IB API")
	errLibraryEnd = errors.New("the API library gave up on what the Gateway sent")

	loopback = net.IPv4(127, 0, 0, 1)
)

// holdSession dials the Gateway and keeps the session until it ends, for the
// reason it returns. It has no deadline on purpose: a handshake that is not
// answered is left waiting, because dropping it would make a zombie.
//
// Everything that can fail on this side comes first. The Gateway is dialled when
// the library's greeting is there, so that it never sees a connection without
// one.
func holdSession(o Options, rep *reporter, timer supervisor.Timer) (why string) {
	ended := make(chan string, 3) // one place for each goroutine that may write to it
	g := &gate{rep: rep, callbacks: newCallbacks(rep)}
	client := newAPI(g.callbacks)
	library, err := connectLibrary(client, o.ClientID, ended)
	if err != nil {
		return fmt.Sprintf("cannot connect the API library: %v", err)
	}
	g.library = library
	requests := bufio.NewReaderSize(library, maxRequest)
	hello, err := readGreeting(requests)
	if err != nil {
		return err.Error()
	}
	if g.gateway, err = dial(o.Port); err != nil {
		return err.Error()
	}
	_, _ = g.gateway.Write(hello)

	go g.callbacks.heartbeat(client, timer, o.Heartbeat)
	go func() { ended <- g.forwardRequests(requests).Error() }()
	go func() { ended <- g.forwardAnswers() }()
	return <-ended
}

// connectLibrary starts the library's Connect, which blocks until the server's
// version comes, and returns our end of the library's connection. An error that
// Connect returns later goes to ended.
func connectLibrary(client api, clientID int, ended chan<- string) (net.Conn, error) {
	ln, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: loopback})
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	go func() {
		if err := client.connect(loopback.String(), ln.Addr().(*net.TCPAddr).Port, int64(clientID)); err != nil {
			ended <- fmt.Sprintf("the API library refused the handshake: %v", err)
			ln.Close() // if it has not even connected to us, Accept would wait for ever
		}
	}()
	return ln.Accept()
}

// dial opens the one connection to the Gateway, to a single address: net.Dial
// would try the addresses of a name in parallel, and leave the slower connection
// behind unused.
func dial(port int) (net.Conn, error) {
	addr := &net.TCPAddr{IP: loopback, Port: port}
	conn, err := net.DialTCP("tcp", nil, addr)
	switch {
	case err == nil:
		return conn, nil
	case isRefused(err):
		return nil, fmt.Errorf("nobody listens on %s", addr)
	case isReset(err):
		// The Gateway accepted and dropped the connection before connect(2) returned.
		return nil, errors.New(describeConnectionEnd(err, false, false))
	}
	return nil, fmt.Errorf("cannot connect to %s: %w", addr, err)
}

// readGreeting reads "API\0" and the range of versions that the library speaks.
func readGreeting(r *bufio.Reader) ([]byte, error) {
	start := make([]byte, 4)
	if _, err := io.ReadFull(r, start); err != nil {
		return nil, requestError(err)
	}
	if string(start) != "API\x00" {
		return nil, errors.New("[unexpected] the API library began without a greeting")
	}
	var versions bytes.Buffer
	if err := readFrame(r, &versions, maxRequest); err != nil {
		return nil, requestError(err)
	}
	return append(start, versions.Bytes()...), nil
}

// forwardRequests carries frames from the library to the Gateway and returns why
// it stopped. A failed write is no reason to stop: the reading side knows better
// why the connection ended, and in which words.
func (g *gate) forwardRequests(r *bufio.Reader) error {
	var frame bytes.Buffer
	for {
		if err := readFrame(r, &frame, maxRequest); err != nil {
			return requestError(err)
		}
		if id := messageID(frame.Bytes()[4:], int(g.rep.version.Load())); !allowed[id] {
			return fmt.Errorf("[unexpected] the API library wanted to send message %d; it was not sent", id)
		}
		_, _ = g.gateway.Write(frame.Bytes())
	}
}

// requestError explains why no more can be read from the library. It closes its
// side when its decoder panics.
func requestError(err error) error {
	if errors.Is(err, errTooLong) {
		return fmt.Errorf("[unexpected] the API library wanted to send more than %d bytes", maxRequest)
	}
	return errLibraryEnd
}

// forwardAnswers carries frames from the Gateway to the library and returns why
// it stopped, after the library has decoded everything that came before.
func (g *gate) forwardAnswers() (why string) {
	err := g.forwardFrames()
	g.drain()
	return describeConnectionEnd(err, g.rep.ready.Load(), g.rep.explained.Load())
}

func (g *gate) forwardFrames() error {
	r := bufio.NewReaderSize(g.gateway, 4096)
	var frame bytes.Buffer
	if err := readFrame(r, &frame, maxVersion); errors.Is(err, errTooLong) {
		return errNotIB
	} else if err != nil {
		return err
	}
	version := serverVersion(frame.Bytes()[4:])
	if version == 0 {
		// The library would crash on it: it does not check that there are two fields.
		return errNotIB
	}
	g.rep.version.Store(int32(version))
	for {
		if _, err := g.library.Write(frame.Bytes()); err != nil {
			return errLibraryEnd
		}
		if err := readFrame(r, &frame, maxFrame); err != nil {
			return err
		}
	}
}

// drain waits until the library has decoded what was forwarded to it, so that a
// last code (326, say, just before the Gateway closes) is reported before the
// closed event. Letting the library see the end instead would lose it: its
// decoder then chooses at random between the next message and the end. So it
// gets one more message with an id that nobody knows, and its error about that
// message is the sign.
func (g *gate) drain() {
	version := int(g.rep.version.Load())
	if version == 0 {
		return
	}
	if _, err := g.library.Write(endFrame(version)); err != nil {
		return
	}
	select {
	case <-g.callbacks.drained:
	case <-time.After(drainWithin):
		// The decoder has crashed or hangs. What it has not reported by now it
		// never will.
	}
}

// rejectedHint is what to do when the Gateway ends the handshake without a word.
const rejectedHint = "; look at the Gateway's window: it may ask whether to accept the connection (AcceptIncomingConnectionAction=accept in config.ini answers that)," +
	" its API may be switched off (Enable ActiveX and Socket Clients), or 127.0.0.1 may not be among its Trusted IPs"

// describeConnectionEnd says why the connection ended, before or after the
// session was ready. explained is the reporter's.
func describeConnectionEnd(err error, ready, explained bool) string {
	when, hint := " during the handshake", rejectedHint
	if ready {
		when = ""
	}
	if ready || explained {
		hint = ""
	}
	switch {
	case err == errNotIB, err == errLibraryEnd:
		return err.Error()
	case errors.Is(err, errTooLong):
		return fmt.Sprintf("cannot follow the Gateway: %v", err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the Gateway closed the connection" + when + hint
	case isReset(err):
		return "the Gateway reset the connection" + when + hint
	}
	return fmt.Sprintf("the connection to the Gateway broke%s: %v", when, err)
}
