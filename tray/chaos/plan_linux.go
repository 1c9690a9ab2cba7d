package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A step is one fault of a run, and what comes after it.
type step struct {
	fault   *fault
	gateway int // index
	hold    time.Duration
	pause   time.Duration
	seed    uint64 // of what the fault itself chooses
}

// settle is a pause in which everything that the program shows has to become
// right: longer than the oracle's deadline.
const settle = deadline + 500*time.Millisecond

// newPlan draws the faults of a run that lasts about so long. The plan depends on
// nothing else than the seed and the table, so that it can be repeated.
func newPlan(r *rand.Rand, faults []*fault, length time.Duration) []step {
	total := 0
	for _, f := range faults {
		total += f.weight
	}
	var plan []step
	settled := false
	for left := length; left > 0; {
		s := step{gateway: r.IntN(2), seed: r.Uint64(), hold: spread(r, 200*time.Millisecond, 3*time.Second)}
		s.fault = draw(r, faults, total)
		switch n := r.IntN(20); {
		case n < 10:
			s.pause = spread(r, 0, 300*time.Millisecond)
		case n < 18 || settled:
			s.pause = spread(r, 300*time.Millisecond, 1500*time.Millisecond)
		default:
			s.pause, s.hold, settled = settle, settle, true
			for range 30 { // what lasts is to be looked at for long
				if slices.Contains(lasting, s.fault.name) {
					break
				}
				s.fault = draw(r, faults, total)
			}
		}
		left -= min(s.pause, 1500*time.Millisecond) // a run with a long pause has as many faults as others
		plan = append(plan, s)
	}
	return plan
}

// draw takes a fault by its weight.
func draw(r *rand.Rand, faults []*fault, total int) *fault {
	n := r.IntN(total)
	for _, f := range faults {
		if n -= f.weight; n < 0 {
			return f
		}
	}
	panic("[unexpected] the weights are not their total")
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func spread(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)))
}
