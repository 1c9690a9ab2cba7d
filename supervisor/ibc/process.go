package ibc

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A remainder is what is left of a run whose script has ended.
type remainder struct {
	java    *proof // the Gateway's own process, which is from now on the run; nil: it is not there
	unknown error  // something that may be the Gateway; nil: nothing is
}

// remains looks through the group that the script has led. The Gateway is the
// Java with our config.ini. A run has ended when nothing else there can be the
// Gateway: a copy of the script that has not become its Java yet, a Java, or
// what cannot be looked at. Others do not count, such as a browser that the
// Gateway has opened.
func (r *run) remains() remainder {
	members, err := startedBy(r.PID)
	if err != nil {
		return remainder{unknown: fmt.Errorf("the processes cannot be listed: %w", err)}
	}
	var left remainder
	for _, pid := range members {
		now, err := proofOf(pid)
		switch i := mainClassAt(now.Args); {
		case !isAlive(pid):
		case err != nil:
			left.unknown = fmt.Errorf("process %d cannot be looked at: %w", pid, err)
		case i >= 0 && now.Args[i+1] == r.config && !now.startedBefore(r.proof):
			now.Args = now.Args[i:]
			return remainder{java: &now}
		case r.mayBecomeGateway(now.Args):
			left.unknown = fmt.Errorf("process %d, which it has started, may be the Gateway", pid)
		}
	}
	return left
}

// mayBecomeGateway reports a command line of the Gateway, or one that a process
// has before it becomes the Gateway.
func (r *run) mayBecomeGateway(argv []string) bool {
	if len(argv) == 0 || endsWith(argv, r.Args) {
		return true
	}
	_, isGateway := parseGatewayCommand(argv)
	return isGateway || strings.HasPrefix(strings.ToLower(filepath.Base(argv[0])), "java") || slices.Contains(argv, r.script)
}

// hasEnded reports whether the process has ended, and its exit status if it was
// our child; the status of an adopted one is only in its log. A child has ended
// when the kernel says so, and any other process when its end is proven: not
// being able to look is no end.
func (r *run) hasEnded() (status int, ended bool) {
	if r.reaped != nil && !r.scriptGone() {
		return *r.reaped, true
	}
	ours, err := r.isStillOurs()
	if ours {
		return -1, false
	}
	switch status, state := reap(r.PID); state {
	case childExited:
		r.reaped = &status // the kernel tells it only once
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
