package simgateway

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A commandServer is IBC's: one command a line, no greeting
// (CommandServer.java, CommandDispatcher.java and CommandChannel.java of IBC
// 3.24.1).
type commandServer struct {
	out   *console
	ibc   version
	props properties
	do    func(command string, c *commandChannel) // STOP, RESTART and PAUSE

	mu       sync.Mutex
	listener net.Listener
	channels map[*commandChannel]bool
	closed   bool
	wg       sync.WaitGroup
}

func newCommandServer(out *console, ibc version, props properties, do func(string, *commandChannel)) *commandServer {
	return &commandServer{out: out, ibc: ibc, props: props, do: do, channels: map[*commandChannel]bool{}}
}

// start listens if a port is configured. IBC goes on without its command server
// when the port is taken, and so does this one.
func (s *commandServer) start() {
	port := s.props.getInt("CommandServerPort", 0)
	if port == 0 {
		s.out.ibc("CommandServer is not started because the port is not configured")
		return
	}
	s.out.ibc("CommandServer is starting with port %d", port)
	bind := s.props.get("BindAddress", "")
	l, err := net.Listen("tcp", net.JoinHostPort(bind, strconv.Itoa(port)))
	if err != nil {
		s.out.exception(err)
		s.out.ibc("CommandServer failed to create socket")
		s.out.ibc("CommandServer cannot process commands")
		s.out.ibc("CommandServer is shutdown")
		return
	}
	if bind == "" {
		s.out.ibc("CommandServer listening on addresses: 0.0.0.0; port: %d", port)
	} else {
		s.out.ibc("CommandServer listening on address: %s port: %d", bind, port)
	}
	s.listener = l
	s.wg.Go(s.acceptLoop)
	s.out.ibc("CommandServer started and is ready to accept commands")
}

func (s *commandServer) acceptLoop() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		from := remoteAddr(conn)
		s.out.ibc("CommandServer: ControlFrom setting = %s", s.props.get("ControlFrom", ""))
		if !s.permitted(from) {
			s.out.ibc("CommandServer denied access to: /%s", javaAddr(from))
			conn.Close()
			continue
		}
		s.out.ibc("CommandServer accepted connection from: /%s", javaAddr(from))
		s.serve(&commandChannel{out: s.out, conn: conn})
	}
}

// permitted is IBC's rule: the address it is bound to, 127.0.0.1, and
// ControlFrom. So ::1 is denied by a server that is bound to every address.
func (s *commandServer) permitted(from netip.Addr) bool {
	bound := s.listener.Addr().(*net.TCPAddr).AddrPort().Addr().Unmap()
	allowed := strings.Split(s.props.get("ControlFrom", ""), ",")
	return from == bound || from == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || slices.Contains(allowed, from.String())
}

func (s *commandServer) serve(c *commandChannel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		c.conn.Close()
		return
	}
	s.channels[c] = true
	s.wg.Go(func() {
		s.dispatch(c)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.channels, c)
	})
}

func (s *commandServer) dispatch(c *commandChannel) {
	defer c.close()
	if !s.props.getBoolOr("SuppressInfoMessages", true) {
		c.reply("INFO IBC Command Server\n")
	}
	r := bufio.NewReader(io.LimitReader(c.conn, 1<<20)) // nobody sends a megabyte of commands
	for !c.isClosed() {
		line, err := r.ReadString('\n')
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) != "" {
			s.out.ibc("CommandServer received command: %s", line)
			s.command(strings.ToUpper(line), line, c)
		}
		if err != nil {
			return
		}
		c.reply(s.props.get("CommandPrompt", ""))
	}
}

func (s *commandServer) command(command, asSent string, c *commandChannel) {
	if command == "RESTART" && !s.ibc.since(16, 0) || command == "PAUSE" && !s.ibc.since(24, 0) {
		command = "" // it came later
	}
	switch command {
	case "EXIT":
		c.reply("OK Goodbye\n")
		c.close()
	case "STOP", "RESTART", "PAUSE":
		s.do(command, c)
	case "RECONNECTDATA", "RECONNECTACCOUNT":
		c.reply("OK \n")
	case "ENABLEAPI":
		c.reply("ERROR ENABLEAPI is not valid for the IB Gateway\n")
	default:
		c.reply("ERROR Command invalid\n")
		s.out.boxed("CommandServer: invalid command received: %s", asSent)
	}
}

// shutdown stops listening and says so, as IBC does on its way out.
func (s *commandServer) shutdown() {
	if s.listener != nil {
		s.out.ibc("CommandServer closing")
		s.listener.Close()
		s.out.ibc("CommandServer is shutdown")
	}
}

// close ends everything without a word.
func (s *commandServer) close() {
	if s.listener != nil {
		s.listener.Close()
	}
	s.mu.Lock()
	s.closed = true
	for c := range s.channels {
		c.conn.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// A commandChannel is one connection to the command server.
type commandChannel struct {
	out    *console
	conn   net.Conn
	mu     sync.Mutex
	closed bool
}

func (c *commandChannel) reply(text string) {
	_, _ = io.WriteString(c.conn, text) // IBC ignores clients that went away, too
}

func (c *commandChannel) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

func (c *commandChannel) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.out.ibc("Closing command channel")
		c.conn.Close()
	}
}

func remoteAddr(conn net.Conn) netip.Addr {
	return conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

// javaAddr spells an address as Java does: IPv6 without "::".
func javaAddr(a netip.Addr) string {
	if a.Is4() {
		return a.String()
	}
	var groups []string
	b := a.As16()
	for i := 0; i < len(b); i += 2 {
		groups = append(groups, fmt.Sprintf("%x", int(b[i])<<8|int(b[i+1])))
	}
	return strings.Join(groups, ":")
}
