package main

import (
	"fmt"
	"time"
)

// No footprint: only the monitor connects to an API port, with one connection, and
// it leaves no socket in CLOSE_WAIT behind, unless it was killed.

// A peer is one client's socket at a Gateway.
type peer struct {
	gateway string
	port    int
}

// An owner is the process of the program that had it.
type owner struct {
	pid  int
	seen time.Time
}

func (o *oracle) checkFootprint(s sample) {
	count := map[string]int{}
	for _, l := range s.links {
		if l.owner == 0 {
			continue
		}
		o.owners[peer{l.gateway, l.local}] = owner{l.owner, s.at}
		count[l.gateway]++
		if l.role != "monitor" {
			o.note(s.at, "no footprint", fmt.Sprintf("%s: process %d (%s) is connected to the API port", l.gateway, l.owner, l.role))
		}
	}
	for _, t := range s.gateway {
		n := count[t.name]
		o.lasting(s, "no footprint", t.name+" connections", maxGap, n > 1, func() string {
			return fmt.Sprintf("%s: %d connections of the program to the API port", t.name, n)
		})
		for _, port := range t.closeWait {
			by, ours := o.owners[peer{t.name, port}]
			o.lasting(s, "no footprint", fmt.Sprint(t.name, " zombie ", port), deadline, ours && !s.killed[by.pid], func() string {
				return fmt.Sprintf("%s: the program's connection from port %d is in CLOSE_WAIT, and its process %d was not killed", t.name, port, by.pid)
			})
		}
	}
}
