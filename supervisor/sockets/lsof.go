package sockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
)

// lsofPath is where macOS keeps it. Never looked up in PATH: launchd's often
// lacks /usr/sbin, and a missing lsof must be an error, not an empty answer.
const lsofPath = "/usr/sbin/lsof"

// An lsofReader starts a program for each look, and sees only this user's sockets
// and none that nobody has accepted. It is used where the system's own reader
// fails its check.
type lsofReader struct {
	path      string
	processes processCache
	assembler *assembler
}

func newLsof(path string) *lsofReader {
	return &lsofReader{path: path, processes: processCache{},
		assembler: newAssembler(readerLimits{reader: "lsof", ownOnly: true})}
}

func (*lsofReader) Reader() string { return "lsof" }

// Look runs lsof once for all ports. Any failure of lsof is a failure of the look.
func (l *lsofReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	var list []string
	for _, p := range ports {
		list = append(list, strconv.Itoa(p))
	}
	cmd := exec.CommandContext(ctx, l.path, "-nP", "-w", "-iTCP:"+strings.Join(list, ","), "-FpcfdnT")
	cmd.WaitDelay = time.Second
	var out, complaint bytes.Buffer
	at := supervisor.Now() // before the look: what happens during it may be missing
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return supervisor.Table{}, fmt.Errorf("%s did not answer in time", l.path)
	case errors.As(err, &exit) && exit.ExitCode() == 1 && out.Len() == 0 && complaint.Len() == 0:
		// only this means that there is no such socket
	case err != nil:
		firstLine, _, _ := strings.Cut(complaint.String(), "\n")
		return supervisor.Table{}, fmt.Errorf("%s failed: %w %s", l.path, err, strings.TrimSpace(firstLine))
	}
	rows, err := parseLsof(out.String())
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read what %s printed: %w", l.path, err)
	}
	if err := l.processes.identify(ctx, rows); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are that %s printed: %w", l.path, err)
	}
	return l.assembler.table(rows, ports, at), nil
}

// parseLsof reads lsof's field output (-F): one field a line, its kind in the
// first letter. p and c belong to a process, f begins a socket, n is its
// addresses, TST= its state, TQR= its receive queue.
func parseLsof(text string) ([]row, error) {
	var rows []row
	var proc supervisor.Process
	withState := 0 // rows that have a state
	if text != "" && !strings.HasSuffix(text, "\n") {
		return nil, errors.New("the output is cut off")
	}
	for n, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if line == "" {
			continue
		}
		kind, value := line[0], line[1:]
		var err error
		switch {
		case kind == 'p':
			proc = supervisor.Process{}
			proc.PID, err = strconv.Atoi(value)
		case kind == 'c':
			proc.Name = value
		case kind == 'f' && proc.PID == 0:
			err = errors.New("a socket before its process")
		case kind == 'f':
			if withState < len(rows) {
				return nil, errors.New("a socket without a state")
			}
			rows = append(rows, row{owner: proc})
		case len(rows) == 0:
			err = errors.New("a field before its socket")
		case kind == 'd':
			rows[len(rows)-1].socket, _ = strconv.ParseUint(value, 0, 64) // not every system has one
		case kind == 'n':
			err = rows[len(rows)-1].addresses(value)
		case kind == 'T':
			if strings.HasPrefix(value, "ST=") {
				withState = len(rows)
			}
			err = rows[len(rows)-1].tcpInfo(value)
		default:
			err = errors.New("an unknown field")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d, %q: %w", n+1, line, err)
		}
	}
	for _, r := range rows {
		if !r.local.IsValid() {
			return nil, errors.New("the output is cut off: a socket without addresses")
		}
	}
	if withState < len(rows) {
		return nil, errors.New("the output is cut off: a socket without a state")
	}
	return rows, nil
}

// addresses reads "*:4002", "127.0.0.1:4002->127.0.0.1:51234" or
// "[::1]:4002->[::1]:51234".
func (r *row) addresses(s string) (err error) {
	local, remote, connected := strings.Cut(s, "->")
	if r.local, err = lsofAddr(local); err != nil || !connected {
		return err
	}
	r.remote, err = lsofAddr(remote)
	return err
}

func lsofAddr(s string) (netip.AddrPort, error) {
	if port, ok := strings.CutPrefix(s, "*:"); ok {
		n, err := strconv.ParseUint(port, 10, 16)
		return netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(n)), err
	}
	a, err := netip.ParseAddrPort(s)
	return unmapped(a.Addr(), a.Port()), err
}

func (r *row) tcpInfo(s string) (err error) {
	key, value, _ := strings.Cut(s, "=")
	switch key {
	case "ST":
		r.state = tcpStateNamed(value)
	case "QR":
		r.receiveQueue, err = strconv.Atoi(value)
	}
	return err
}
