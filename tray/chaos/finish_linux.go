package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// finish stops the Gateways, quits the program, and looks at what is left.
func (w *world) finish(stopSampler chan struct{}) {
	w.checkSecrets("while it runs")
	w.checkFirstBytes()
	w.checkOutlives()
	if w.desk != nil {
		w.closeDesk()
	}
	for _, g := range w.gateways {
		w.user(g, "stop")
	}
	w.commands.Wait()
	if !w.await(40*time.Second, func() bool {
		shown := w.stream.shown(time.Now())
		for _, g := range w.gateways {
			if s := shown[g.name]; s.State != supervisor.Down || s.Busy != "" {
				if s.State != supervisor.Down && s.Busy == "" && time.Since(g.endAsked) > 5*time.Second {
					w.user(g, "stop")
				}
				return false
			}
		}
		return true
	}) {
		shown := w.stream.shown(time.Now())
		w.note("a stop stops it", fmt.Sprintf("alpha %s, beta %s after 40 s", shown["alpha"].Why, shown["beta"].Why))
	}
	w.commands.Wait()
	w.checkUsage()
	close(stopSampler)
	w.quit()
	w.cancel()
	w.wg.Wait()
	w.checkLeftovers()
	w.checkBystanders()
	w.checkLog()
	w.checkSecrets("at the end")
}

// checkOutlives quits the program and starts it again: the Gateways go on, and are
// adopted without a login.
func (w *world) checkOutlives() {
	shown := w.stream.shown(time.Now())
	before, logins := map[string]int{}, map[string]int{}
	for _, g := range w.gateways {
		if s := shown[g.name]; s.State != supervisor.Connected || g.forgotten || g.unreachable == w.find("java", g) {
			return
		}
		before[g.name], logins[g.name] = w.find("java", g), g.logins()
	}
	w.quit()
	for _, g := range w.gateways {
		if now := w.find("java", g); now != before[g.name] {
			w.note("the Gateway outlives the program", fmt.Sprintf("%s was process %d, is %d", g.name, before[g.name], now))
		}
	}
	w.shine()
	adopted := w.await(20*time.Second, func() bool {
		shown := w.stream.shown(time.Now())
		for _, g := range w.gateways {
			if s := shown[g.name]; s.State != supervisor.Connected || s.Process.PID == nil || s.Process.StartedBy != supervisor.ByGatelight {
				return false
			}
		}
		return true
	})
	for _, g := range w.gateways {
		if now := w.find("java", g); !adopted || now != before[g.name] || g.logins() != logins[g.name] {
			s := w.stream.shown(time.Now())[g.name]
			w.note("the next one adopts it", fmt.Sprintf("%s: %s (%s), started by %s; process %d, was %d; %d logins, were %d",
				g.name, s.State, s.Why, s.Process.StartedBy, now, before[g.name], g.logins(), logins[g.name]))
		}
	}
}

// checkFirstBytes looks for connections that were opened and said nothing, which is
// how a program looks whether a port is open. The Gateway has counted them, however
// short they were.
func (w *world) checkFirstBytes() {
	for _, g := range w.gateways {
		if g.touched[w.find("java", g)] {
			continue
		}
		var counts struct{ First []struct{ Bytes int } }
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		text, err := simgateway.Control(ctx, g.layout.Control, "counts")
		cancel()
		if err != nil || json.Unmarshal([]byte(text), &counts) != nil {
			continue // it has just ended
		}
		for i, first := range counts.First {
			if first.Bytes == 0 {
				w.note("no footprint", fmt.Sprintf("%s: connection %d said nothing: %s", g.name, i+1, text))
			}
		}
	}
}

// checkUsage compares what the program holds with what it held at first, when as
// now no Gateway was running.
func (w *world) checkUsage() {
	const someMore = 6 // idle connections, the runtime's own
	ok := w.await(15*time.Second, func() bool {
		now := usageOf(w.light.pid())
		return now.descriptors <= w.baseline.descriptors+someMore && now.threads <= w.baseline.threads+2*someMore
	})
	if !ok {
		w.note("it holds no more than before", fmt.Sprintf("at first %+v, now %+v", w.baseline, usageOf(w.light.pid())))
	}
}

// checkLeftovers looks for what should have ended with the program.
func (w *world) checkLeftovers() {
	var left []process
	if !w.await(10*time.Second, func() bool { left = w.processes(); return len(left) == 0 }) {
		w.note("nothing is left", fmt.Sprintf("%+v", left))
	}
	for _, socket := range []string{w.paths.Socket(), w.paths.SpareSocket()} {
		if _, err := os.Lstat(socket); err == nil {
			w.note("nothing is left", socket+" is still there")
		}
	}
	for _, name := range []string{w.paths.Lock(), filepath.Join(w.paths.State, "icon.lock")} {
		if _, err := os.Stat(name); err != nil {
			continue
		}
		lock := flock.New(name)
		if got, err := lock.TryLock(); err != nil || !got {
			w.note("nothing is left", fmt.Sprintf("%s is locked: %v", name, err))
		}
		_ = lock.Unlock() // it was only tried
	}
}

// checkSecrets looks for the canary wherever something may have been left of it.
func (w *world) checkSecrets(when string) {
	allowed := map[string]bool{}
	for _, g := range w.gateways {
		allowed[g.layout.Config] = true
	}
	found := func(where string) { w.note("no secret leaves config.ini", where+" "+when) }
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || allowed[path] || path == w.program {
			return nil
		}
		if b, err := os.ReadFile(path); err == nil && bytes.Contains(b, []byte(canary)) {
			found(path)
		}
		return nil
	})
	if err != nil {
		w.note("no secret leaves config.ini", err.Error())
	}
	for _, p := range w.processes() {
		for _, name := range []string{"cmdline", "environ"} {
			if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.pid, name)); err == nil && bytes.Contains(b, []byte(canary)) {
				found(fmt.Sprintf("the %s of the %s", name, p.role))
			}
		}
	}
	for _, n := range w.desktop.Notifications() {
		if bytes.Contains([]byte(n.Summary+n.Body), []byte(canary)) {
			found("a notification: " + n.Summary)
		}
	}
	w.stream.mu.Lock()
	defer w.stream.mu.Unlock()
	if w.stream.leaked {
		found("the status")
	}
}

// checkOutput looks at what a command has printed.
func (w *world) checkOutput(verb, out string) {
	if bytes.Contains([]byte(out), []byte(canary)) {
		w.note("no secret leaves config.ini", "the output of "+verb)
	}
	for _, bad := range []string{"panic:", "goroutine ", "[unexpected]"} {
		if i := strings.Index(out, bad); i >= 0 && !w.mayCrash {
			w.note("it does not crash", fmt.Sprintf("%s: %.1000s", verb, out[i:]))
		}
	}
}
