package main

import (
	"math/rand/v2"
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
		n := r.IntN(total)
		for _, f := range faults {
			if n -= f.weight; n < 0 {
				s.fault = f
				break
			}
		}
		switch n := r.IntN(20); {
		case n < 10:
			s.pause = spread(r, 0, 300*time.Millisecond)
		case n < 18 || settled:
			s.pause = spread(r, 300*time.Millisecond, 1500*time.Millisecond)
		default:
			s.pause, s.hold, settled = settle, settle, true
		}
		left -= min(s.pause, 1500*time.Millisecond) // a run with a long pause has as many faults as others
		plan = append(plan, s)
	}
	return plan
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

func spread(r *rand.Rand, from, to time.Duration) time.Duration {
	return from + time.Duration(r.Int64N(int64(to-from)))
}
