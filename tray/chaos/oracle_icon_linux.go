package main

import (
	"slices"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// The icon shows the worst of the states that the status document has.

// worst orders the pictures from the best to the worst.
var worst = []string{"down-expected", "connected", "starting", "listening", "two-factor", "needs-you", "cut-off", "unknown", "silent", "zombies", "down"}

// picture is the icon that a state should have.
func picture(g status.Gateway) string {
	switch {
	case g.State == supervisor.Down && g.Expected:
		return "down-expected"
	case g.Phase == supervisor.TwoFactor || g.Phase == supervisor.NeedsYou:
		return strings.ReplaceAll(string(g.Phase), "_", "-")
	}
	return strings.ReplaceAll(string(g.State), "_", "-")
}

// rank of a picture. Two pictures of one rank may both be shown.
func rank(name string) int {
	if name == "needs-you" {
		name = "two-factor"
	}
	return slices.Index(worst, name)
}

func (o *oracle) checkIcon(s sample) {
	want := ""
	for _, g := range s.shown {
		if p := picture(g); want == "" || rank(p) > rank(want) {
			want = p
		}
	}
	// An icon that cannot be read is the panel's doing, or the bus's.
	wrong := s.supervised && want != "" && s.icon != "" && rank(s.icon) != rank(want)
	o.lasting(s, "the icon is right", "the icon differs from the status", deadline, wrong, func() string {
		return "the panel shows " + s.icon + ", the status says " + want
	})
}
