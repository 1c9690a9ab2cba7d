package main

import (
	"time"

	"gatelight/supervisor/status"
)

// A sample is the world at one moment: what the kernel says, what was done to it,
// and what the program shows.
type sample struct {
	at      time.Time
	gateway []truth
	links   []link       // connections to the API ports, from the client's side
	killed  map[int]bool // processes of the program that were killed while they had a connection

	supervised bool // the program runs, was not stopped with SIGSTOP, and its status is read
	shown      map[string]status.Gateway
	desk       map[string]status.Gateway // what the desk shows; nil: nothing
	lineOK     bool                      // nothing was done to the line to the desk, or to what is at its ends
	icon       string                    // the name of the picture in the panel; "" when it cannot be read
}

// A truth is one Gateway as it is.
type truth struct {
	name string
	port int

	pid      int  // of the simulated java; 0: none
	script   int  // of IBC's script; 0: none
	frozen   bool // the java was stopped with SIGSTOP
	listener int  // pid of the java that listens, 0: nobody
	foreign  bool // somebody else listens on the port

	unattended int   // logins since the user's last start that he has not asked for
	closeWait  []int // client ports of the sockets that the Gateway does not close

	// What was done to it, by the chaos itself.
	hung          bool // it answers nothing, or accepts nothing
	unreachable   bool // it leaves some connections alone, ours perhaps, and never answers them
	linkDown      bool // it was told that IBKR is not reachable, and could say so
	stopAsked     bool // the last request of the user was to stop it
	forgotten     bool // what the program remembers of it was damaged
	monitorFrozen bool // the program's monitor cannot answer
	blinded       bool // the program may not be able to look: it lacks descriptors or memory
}

// listens reports that somebody listens on the API port.
func (t truth) listens() bool { return t.listener != 0 || t.foreign }

// healthy reports a Gateway with which nothing is wrong.
func (t truth) healthy() bool {
	return t.pid != 0 && !t.frozen && t.listener == t.pid && !t.foreign && !t.hung && !t.unreachable && !t.linkDown && len(t.closeWait) == 0 &&
		!t.monitorFrozen && !t.blinded
}

// A link is one connection to an API port.
type link struct {
	gateway string
	local   int    // the client's port
	owner   int    // pid of the process of the program that has it; 0: somebody else's
	role    string // of that process: "monitor", "light" or "command"
	state   string // as in /proc/net/tcp
}
