package main

import (
	"fmt"
	"syscall"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// recover lets the user bring everything back, now that nothing is broken any
// more. The program must not stand in the way.
func (w *world) recover() {
	if w.light == nil || !w.light.alive() {
		if !w.mayCrash {
			w.note("it goes on", fmt.Sprint("the program has ended by itself: ", w.light.ProcessState))
		}
		w.shine()
	}
	const limit = 60 * time.Second
	next := map[string]time.Time{}
	ok := w.await(limit, func() bool {
		shown := w.stream.shown(time.Now())
		all := true
		for _, g := range w.gateways {
			s, known := shown[g.name]
			// A restart is answered before the Gateway goes down.
			settled := time.Since(g.endAsked) > 3*time.Second || s.Since != nil && s.Since.After(g.endAsked)
			if known && s.State == supervisor.Connected && s.Verified && s.Busy == "" && settled && w.find("java", g) != 0 {
				continue
			}
			all = false
			if known && g.forgotten && s.Process.PID == nil && !next[g.name].IsZero() && w.find("java", g) != 0 {
				// The program cannot know it any more, and the error of the start names it.
				w.log.say("      %s is %s (%s): ended by hand", g.name, s.State, s.Why)
				w.signal(g, "script", syscall.SIGKILL)
				w.signal(g, "java", syscall.SIGKILL)
			}
			if verb := remedy(s); known && verb != "" && time.Now().After(next[g.name]) {
				w.log.say("      %s is %s (%s): %s", g.name, s.State, s.Why, verb)
				w.user(g, verb)
				next[g.name] = time.Now().Add(6 * time.Second)
			}
		}
		return all
	})
	if !ok {
		shown := w.stream.shown(time.Now())
		for _, g := range w.gateways {
			if s := shown[g.name]; s.State != supervisor.Connected {
				w.note("it comes back", fmt.Sprintf("%s is %q (%s) after %v: %+v", g.name, s.State, s.Why, limit, w.look().gateway))
			}
		}
	}
	w.commands.Wait()
	if !w.await(20*time.Second, func() bool { return w.iconNow() == "connected" }) && ok {
		w.note("the icon is right", fmt.Sprintf("the panel shows %q for two connected Gateways; %s", w.iconNow(), w.desktop))
	}
}

// remedy is what a user would do about a state; "" for waiting.
func remedy(g status.Gateway) string {
	patient := g.Since != nil && time.Since(*g.Since) < 3*time.Second
	switch {
	case g.Busy != "":
		return ""
	case g.State == supervisor.Down:
		return "start"
	case g.State == supervisor.Zombies:
		return "restart"
	case patient:
		return ""
	case g.State == supervisor.Silent, g.State == supervisor.Listening, g.State == supervisor.Starting, g.State == supervisor.CutOff:
		return "restart"
	}
	return ""
}

func (w *world) iconNow() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.icon
}
