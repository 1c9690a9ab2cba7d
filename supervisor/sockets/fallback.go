package sockets

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A fallbackReader is the first of several readers that proves that it sees
// another process's sockets. Those after it are not checked. It is kept until
// the program ends, since every reader has ids of its own for sockets.
type fallbackReader struct {
	candidates []reader // the best first
	check      func(context.Context, reader) error

	mu      sync.Mutex    // for those who ask while a look is under way, which alone writes
	current reader        // nil: not chosen yet
	failed  []failedCheck // by candidate
}

// A failedCheck is why a candidate is not used.
type failedCheck struct {
	why error // nil: it has not failed its check
	at  time.Time
}

// recheckAfter is how long a candidate that has failed is not checked again. It
// may have failed because the machine could not start a child.
const recheckAfter = time.Minute

func newFallback(check func(context.Context, reader) error, candidates ...reader) *fallbackReader {
	return &fallbackReader{candidates: candidates, check: check, failed: make([]failedCheck, len(candidates))}
}

// childCheck checks a reader with a child: this program with arguments that make
// it run [Child].
func childCheck(arguments []string) func(context.Context, reader) error {
	return func(ctx context.Context, r reader) error {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("cannot find this program, to start it as a child to look at: %w", err)
		}
		return Check(ctx, r, append([]string{self}, arguments...)...)
	}
}

// Reader names the reader in use, or the best one while there is none.
func (c *fallbackReader) Reader() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return cmp.Or(c.current, c.candidates[0]).Reader()
}

// Look looks with the chosen reader. Where none has passed its check, every look
// is an error that says why.
func (c *fallbackReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	r, err := c.choose(ctx)
	if err != nil {
		return supervisor.Table{}, err
	}
	return r.Look(ctx, ports)
}

func (c *fallbackReader) choose(ctx context.Context) (reader, error) {
	if c.current != nil {
		return c.current, nil
	}
	for i, r := range c.candidates {
		if time.Since(c.failed[i].at) < recheckAfter {
			continue
		}
		err := c.check(ctx, r)
		if ctx.Err() != nil { // nothing is proven
			return nil, fmt.Errorf("the check of %s did not end in time: %w", r.Reader(), ctx.Err())
		}
		c.mu.Lock()
		c.failed[i] = failedCheck{err, time.Now()}
		if err == nil {
			c.current = r
		}
		c.mu.Unlock()
		if err == nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("no way to read the sockets can be trusted: %s", strings.Join(c.Warnings(), "; "))
}

// Warnings says for each better reader that is not used why it is not, in words.
func (c *fallbackReader) Warnings() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var warnings []string
	for i, r := range c.failed {
		if r.why != nil {
			warnings = append(warnings, fmt.Sprintf("%s fails its check: %v", c.candidates[i].Reader(), r.why))
		}
	}
	return warnings
}

// Warnings are the reasons, in words, why the table is not read in the best way
// that this system has. Before the first look there are none.
func (s systemReader) Warnings() []string {
	if d, ok := s.reader.(interface{ Warnings() []string }); ok {
		return d.Warnings()
	}
	return nil
}
