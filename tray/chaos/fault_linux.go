package main

import "math/rand/v2"

// A fault is one thing that goes wrong, or that the user wants.
type fault struct {
	name   string
	weight int // how often it is drawn
	// do makes it happen to a Gateway, or to the whole world, and says what came of
	// it. It registers what ends the fault.
	do func(w *world, g *gateway, s step, r *rand.Rand) string
}

// lasting are the faults during which something has to be shown that is not shown
// otherwise. They are drawn for the long pauses.
var lasting = []string{
	"the Gateway stands still", "the API hangs", "nothing is accepted", "a client's connections are left alone", "IBKR cannot be reached",
	"the Gateway is killed", "IBC's script is killed", "another program takes the port", "a relay has the port", "stop",
	"logins fail", "logins wait for an approval",
}
