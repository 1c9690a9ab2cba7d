package main

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"strings"
	"time"

	"gatelight/tray/fakedesktop"
)

// What the user does: commands in a terminal, and clicks.
var userFaults = []*fault{
	{"start", 8, func(w *world, g *gateway, _ step, _ *rand.Rand) string { w.user(g, "start"); return "asked" }},
	{"stop", 5, func(w *world, g *gateway, _ step, _ *rand.Rand) string { w.user(g, "stop"); return "asked" }},
	{"restart", 4, func(w *world, g *gateway, _ step, _ *rand.Rand) string { w.user(g, "restart"); return "asked" }},
	{"clear zombies", 4, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		w.user(g, "clear-zombies")
		return "asked"
	}},
	{"a click", 6, func(w *world, g *gateway, _ step, r *rand.Rand) string {
		label := []string{"Start", "Stop", "Restart"}[r.IntN(3)]
		return label + ": " + w.click(g, label)
	}},
	{"start, stop, start at once", 2, func(w *world, g *gateway, _ step, _ *rand.Rand) string {
		for _, verb := range []string{"start", "stop", "start"} {
			w.user(g, verb)
			w.sleep(60 * time.Millisecond)
		}
		return "asked"
	}},
}

// user has a command run, without waiting for its end.
func (w *world) user(g *gateway, verb string) {
	args := []string{verb, "--gateway", g.name}
	if verb != "start" {
		args = append(args, "--yes")
	}
	w.userOf(w.command(args...), g, verb)
}

// userOf has this command of a user run.
func (w *world) userOf(cmd *exec.Cmd, g *gateway, verb string) {
	w.asked(g, verb)
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	w.commands.Go(func() {
		defer cancel()
		out, err := runUntil(ctx, cmd)
		w.log.say("      %s %s: %s", verb, g.name, outcome(out, err))
		w.checkOutput(verb, out)
	})
}

// asked notes what may follow from a request.
func (w *world) asked(g *gateway, verb string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	g.stopAsked = verb == "stop"
	if verb != "start" {
		g.endAsked = time.Now()
	}
	if verb != "stop" {
		g.starts = append(g.starts, time.Now()) // a restart may need a login, too
	}
	if verb == "start" {
		g.lastStart, g.loginsBefore = time.Now(), g.logins()
	}
}

func runUntil(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return "", err
	}
	defer context.AfterFunc(ctx, func() { cmd.Process.Kill() })()
	err := cmd.Wait()
	return out.String(), err
}

func outcome(out string, err error) string {
	text := strings.Join(strings.Fields(out), " ")
	if err != nil {
		text += " (" + err.Error() + ")"
	}
	return text
}

// click chooses an entry of a Gateway's menu.
func (w *world) click(g *gateway, label string) string {
	if w.busAway || w.desktop.Items() == 0 || stateOf(w.light.pid()) == 'T' {
		return "nothing to click on"
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	item, err := w.desktop.Item(ctx)
	if err != nil {
		return "no icon"
	}
	menu, err := item.Menu()
	if err != nil {
		return err.Error()
	}
	for _, e := range menu {
		if !strings.Contains(e.Label, ": "+g.name+" (simulated)") {
			continue
		}
		if id, ok := entry(e.Children, label); ok {
			w.asked(g, strings.ToLower(label))
			if err := item.ClickID(id); err != nil {
				return err.Error()
			}
			return "clicked"
		}
	}
	return "there is nothing to click"
}

// entry is the id of an entry that can be clicked. Where its kind asks before it
// acts, that is the first one of its submenu that can be.
func entry(menu []fakedesktop.Entry, label string) (int32, bool) {
	for _, e := range menu {
		if !strings.HasPrefix(e.Label, label) || !e.Enabled || !e.Visible {
			continue
		}
		for _, inner := range e.Children {
			if inner.Enabled && inner.Visible && !inner.Separator && strings.Contains(inner.Label, " it") {
				return inner.ID, true
			}
		}
		return e.ID, len(e.Children) == 0
	}
	return 0, false
}
