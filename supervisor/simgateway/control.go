package simgateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// controlTimeout is how long the far side of the control socket may take over a
// line. Both are on this machine.
const controlTimeout = 5 * time.Second

// Control sends one line to the simulated Gateway behind socket and returns its
// answer: "ok", or a line of JSON for "counts". An answer that begins with
// "error" becomes an error. See the table in this file for the commands.
func Control(ctx context.Context, socket, line string) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return "", fmt.Errorf("cannot control the simulated Gateway: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return "", fmt.Errorf("cannot control the simulated Gateway: %w", err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("no answer from the simulated Gateway to %q: %w", line, errors.Join(err, ctx.Err()))
	}
	answer = strings.TrimSuffix(answer, "\n")
	if why, failed := strings.CutPrefix(answer, "error "); failed {
		return "", fmt.Errorf("simulated Gateway: %s", why)
	}
	return answer, nil
}

// controlServer listens for control lines; a nil one does nothing.
type controlServer struct {
	g        *gateway
	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	closed   bool
	wg       sync.WaitGroup
}

// startControl opens the control socket of the scenes, if they name one. A
// socket that a crashed Gateway left behind is replaced, a live one is not.
func startControl(g *gateway) *controlServer {
	path := g.scenes.Control
	if path == "" {
		return nil
	}
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		g.out.raw("SIMULATED Gateway: another one listens on %s; there is no control", path)
		return nil
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		os.Remove(path)
	}
	l, err := net.Listen("unix", path)
	if err == nil {
		err = os.Chmod(path, 0o600)
	}
	if err != nil {
		g.out.raw("SIMULATED Gateway: no control: %v", err)
		return nil
	}
	s := &controlServer{g: g, listener: l, conns: map[net.Conn]bool{}}
	s.wg.Go(s.acceptLoop)
	return s
}

func (s *controlServer) acceptLoop() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns[conn] = true
		if s.closed {
			conn.Close()
		}
		s.wg.Go(func() { s.serve(conn) })
		s.mu.Unlock()
	}
}

func (s *controlServer) serve(conn net.Conn) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.conns, conn)
		conn.Close()
	}()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		answer, then := s.g.execControl(strings.Fields(lines.Text()))
		_ = conn.SetWriteDeadline(time.Now().Add(controlTimeout)) // fails on a closed connection only
		_, err := fmt.Fprintln(conn, answer)
		if then != nil {
			then()
		}
		if err != nil {
			return
		}
	}
}

// close removes the socket and ends everything behind it.
func (s *controlServer) close() {
	if s == nil {
		return
	}
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// execControl carries out one line. What ends the process comes back as then,
// to happen after the answer.
//
//	approve               the two-factor approval is given now, or the other
//	                      session is given up
//	link down|up|up lost  pushes 1100, 1102 or 1101 to every client
//	push CODE TEXT        pushes any other code
//	stick [N|all]         leaves new connections (the next N) accepted, unread and
//	                      never closed; "all" silences the present sessions too
//	unstick               ends that for new connections and for sessions; what
//	                      was left alone stays so, as in a real Gateway
//	probe N HOLD [logEnded] N connections from another process, with a hello unless
//	                      silent, closed after HOLD
//	hang, resume          nothing is read or answered, until resume (which also
//	                      ends no-accept)
//	no-accept             connections pile up in the accept queue
//	crash                 SIGKILLs the process
//	nightly               the Gateway's own restart, without authentication
//	counts                one line of JSON
func (g *gateway) execControl(line []string) (answer string, then func()) {
	if len(line) == 0 {
		return "error no command", nil
	}
	var err error
	switch args := line[1:]; line[0] {
	case "approve":
		if !g.approve() {
			err = errors.New("nothing waits for an approval")
		}
	case "link":
		err = g.api.setLink(strings.Join(args, " "))
	case "push":
		err = g.push(args)
	case "stick":
		err = g.stick(args)
	case "unstick":
		g.api.update(g.api.unstick)
	case "probe":
		err = g.probe(args)
	case "hang":
		g.api.update(func() { g.api.hung = true })
	case "resume":
		g.api.update(func() { g.api.hung, g.api.noAccept = false, false })
	case "no-accept":
		g.api.update(func() { g.api.noAccept = true })
	case "crash":
		return "ok", killSelf
	case "nightly":
		if !g.isLoggedIn() {
			return "error not logged in", nil
		}
		return "ok", func() { g.end(endNightly) }
	case "counts":
		return g.api.countsJSON(g.logins()), nil
	default:
		err = fmt.Errorf("unknown command %q", line[0])
	}
	if err != nil {
		return "error " + err.Error(), nil
	}
	return "ok", nil
}

func (g *gateway) push(args []string) error {
	if len(args) < 2 {
		return errors.New("push what? CODE TEXT")
	}
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("code %q is not a number", args[0])
	}
	g.api.push(code, strings.Join(args[1:], " "))
	return nil
}

func (g *gateway) stick(args []string) error {
	n, all := -1, len(args) == 1 && args[0] == "all"
	if len(args) == 1 && !all {
		v, err := strconv.Atoi(args[0])
		if err != nil || v < 1 {
			return fmt.Errorf("stick %q is neither a count nor all", args[0])
		}
		n = v
	}
	g.api.update(func() {
		g.api.stick = n
		for c := range g.api.sessions {
			c.stuck = c.stuck || all
		}
	})
	return nil
}

// unstick is called with the lock held.
func (s *apiServer) unstick() {
	s.stick = 0
	for c := range s.sessions {
		c.stuck = false
	}
}
