package sockets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// chosen is the first of several readers that proves that it sees another
// process's sockets. The others are not checked, and what has been chosen stays:
// a reader tells sockets apart by names of its own.
type chosen struct {
	candidates []reader // the best first
	check      func(context.Context, reader) error

	mu       sync.Mutex // for those who ask while a look is under way
	use      reader     // nil: not chosen yet
	refusals []refusal  // by candidate
}

// A refusal is why a candidate is not used.
type refusal struct {
	why error // nil: it has not failed its check
	at  time.Time
}

// refusedFor is how long a candidate is not checked again: the machine may just
// have been unable to start a child.
const refusedFor = time.Minute

func newChosen(check func(context.Context, reader) error, candidates ...reader) *chosen {
	return &chosen{candidates: candidates, check: check, refusals: make([]refusal, len(candidates))}
}

// checkedBy checks a reader against a child that these arguments make of this program.
func checkedBy(arguments []string) func(context.Context, reader) error {
	return func(ctx context.Context, r reader) error {
		command, err := childCommand(arguments)
		if err != nil {
			return err
		}
		return Check(ctx, r, command...)
	}
}

// Reader names the one in use, or the best while there is none.
func (c *chosen) Reader() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.use != nil {
		return c.use.Reader()
	}
	return c.candidates[0].Reader()
}

// Look looks with the chosen reader. Where none can be trusted, every look is an
// error that says why.
func (c *chosen) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	r, err := c.choose(ctx)
	if err != nil {
		return supervisor.Table{}, err
	}
	return r.Look(ctx, ports)
}

func (c *chosen) choose(ctx context.Context) (reader, error) {
	c.mu.Lock()
	use, refusals := c.use, slices.Clone(c.refusals)
	c.mu.Unlock()
	if use != nil {
		return use, nil
	}
	for i, r := range c.candidates {
		if time.Since(refusals[i].at) < refusedFor {
			continue
		}
		err := c.check(ctx, r)
		if ctx.Err() != nil { // nothing is proven
			return nil, fmt.Errorf("the check of %s did not end in time: %w", r.Reader(), ctx.Err())
		}
		c.mu.Lock()
		c.refusals[i] = refusal{err, time.Now()}
		if err == nil {
			c.use = r
		}
		c.mu.Unlock()
		if err == nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no way to read the sockets can be trusted: %s", strings.Join(c.Doubts(), "; "))
}

// Doubts are why readers are not used that would have been better, in words.
func (c *chosen) Doubts() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var doubts []string
	for i, r := range c.refusals {
		if r.why != nil {
			doubts = append(doubts, fmt.Sprintf("%s fails its check: %v", c.candidates[i].Reader(), r.why))
		}
	}
	return doubts
}

// Doubts are the reasons, in words, why the table is not read in the best way
// there is on this system. Before the first look there are none.
func (e eyes) Doubts() []string {
	if d, ok := e.reader.(interface{ Doubts() []string }); ok {
		return d.Doubts()
	}
	return nil
}
