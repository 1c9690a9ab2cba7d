package ibc

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// identity is what tells a process from every other one: its start time and its
// command line.
func identity(pid int) (started time.Time, argv []string, err error) {
	p := process.Process{Pid: int32(pid)}
	ms, err := p.CreateTime()
	if err != nil {
		return time.Time{}, nil, err
	}
	argv, err = arguments(&p)
	return time.UnixMilli(ms), argv, err
}

// isStillOurs proves, each time anew, that what has the pid now is the process
// of this run: the same start time, and a command line that ends with the
// arguments we gave (in front of them stands the script's interpreter, or the
// program it has become). Start times may differ by two seconds: Linux derives
// them from a boot time that moves with the clock. An error means that it
// cannot be told.
func (r *run) isStillOurs() (bool, error) {
	p := r.process()
	if p.PID <= 1 || len(p.Args) == 0 || !exists(p.PID) {
		return false, nil
	}
	started, argv, err := identity(p.PID)
	switch {
	case err != nil && !exists(p.PID): // it ended just now
		return false, nil
	case err != nil:
		return false, err
	case len(argv) < len(p.Args), !slices.Equal(argv[len(argv)-len(p.Args):], p.Args):
		return false, nil
	}
	if apart := started.Sub(p.StartedAt).Abs(); apart > 2*time.Second {
		return false, errors.New("it is called as the Gateway was, but has another start time (was the clock set?)")
	}
	return true, nil
}

// findJava reports that the Gateway has outlived its script, which has ended.
// From then on that process is the run.
func (r *run) findJava() bool {
	if r.scriptGone() || r.PID <= 1 || exists(r.PID) {
		return false
	}
	java, found := r.startedJava()
	if found {
		r.java.Store(&java)
	}
	return found
}

// startedJava is the Gateway's own process: it is of the script's group, was
// started after it, and has the same config.ini on its command line.
func (r *run) startedJava() (java proof, found bool) {
	for _, pid := range startedBy(r.PID) {
		started, argv, err := identity(pid)
		i := mainClassAt(argv)
		if err == nil && i >= 0 && !started.Before(r.StartedAt.Add(-2*time.Second)) &&
			(slices.Contains(r.Args, "--ibc-ini="+argv[i+1]) || slices.Contains(r.Args, "/Config:"+argv[i+1])) {
			return proof{pid, started, argv[i:]}, true
		}
	}
	return proof{}, false
}

// errNotProven: it is not known what the process is, so nothing is done to it.
var errNotProven = errors.New("it cannot be told whether it still is the Gateway")

// ifStillOurs does something to the process, but only if it is still this run's.
func (r *run) ifStillOurs(do func() error) error {
	ours, err := r.isStillOurs()
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errNotProven, err)
	case !ours:
		return nil
	}
	return do()
}

// hasEnded reports whether the process has ended, and its exit status if it was
// our child; the status of an adopted one is only in its log. A child has ended
// when the kernel says so, and any other process when its end is proven: not
// being able to look is no end.
func (r *run) hasEnded() (status int, ended bool) {
	ours, err := r.isStillOurs()
	if ours {
		return -1, false
	}
	switch status, state := reap(r.PID); state {
	case childExited:
		return status, true
	case childRunning:
		return -1, false
	}
	return -1, err == nil
}

// childState is what the kernel says of a pid that may be a child of ours.
type childState int

const (
	childUnknown childState = iota // no child, or the system does not tell
	childRunning
	childExited
)
