package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The soak is one long run in which Gateways, desktop and user do all they can do,
// and nothing is done to the program itself. Then what the program holds may not
// grow.

// soakFaults are those of the table that a program has to bear for years.
var soakFaults = slices.Concat(gatewayFaults, loginFaults, userFaults, desktopFaults[:3])

// A reading is what the program holds at one moment.
type reading struct {
	at          time.Duration
	rss         int // KiB
	monitors    int // KiB of its monitors, which come and go with the Gateways
	descriptors int
	threads     int
	sockets     int
	ticks       int // of the processor since its start, 1/100 s
	logBytes    int64
}

// round is the time between two moments at which all is mended.
const round = 20 * time.Second

// soak lasts some time, and then compares.
func (w *world) soak(length time.Duration, seed uint64) {
	every := max(min(10*time.Second, length/30), time.Second)
	var readings []reading
	done := make(chan struct{})
	measured := make(chan struct{})
	go func() {
		defer close(measured)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				readings = append(readings, w.read())
			}
		}
	}()
	for n := uint64(0); time.Since(w.began) < length; n++ {
		for _, s := range newPlan(newRand(seed+n), soakFaults, round) {
			g := w.gateways[s.gateway]
			w.log.say("      %s, %s: %s", g.name, s.fault.name, s.fault.do(w, g, s, newRand(s.seed)))
			w.sleep(s.pause)
		}
		w.undoAll()
		w.recover()
	}
	close(done)
	<-measured
	for _, verdict := range w.judge(readings) {
		w.note("it does not grow", verdict)
	}
}

// read is what the program holds now.
func (w *world) read() reading {
	pid := w.light.pid()
	now := reading{at: time.Since(w.began)}
	u := usageOf(pid)
	now.descriptors, now.threads, now.sockets = u.descriptors, u.threads, len(sockets(pid))
	now.rss = rssOf(pid)
	for _, p := range w.processes() {
		if p.role == "monitor" {
			now.monitors += rssOf(p.pid)
		}
	}
	now.ticks = ticksOf(pid)
	logs, _ := filepath.Glob(strings.TrimSuffix(w.paths.Events(), ".jsonl") + "*.jsonl")
	for _, path := range logs {
		if info, err := os.Stat(path); err == nil {
			now.logBytes += info.Size()
		}
	}
	return now
}

func rssOf(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(b), "VmRSS:")
	text, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(text) // 0 for a process that is gone
	return n
}

// ticksOf is the time that a process has used: fields 14 and 15 of /proc/PID/stat.
func ticksOf(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ")
	f := strings.Fields(rest)
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return user + system
}
