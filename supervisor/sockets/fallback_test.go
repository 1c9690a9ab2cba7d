package sockets

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A fakeReader has a name and sees nothing.
type fakeReader string

func (c fakeReader) Reader() string { return string(c) }

func (c fakeReader) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{Reader: string(c)}, nil
}

// fakeChecks are what the check says of each candidate, and whom it was asked about.
type fakeChecks struct {
	says  map[fakeReader]error
	asked []fakeReader
}

func (c *fakeChecks) check(_ context.Context, r reader) error {
	c.asked = append(c.asked, r.(fakeReader))
	return c.says[r.(fakeReader)]
}

// choice looks, and compares who answered, why others did not, and who was
// checked for it.
func (c *fakeChecks) choice(t *testing.T, from *fallbackReader, want, fails string, doubts []string, asked ...fakeReader) {
	t.Helper()
	c.asked = nil
	reader := newSystemReader(from)
	table, err := reader.Look(t.Context(), []int{4002})
	if table.Reader != want || errorText(err) != fails {
		t.Errorf("%q looked, %v; want %q, %q", table.Reader, err, want, fails)
	}
	if err != nil && !reflect.DeepEqual(table, supervisor.Table{}) {
		t.Errorf("a table in spite of the error: %+v", table)
	}
	if got := reader.Warnings(); !slices.Equal(got, doubts) {
		t.Errorf("doubts %q, want %q", got, doubts)
	}
	if !slices.Equal(c.asked, asked) {
		t.Errorf("%q were checked, want %q", c.asked, asked)
	}
}

var errBlind = errors.New("a port on which process 7 listens was seen closed")

const libprocDoubt = "libproc fails its check: a port on which process 7 listens was seen closed"

func TestFallbackUsesTheBestReader(t *testing.T) {
	c := &fakeChecks{}
	from := newFallback(c.check, fakeReader("libproc"), fakeReader("lsof"))
	if from.Reader() != "libproc" || newSystemReader(from).Warnings() != nil {
		t.Errorf("before the first look: %s, %q", from.Reader(), from.Warnings())
	}
	c.choice(t, from, "libproc", "", nil, "libproc")
	c.choice(t, from, "libproc", "", nil) // checked once
}

func TestFallbackUsesTheNextReaderAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeChecks{says: map[fakeReader]error{"libproc": errBlind}}
		from := newFallback(c.check, fakeReader("libproc"), fakeReader("lsof"))
		c.choice(t, from, "lsof", "", []string{libprocDoubt}, "libproc", "lsof")
		if from.Reader() != "lsof" {
			t.Errorf("%s is in use", from.Reader())
		}
		clear(c.says)
		time.Sleep(2 * recheckAfter)
		c.choice(t, from, "lsof", "", []string{libprocDoubt}) // it stays
	})
}

// Where none can be trusted, a look is an error: unknown, and not down. After a
// while it is tried again.
func TestLookFailsWhereNoReaderPassesItsCheck(t *testing.T) {
	const lsofDoubt = "lsof fails its check: /usr/sbin/lsof failed: no such file"
	const fails = "no way to read the sockets can be trusted: " + libprocDoubt + "; " + lsofDoubt
	both := []string{libprocDoubt, lsofDoubt}
	synctest.Test(t, func(t *testing.T) {
		c := &fakeChecks{says: map[fakeReader]error{"libproc": errBlind, "lsof": errors.New("/usr/sbin/lsof failed: no such file")}}
		from := newFallback(c.check, fakeReader("libproc"), fakeReader("lsof"))
		c.choice(t, from, "", fails, both, "libproc", "lsof")
		c.choice(t, from, "", fails, both)
		time.Sleep(recheckAfter - time.Second)
		c.choice(t, from, "", fails, both)
		time.Sleep(time.Second)
		c.choice(t, from, "", fails, both, "libproc", "lsof")
		delete(c.says, "libproc")
		c.choice(t, from, "", fails, both)
		time.Sleep(recheckAfter)
		c.choice(t, from, "libproc", "", []string{lsofDoubt}, "libproc")
	})
}

// A check that was cancelled proves nothing, for or against.
func TestCheckOutOfTimeProvesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	from := newFallback(func(ctx context.Context, _ reader) error {
		if asked++; asked == 1 {
			cancel()
		}
		return ctx.Err()
	}, fakeReader("libproc"), fakeReader("lsof"))
	table, err := from.Look(ctx, []int{4002})
	if !errors.Is(err, context.Canceled) || table.Ports != nil || asked != 1 || from.Warnings() != nil {
		t.Errorf("%+v, %v, %d checks, %q", table, err, asked, from.Warnings())
	}
	if table, err := from.Look(t.Context(), []int{4002}); err != nil || table.Reader != "libproc" || asked != 2 {
		t.Errorf("the next look: %+v, %v, %d checks", table, err, asked)
	}
}
