package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// This file asks the kernel, by ways of its own: the program's readers are what is
// being checked.

// A process is one that runs the program's file.
type process struct {
	pid     int
	role    string // "light", "command", "monitor", "sockets", "script", "java" or "probe"
	gateway string // of a script or java
	state   byte   // as in /proc/PID/stat
	args    []string
}

// processes are those that run the program of this world, zombies excluded.
func (w *world) processes() []process {
	var all []process
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err != nil || strings.TrimSuffix(exe, " (deleted)") != w.program {
			continue
		}
		p := process{pid: pid, state: stateOf(pid)}
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if err != nil || p.state == 'Z' || p.state == 'X' || len(line) == 0 {
			continue
		}
		p.args = strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")
		p.role = w.roleOf(p)
		for _, g := range w.gateways {
			if strings.Contains(string(line), g.dir+"/") {
				p.gateway = g.name
			}
		}
		all = append(all, p)
	}
	return all
}

func (w *world) roleOf(p process) string {
	arg := func(i int) string {
		if i < len(p.args) {
			return p.args[i]
		}
		return ""
	}
	switch {
	case arg(1) == "simgateway" && arg(2) == "launch":
		return "script"
	case arg(1) == "simgateway":
		return arg(2)
	case arg(1) == "monitor-child":
		return "monitor"
	case arg(1) == "sockets-child":
		return "sockets"
	case arg(1) == "" || arg(1) == "serve":
		return "light"
	}
	return "command"
}

// stateOf is the letter of /proc/PID/stat; 'X' for a process that is gone.
func stateOf(pid int) byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	i := strings.LastIndexByte(string(b), ')')
	if err != nil || i < 0 || i+2 >= len(b) {
		return 'X'
	}
	return b[i+2]
}

// sockets are the inodes of a process's sockets.
func sockets(pid int) map[string]bool {
	found := map[string]bool{}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(to, "socket:[") {
			found[strings.TrimSuffix(to[len("socket:["):], "]")] = true
		}
	}
	return found
}

// A row is one line of /proc/net/tcp or tcp6.
type row struct {
	local, remote int // ports
	state, inode  string
}

// The states of /proc/net/tcp that matter.
const (
	established = "01"
	synSent     = "02"
	closeWait   = "08"
	listening   = "0A"
)

// tcp has all rows that concern one of the ports.
func tcp(ports map[int]bool) []row {
	var rows []row
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		b, _ := os.ReadFile(file)
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			if len(f) < 10 {
				continue
			}
			r := row{local: portOf(f[1]), remote: portOf(f[2]), state: f[3], inode: f[9]}
			if ports[r.local] || ports[r.remote] {
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func portOf(address string) int {
	_, port, _ := strings.Cut(address, ":")
	n, _ := strconv.ParseInt(port, 16, 32)
	return int(n)
}
