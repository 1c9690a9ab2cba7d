package ibc

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// A proof is what tells a process from every other one. A pid alone proves
// nothing: another process may have it by now.
type proof struct {
	PID       int       `json:"pid"`
	StartedAt time.Time `json:"started_at"`
	startMark
	Args []string `json:"args"` // the last ones of its command line
}

// A startMark tells when a process was started in values that do not move with
// the clock. It is empty on systems that keep the start time itself. Linux
// derives that from the time of the boot, which moves when the clock is set.
type startMark struct {
	Boot  string `json:"boot,omitempty"`  // which boot of the machine (/proc/sys/kernel/random/boot_id)
	Ticks uint64 `json:"ticks,omitempty"` // from the boot to the start, in clock ticks (/proc/PID/stat, field 22)
}

// clockTolerance is how far two readings of one start time may differ.
const clockTolerance = 2 * time.Second

// startedLike reports the same start as that of another process.
func (p proof) startedLike(q proof) bool {
	if p.Boot != "" && q.Boot != "" {
		return p.startMark == q.startMark
	}
	return p.StartedAt.Sub(q.StartedAt).Abs() <= clockTolerance
}

// startedBefore reports a start before that of another process.
func (p proof) startedBefore(q proof) bool {
	if p.Boot != "" && q.Boot != "" {
		return p.Boot == q.Boot && p.Ticks < q.Ticks
	}
	return p.StartedAt.Before(q.StartedAt.Add(-clockTolerance))
}

// endsWith reports that these are the last arguments of a command line.
func endsWith(argv, last []string) bool {
	return len(last) > 0 && len(argv) >= len(last) && slices.Equal(argv[len(argv)-len(last):], last)
}

// proofOf reads what a process is, with its whole command line.
func proofOf(pid int) (proof, error) {
	at, err := startOf(pid)
	if err != nil {
		return proof{}, err
	}
	argv, err := arguments(&process.Process{Pid: int32(pid)})
	if err != nil {
		return proof{}, err
	}
	return proof{pid, at, startMarkOf(pid), argv}, nil
}

// startOf reads when a process was started.
func startOf(pid int) (time.Time, error) {
	p := process.Process{Pid: int32(pid)}
	ms, err := p.CreateTime()
	return time.UnixMilli(ms), err
}

// isAlive reports a process that exists and has not ended: one that has is there
// until its parent has asked for its exit status.
func isAlive(pid int) bool { return exists(pid) && !isZombie(pid) }

// isStillOurs proves, each time anew, that what has the pid now is the process
// of this run: the same start, a command line that ends with the arguments we
// gave (in front of them stands the script's interpreter, or the program it has
// become), and IBC's script and config.ini as the settings name them. An error
// means that it cannot be told.
func (r *run) isStillOurs() (bool, error) {
	p := r.process()
	if p.PID <= 1 || len(p.Args) == 0 || !isAlive(p.PID) {
		return false, nil
	}
	now, err := proofOf(p.PID)
	if !isAlive(p.PID) { // it ended just now
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sameStart, sameArgs := now.startedLike(p), endsWith(now.Args, p.Args)
	switch {
	case !sameStart && !sameArgs:
		return false, nil
	case !sameArgs: // as it is for a moment in which a program becomes another one
		return false, errors.New("it was started when the Gateway was, but has another command line")
	case !sameStart:
		return false, errors.New("it is called as the Gateway was, but has another start time (was the clock set?)")
	case !r.isCalledBySettings(now.Args, p.Args):
		return false, fmt.Errorf("it is not called with IBC's script %s and the config %s of the settings", r.script, r.config)
	}
	return true, nil
}

// isCalledBySettings reports a command line with the script and the config.ini
// of the settings, in the places where they belong.
func (r *run) isCalledBySettings(argv, last []string) bool {
	if r.scriptGone() {
		i := mainClassAt(last)
		return i == 0 && last[1] == r.config
	}
	if runtime.GOOS == "windows" { // the script is an argument of cmd.exe; see batchArgv
		call := slices.Index(last, "call")
		return call >= 0 && call+1 < len(last) && last[call+1] == r.script && slices.Contains(last, "/Config:"+r.config)
	}
	before := len(argv) - len(last) - 1
	return before >= 0 && argv[before] == r.script && slices.Contains(last, "--ibc-ini="+r.config)
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

// findLaunched finds the script of a run file that was written just before the
// start, and has no pid yet: it has that command line, and was started since.
// It reports whether there is one.
func (r *run) findLaunched() (bool, error) {
	pids, err := process.Pids()
	for _, pid := range pids {
		now, err := proofOf(int(pid))
		if err == nil && endsWith(now.Args, r.Args) && r.isCalledBySettings(now.Args, r.Args) && !now.StartedAt.Before(r.StartedAt.Add(-clockTolerance)) {
			r.PID, r.StartedAt, r.startMark = now.PID, now.StartedAt, now.startMark
			return true, r.save(nil)
		}
	}
	return false, err
}
