package e2e

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

// A fake Gateway is a server that follows a script, byte by byte. It is the test
// binary itself in a process of its own, so that it can be stopped and killed. It
// prints what it has accepted, and when.

const fakeGatewayCommand = "fake-gateway"

// fakeGatewayMain is that process: fake-gateway SCRIPT PORT.
func fakeGatewayMain(args []string) int {
	l, err := net.Listen("tcp", "127.0.0.1:"+args[1])
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	script := scripts[args[0]]
	fmt.Println("listening")
	for {
		conn, err := l.Accept()
		if err != nil {
			return 1
		}
		fmt.Println("accepted", time.Now().UnixMilli())
		go func() {
			c := &peer{TCPConn: conn.(*net.TCPConn), r: bufio.NewReader(conn)}
			script(c)
			c.Close()
		}()
	}
}

// scripts are what it does with each connection; then it closes it.
var scripts = map[string]func(c *peer){
	"well":                  func(c *peer) { c.handshake("187"); c.answer() },
	"silent":                func(c *peer) { c.hello(); c.ignore() },
	silentForLong:           func(c *peer) { c.hello(); <-time.After(90 * time.Second / speed); c.welcome("187"); c.answer() },
	"closes":                func(c *peer) { c.hello() },
	"resets":                func(c *peer) { c.hello(); c.SetLinger(0) },
	"garbage":               func(c *peer) { c.hello(); c.send(strings.Repeat("\xde\xad\xbe\xef", 1000)); c.ignore() },
	"HTTP":                  func(c *peer) { c.hello(); c.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"); c.ignore() },
	"empty frame":           func(c *peer) { c.hello(); c.frame(""); c.ignore() },
	"too few fields":        func(c *peer) { c.hello(); c.frame("187\x00"); c.ignore() },
	"too few fields, later": func(c *peer) { c.handshake("187"); c.next(); c.frame("4\x002\x00"); c.ignore() },
	"2 GB announced":        func(c *peer) { c.handshake("187"); c.next(); c.send("\x7f\xff\xff\xff49\x00"); c.ignore() },
	"-1 bytes announced":    func(c *peer) { c.handshake("187"); c.next(); c.send("\xff\xff\xff\xff49\x00"); c.ignore() },
	"20 MB":                 func(c *peer) { c.handshake("187"); c.next(); c.frame(strings.Repeat("x", 20<<20)); c.ignore() },
	"truncated frame":       func(c *peer) { c.handshake("187"); c.next(); c.send("\x00\x00\x00\x1049\x001\x00") },
	"too old":               func(c *peer) { c.hello(); c.frame("30\x00then\x00"); c.ignore() },
	"226":                   func(c *peer) { c.handshake("226"); c.answer() },
	"326": func(c *peer) {
		c.hello()
		c.version("187")
		c.next()
		c.code(326, "Unable to connect as the client id is already in use.")
	},
	flooding:        func(c *peer) { c.handshake("187"); go c.flood(10 * time.Second); c.answer() },
	"stops reading": func(c *peer) { c.handshake("187"); c.next(); c.time(); c.chatter() },
	"stops writing": func(c *peer) { c.handshake("187"); c.next(); c.time(); c.ignore() },
}

// A peer is the server's end of one connection.
type peer struct {
	*net.TCPConn
	r  *bufio.Reader
	mu sync.Mutex
}

func (c *peer) send(bytes string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	io.WriteString(c, bytes)
}

func framed(body string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + body
}

func (c *peer) frame(body string) { c.send(framed(body)) }

// next reads one frame.
func (c *peer) next() (string, error) {
	var n uint32
	if err := binary.Read(c.r, binary.BigEndian, &n); err != nil {
		return "", err
	}
	body := make([]byte, n)
	_, err := io.ReadFull(c.r, body)
	return string(body), err
}

// hello reads the greeting. A connection that begins with something else is not
// the monitor's, and ends the fake Gateway.
func (c *peer) hello() {
	start := make([]byte, 4)
	if _, err := io.ReadFull(c.r, start); err != nil || string(start) != "API\x00" {
		fmt.Println("error", fmt.Sprintf("a connection began with %q: %v", start, err))
		os.Exit(1)
	}
	c.next()
}

func (c *peer) version(v string) {
	c.frame(v + "\x0020261123 14:02:11 Central European Standard Time\x00")
}

func (c *peer) welcome(v string) {
	c.version(v)
	c.next() // startApi
	if v >= "213" {
		c.frame("\x00\x00\x00\xd7\x0a\x09DU1234567")
		c.frame("\x00\x00\x00\xd1\x08\x01")
		return
	}
	c.frame("15\x001\x00DU1234567\x00")
	c.frame("9\x001\x001\x00")
}

func (c *peer) handshake(v string) { c.hello(); c.welcome(v) }

func (c *peer) time() { c.frame("49\x001\x001763909120\x00") }

func codeFrame(n int, text string) string {
	return framed(fmt.Sprintf("4\x002\x00-1\x00%d\x00%s\x00\x00", n, text))
}

func (c *peer) code(n int, text string) { c.send(codeFrame(n, text)) }

// ignore reads and sends nothing until the other side closes.
func (c *peer) ignore() { io.Copy(io.Discard, c.r) }

// answer tells the time whenever it is asked, in both encodings.
func (c *peer) answer() {
	for {
		body, err := c.next()
		switch {
		case err != nil:
			return
		case body == "49\x001\x00":
			c.time()
		default:
			c.frame("\x00\x00\x00\xf9\x08\x80\xd5\x88\xc9\x06")
		}
	}
}

// chatter keeps sending and reads nothing.
func (c *peer) chatter() {
	for range time.Tick(time.Second) {
		c.mu.Lock()
		_, err := io.WriteString(c, codeFrame(2104, "Market data farm connection is OK:usfarm"))
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// flood sends 100,000 messages a second: ticks, codes that repeat, codes that
// do not, and a link that flaps. It ends with the link lost.
func (c *peer) flood(d time.Duration) {
	const batch = 10 * time.Millisecond
	tick := time.NewTicker(batch)
	defer tick.Stop()
	for i := range int(d / batch) {
		var b strings.Builder
		for n := range 250 {
			b.WriteString(framed("2\x006\x001\x000\x00100\x00")) // tickSize
			b.WriteString(codeFrame(2104, "Market data farm connection is OK:usfarm"))
			b.WriteString(codeFrame(2106, fmt.Sprintf("HMDS data farm connection is OK:%d", i*250+n)))
			b.WriteString(codeFrame(1102-2*(n%2), "link"))
		}
		c.send(b.String())
		<-tick.C
	}
	c.code(1100, "lost for good")
	fmt.Println("flooded")
}
