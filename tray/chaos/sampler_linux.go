package main

import (
	"maps"
	"slices"
	"time"
)

// interval between two samples. A look at /proc costs some milliseconds.
const interval = 120 * time.Millisecond

// sampler feeds the oracle until stop is closed.
func (w *world) sampler(stop <-chan struct{}) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		s := w.look()
		w.mu.Lock()
		w.oracle.see(s)
		w.checkRunner(s)
		w.mu.Unlock()
	}
}

// look takes a sample.
func (w *world) look() sample {
	all := w.processes()
	ports := map[int]bool{}
	for _, g := range w.gateways {
		ports[g.port] = true
	}
	rows := tcp(ports)
	byInode := map[string]process{}
	for _, p := range all {
		if slices.Contains([]string{"java", "monitor", "light", "command"}, p.role) {
			for inode := range sockets(p.pid) {
				byInode[inode] = p
			}
		}
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	s := sample{at: time.Now(), killed: maps.Clone(w.killed), icon: w.icon}
	for _, g := range w.gateways {
		t := truth{name: g.name, port: g.port, unattended: g.unattended(), stopAsked: g.stopAsked, forgotten: g.forgotten,
			monitorFrozen: time.Now().Before(g.monitorUntil), blinded: time.Now().Before(w.blindUntil)}
		for _, p := range all {
			switch {
			case p.gateway == g.name && p.role == "java" && t.pid == g.pid && t.pid != 0:
				// This one has just been forked to become a probe.
			case p.gateway == g.name && p.role == "java":
				t.pid, t.frozen = p.pid, p.state == 'T'
			case p.gateway == g.name && p.role == "script":
				t.script = p.pid
			}
		}
		t.unreachable = t.pid != 0 && g.unreachable == t.pid
		t.hung, t.linkDown = t.pid != 0 && g.hung == t.pid, t.pid != 0 && g.linkDown == t.pid
		for _, r := range rows {
			switch owner, known := byInode[r.inode]; {
			case r.local == g.port && r.state == listening && known && owner.role == "java":
				t.listener = owner.pid
			case r.local == g.port && r.state == listening:
				// Its owner may have been started after the list of processes.
				t.foreign = g.foreign
			case r.local == g.port && r.state == closeWait:
				t.closeWait = append(t.closeWait, r.remote)
			case r.remote == g.port && (r.state == established || r.state == synSent):
				l := link{gateway: g.name, local: r.local, state: r.state}
				if known && owner.role != "java" {
					l.owner, l.role = owner.pid, owner.role
				}
				s.links = append(s.links, l)
			}
		}
		slices.Sort(t.closeWait)
		if g.clearAuto && len(t.closeWait) > 0 {
			g.endAsked = s.at
		}
		w.noteDeath(g, t)
		s.gateway = append(s.gateway, t)
	}
	light := w.light
	if light != nil && light.alive() && stateOf(light.pid()) != 'T' {
		if shown := w.stream.shown(s.at); shown != nil {
			s.supervised, s.shown = true, shown
		}
	}
	if d := w.desk; d != nil && d.light.alive() {
		s.desk, s.lineOK = d.stream.shown(s.at), s.at.After(d.lineBad)
	}
	return s
}

// noteDeath finds a Gateway that has ended although nobody wanted that. w.mu is
// held.
func (w *world) noteDeath(g *gateway, t truth) {
	was := g.pid
	g.pid = t.pid
	if was == 0 || was == t.pid || g.mayEnd[was] || time.Since(g.endAsked) < time.Minute {
		return
	}
	w.oracle.note(time.Now(), "nothing is killed that is not ours to kill",
		g.name+": the Gateway has ended, and neither a fault nor a request explains that")
}
