//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	psnet "github.com/shirou/gopsutil/v3/net"

	"gatelight/supervisor"
	"gatelight/supervisor/sockets"
)

// A method is one way to find out who listens on a port and what hangs on it.
type method struct {
	name    string
	program bool                               // another one's, whose memory is not measured
	look    func() (unaccepted int, err error) // CLOSE_WAIT sockets seen that were never accepted
}

// methods are what people use, ours first.
func methods(port, server int) []method {
	reader := sockets.New()
	return []method{
		{"Gatelight", false, func() (int, error) {
			table, err := reader.Look(context.Background(), []int{port})
			if err != nil || table.Ports[port].Listener == nil {
				return 0, errors.Join(err, errors.New("no listener was seen"))
			}
			n := 0
			for _, p := range table.Ports[port].Peers {
				if p.TCP == supervisor.CloseWait && p.Queued {
					n++
				}
			}
			return n, nil
		}},
		{"ss -tan", true, program(port, "ss", "-tan")},
		{"ss -tanp", true, program(port, "ss", "-tanp")},
		{"/proc/net/tcp, tcp6", false, procTables(port)},
		{"lsof -nP -iTCP:PORT -sTCP:LISTEN", true, program(port, "lsof", "-nP", fmt.Sprintf("-iTCP:%d", port), "-sTCP:LISTEN")},
		{"lsof -nP -iTCP:PORT", true, program(port, "lsof", "-nP", fmt.Sprintf("-iTCP:%d", port))},
		{"gopsutil v3 ConnectionsPid", false, func() (int, error) {
			found, err := psnet.ConnectionsPid("tcp", int32(server))
			return closeWaits(found, port), err
		}},
		{"gopsutil v3 Connections", false, func() (int, error) {
			found, err := psnet.Connections("tcp")
			return closeWaits(found, port), err
		}},
	}
}

func closeWaits(found []psnet.ConnectionStat, port int) int {
	n := 0
	for _, c := range found {
		if int(c.Laddr.Port) == port && c.Status == "CLOSE_WAIT" && c.Pid == 0 {
			n++
		}
	}
	return n
}

// program runs a command and picks the port's lines out of what it prints.
func program(port int, name string, args ...string) func() (int, error) {
	mark := []byte(":" + strconv.Itoa(port))
	return func() (int, error) {
		out, err := exec.Command(name, args...).Output()
		if err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
		n, seen := 0, false
		for line := range bytes.Lines(out) {
			if bytes.Contains(line, mark) {
				seen = seen || bytes.Contains(line, []byte("LISTEN"))
				if bytes.HasPrefix(line, []byte("CLOSE-WAIT")) || bytes.Contains(line, []byte("(CLOSE_WAIT)")) {
					n++
				}
			}
		}
		if !seen {
			return 0, fmt.Errorf("%s did not see the listener on port %d", name, port)
		}
		return n, nil
	}
}

// procTables reads the kernel's two text files, as scripts without lsof do. They
// have no owners.
func procTables(port int) func() (int, error) {
	local := fmt.Sprintf(":%04X", port)
	return func() (int, error) {
		n, seen := 0, false
		for _, path := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
			text, err := os.ReadFile(path)
			if err != nil {
				return 0, err
			}
			for line := range strings.Lines(string(text)) {
				fields := strings.Fields(line)
				if !strings.HasSuffix(fields[1], local) {
					continue
				}
				seen = seen || fields[3] == "0A" // LISTEN
				if fields[3] == "08" && fields[9] == "0" {
					n++
				}
			}
		}
		if !seen {
			return 0, errors.New("no listener was seen")
		}
		return n, nil
	}
}
