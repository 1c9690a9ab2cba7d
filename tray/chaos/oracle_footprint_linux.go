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
			delete(o.owners, peer{l.gateway, l.local}) // somebody else has got the port since
			continue
		}
		o.owners[peer{l.gateway, l.local}] = owner{l.owner, s.at}
		count[l.gateway]++
		if l.role != "monitor" {
			o.note(s.at, "no footprint", fmt.Sprintf("%s: process %d (%s) is connected to the API port", l.gateway, l.owner, l.role))
		}
	}
	left := map[peer]owner{}
	for _, t := range s.gateway {
		n := count[t.name]
		o.lasting(s, "no footprint", t.name+" connections", maxGap, n > 1, func() string {
			return fmt.Sprintf("%s: %d connections of the program to the API port", t.name, n)
		})
		for _, port := range t.closeWait {
			key := peer{t.name, port}
			if by, known := o.left[key]; known {
				left[key] = by
			} else if by, ours := o.owners[key]; ours && s.at.Sub(by.seen) <= 2*maxGap {
				left[key] = owner{by.pid, s.at}
			}
		}
	}
	o.left = left
	for _, t := range s.gateway {
		// A Gateway that closes nothing cannot be told before the first try.
		allowed := 0
		if t.unreachable || t.hung || t.frozen {
			allowed = 1
		}
		var ports []int
		for key, by := range left {
			if key.gateway == t.name && s.at.Sub(by.seen) >= deadline && !s.killed[by.pid] {
				ports = append(ports, key.port)
			}
		}
		if key := t.name + " left"; len(ports) > allowed && !o.told[key] {
			o.told[key] = true
			o.note(s.at, "no footprint", fmt.Sprintf("%s: the program's connections from ports %v are in CLOSE_WAIT, and their processes were not killed", t.name, ports))
		}
	}
}
