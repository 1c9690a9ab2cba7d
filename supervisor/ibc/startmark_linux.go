package ibc

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// startMarkOf is when a process was started; empty when it cannot be read.
func startMarkOf(pid int) startMark {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return startMark{}
	}
	fields := statOf(pid)
	if len(fields) < 20 {
		return startMark{}
	}
	ticks, err := strconv.ParseUint(string(fields[19]), 10, 64)
	if err != nil {
		return startMark{}
	}
	return startMark{strings.TrimSpace(string(boot)), ticks}
}

// isZombie reports a process that has ended and waits for its parent.
func isZombie(pid int) bool {
	fields := statOf(pid)
	return len(fields) > 0 && (string(fields[0]) == "Z" || string(fields[0]) == "X")
}

// statOf are the fields of /proc/PID/stat from the third one, the state
// (proc_pid_stat(5)); nil when it cannot be read. The second one, the name, may
// hold anything.
func statOf(pid int) [][]byte {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
}
