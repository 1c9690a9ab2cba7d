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
