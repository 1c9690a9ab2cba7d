package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"
	"time"
)

// What goes wrong with a Gateway.
var gatewayFaults = []*fault{
	{"the Gateway is killed", 6, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		return w.signal(g, "java", syscall.SIGKILL)
	}},
	{"the Gateway gets SIGTERM", 2, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		return w.signal(g, "java", syscall.SIGTERM)
	}},
	{"the Gateway crashes", 3, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		w.willEnd(g, w.find("java", g))
		return said(w.control(g, "crash"))
	}},
	{"the Gateway stands still", 5, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		w.touch()
		pid := w.find("java", g)
		w.later("the Gateway stands still", s.hold, func() { send(pid, syscall.SIGCONT) })
		return send(pid, syscall.SIGSTOP)
	}},
	{"IBC's script is killed", 4, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		// Its java may have to be started again by it: then that does not come.
		w.expectEnd(g)
		return w.signal(g, "script", syscall.SIGKILL)
	}},
	{"IBC's script stands still", 2, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		pid := w.find("script", g)
		w.later("IBC's script stands still", s.hold, func() { send(pid, syscall.SIGCONT) })
		return send(pid, syscall.SIGSTOP)
	}},
	{"the API hangs", 5, func(w *world, g *gateway, s step, _ *rand.Rand) string { return w.hang(g, "hang", s.hold) }},
	{"nothing is accepted", 4, func(w *world, g *gateway, s step, r *rand.Rand) string {
		did := w.hang(g, "no-accept", s.hold)
		return did + ", " + w.flood(g, r.IntN(80), s.hold/2)
	}},
	{"a client's connections are left alone", 5, func(w *world, g *gateway, s step, r *rand.Rand) string {
		w.touch()
		n := 1 + r.IntN(4)
		pid := w.find("java", g)
		w.mu.Lock()
		g.unreachable = pid
		w.mu.Unlock()
		if err := w.control(g, fmt.Sprint("stick ", n)); err != nil {
			return err.Error() // or it is frozen, and does so later
		}
		w.order("connections are left alone", s.hold/2, g, "unstick", func() {})
		silent := ""
		if r.IntN(2) == 0 {
			silent = " silent"
		}
		return said(w.control(g, fmt.Sprintf("probe %d %v%s", n, s.hold/4, silent)))
	}},
	{"IBKR cannot be reached", 5, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		pid := w.find("java", g)
		if err := w.control(g, "link down"); err != nil {
			return err.Error()
		}
		w.mu.Lock()
		if g.hung != pid && g.unreachable != pid { // else its clients are not told
			g.linkDown = pid
		}
		w.mu.Unlock()
		w.order("IBKR cannot be reached", s.hold, g, "link up", func() { g.linkDown = 0 })
		return "1100"
	}},
	{"the Gateway restarts by itself", 3, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		w.expectEnd(g)
		return said(w.control(g, "nightly"))
	}},
	{"a burst of codes", 2, func(w *world, g *gateway, _ step, r *rand.Rand) string {
		for range 30 {
			_ = w.control(g, fmt.Sprintf("push %d something %d", 2111+r.IntN(50), r.Uint64())) // it may have ended
		}
		return "30 codes, of which none says that IBKR is lost"
	}},
	{"garbage at the API", 3, func(w *world, g *gateway, s step, r *rand.Rand) string {
		conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", g.port))
		if err != nil {
			return err.Error()
		}
		garbage := make([]byte, 1+r.IntN(2000))
		for i := range garbage {
			garbage[i] = byte(r.Uint32())
		}
		_, err = conn.Write(garbage)
		w.later("garbage at the API", s.hold/2, func() { conn.Close() })
		return said(err)
	}},
	{"another program takes the port", 3, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		w.signal(g, "java", syscall.SIGKILL)
		w.signal(g, "script", syscall.SIGKILL)
		return w.occupy(g, s.hold, func(net.Conn) {}) // it takes them, and says nothing
	}},
}

func said(err error) string {
	if err != nil {
		return err.Error()
	}
	return "done"
}

// send sends a signal and says what came of it.
func send(pid int, s syscall.Signal) string {
	if pid == 0 {
		return "there is none"
	}
	if err := syscall.Kill(pid, s); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%v to %d", s, pid)
}

// signal sends a signal to a Gateway's java or script.
func (w *world) signal(g *gateway, role string, s syscall.Signal) string {
	pid := w.find(role, g)
	if role == "java" {
		w.willEnd(g, pid)
	}
	return send(pid, s)
}

// touch notes that connections of the Gateways that run may have been closed
// without a word, because of us.
func (w *world) touch() {
	for _, g := range w.gateways {
		pid := w.find("java", g)
		w.mu.Lock()
		g.touched[pid] = true
		w.mu.Unlock()
	}
}

// willEnd notes that a process of the Gateway ends because of us.
func (w *world) willEnd(g *gateway, pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.mayEnd[pid] = true
}

// expectEnd notes that the Gateway may end from now on.
func (w *world) expectEnd(g *gateway) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.endAsked = time.Now()
}

// hang has the Gateway answer nothing for a time.
func (w *world) hang(g *gateway, how string, hold time.Duration) string {
	w.touch()
	pid := w.find("java", g)
	if err := w.control(g, how); err != nil {
		return err.Error()
	}
	if how == "hang" { // a session that is there already goes on without accept
		w.mu.Lock()
		g.hung = pid
		w.mu.Unlock()
	}
	w.order(how, hold, g, "resume", func() { g.hung = 0 })
	return how
}

// order has a Gateway do something after a time, or when it goes on after SIGSTOP,
// and notes it then, under w.mu. It may have ended.
func (w *world) order(name string, after time.Duration, g *gateway, line string, note func()) {
	w.later(name, after, func() {
		if stateOf(w.find("java", g)) == 'T' {
			w.order(name, 300*time.Millisecond, g, line, note)
			return
		}
		_ = w.control(g, line)
		w.mu.Lock()
		defer w.mu.Unlock()
		note()
	})
}

// flood opens connections without a word, and closes them after a time.
func (w *world) flood(g *gateway, n int, hold time.Duration) string {
	w.touch()
	var open []net.Conn
	for range n {
		conn, err := net.DialTimeout("tcp", fmt.Sprint("127.0.0.1:", g.port), 50*time.Millisecond)
		if err != nil {
			break
		}
		open = append(open, conn)
	}
	w.later("a flood of connections", hold, func() {
		for _, conn := range open {
			conn.Close()
		}
	})
	return fmt.Sprintf("%d connections", len(open))
}

// occupy listens on the API port in the Gateway's place.
func (w *world) occupy(g *gateway, hold time.Duration, serve func(net.Conn)) string {
	w.touch()
	var l net.Listener
	if !w.await(time.Second, func() (ok bool) {
		var err error
		l, err = net.Listen("tcp", fmt.Sprint(":", g.port))
		return err == nil
	}) {
		return "the port is not free"
	}
	set := func(to bool) {
		w.mu.Lock()
		defer w.mu.Unlock()
		g.foreign = to
	}
	set(true)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go serve(conn)
			defer conn.Close()
		}
	}()
	w.later("another program has the port", hold, func() { l.Close(); set(false) })
	return "taken"
}
