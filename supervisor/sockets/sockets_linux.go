package sockets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// netlinkReader asks the kernel through sock_diag. It is used by one goroutine
// at a time; its buffers and what it knows about inodes are kept between looks.
type netlinkReader struct {
	buffer   []byte
	rows     []row
	sequence uint32
	owners   map[uint64]owner // by socket inode
}

// An owner is who was found to hold a socket.
type owner struct {
	proc   supervisor.Proc
	missed time.Time // nobody was found then; zero: proc is the owner
}

// missedFor is how long a socket without a visible owner (another user's) is
// not searched for again.
const missedFor = 10 * time.Second

// New is this system's reader.
func New() supervisor.Eyes {
	return &netlinkReader{buffer: make([]byte, 64<<10), owners: map[uint64]owner{}}
}

func (*netlinkReader) Reader() string { return "netlink" }

// Look implements [supervisor.Eyes] with one dump for all ports and both families.
func (n *netlinkReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := time.Now().Round(0) // before: what has happened since is not in it
	rows, err := n.dump(ctx, ports)
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the kernel's socket table (netlink sock_diag): %w", err)
	}
	if err := n.identify(ctx, rows, at); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return assemble(rows, ports, n.Reader(), at), nil
}

func (n *netlinkReader) dump(ctx context.Context, ports []int) ([]row, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, unix.NETLINK_INET_DIAG)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	limit := time.Second
	if deadline, ok := ctx.Deadline(); ok {
		limit = max(time.Until(deadline), time.Millisecond)
	}
	timeout := unix.NsecToTimeval(limit.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return nil, err
	}
	n.sequence++
	if err := unix.Sendto(fd, diagRequest(ports, n.sequence), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	n.rows = n.rows[:0]
	for {
		size, flags, err := n.receive(fd)
		if err != nil {
			return nil, err
		}
		if flags&unix.MSG_TRUNC != 0 {
			return nil, errors.New("the answer was cut off")
		}
		var done bool
		if n.rows, done, err = parseDiag(n.buffer[:size], n.sequence, n.rows); done || err != nil {
			return n.rows, err
		}
	}
}

func (n *netlinkReader) receive(fd int) (size, flags int, err error) {
	for {
		size, _, flags, _, err = unix.Recvmsg(fd, n.buffer, nil, 0)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return 0, 0, errors.New("no answer in time")
		}
		return size, flags, err
	}
}

// identify names the owner of each listener and of each client-side socket. A
// search through /proc is made only when an inode is new. One that ran out of
// time proves nothing about what it did not find, and is not kept.
func (n *netlinkReader) identify(ctx context.Context, rows []row, at time.Time) error {
	wanted := map[uint64]bool{}
	known := map[uint64]owner{}
	for _, r := range rows {
		if r.inode == 0 {
			continue
		}
		o, seen := n.owners[r.inode]
		if seen && (o.missed.IsZero() || at.Sub(o.missed) < missedFor) {
			known[r.inode] = o
		} else {
			wanted[r.inode] = true
		}
	}
	if len(wanted) > 0 {
		found := findOwners(ctx, wanted)
		if err := ctx.Err(); err != nil {
			return err
		}
		for inode := range wanted {
			known[inode] = owner{missed: at}
		}
		for inode, proc := range found {
			known[inode] = owner{proc: proc}
		}
	}
	n.owners = known
	for i := range rows {
		rows[i].owner = known[rows[i].inode].proc
	}
	return nil
}

// findOwners searches /proc for the processes that hold these sockets. Other
// users' processes cannot be read and are left out.
func findOwners(ctx context.Context, wanted map[uint64]bool) map[uint64]supervisor.Proc {
	found := map[uint64]supervisor.Proc{}
	procs, err := readNames("/proc")
	if err != nil {
		return found
	}
	link := make([]byte, 64)
	for _, name := range procs {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		var proc supervisor.Proc
		fds, _ := readNames("/proc/" + name + "/fd")
		for _, fd := range fds {
			inode, ok := socketInode("/proc/"+name+"/fd/"+fd, link)
			if !ok || !wanted[inode] {
				continue
			}
			if proc.PID == 0 {
				proc = describe(ctx, pid)
			}
			if _, twice := found[inode]; !twice { // an inherited socket belongs to the parent, the lower pid
				found[inode] = proc
			}
		}
		if len(found) == len(wanted) || ctx.Err() != nil {
			break
		}
	}
	return found
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

func socketInode(path string, buffer []byte) (uint64, bool) {
	size, err := unix.Readlink(path, buffer)
	if err != nil {
		return 0, false
	}
	digits, ok := strings.CutPrefix(string(buffer[:size]), "socket:[")
	if !ok {
		return 0, false
	}
	inode, err := strconv.ParseUint(strings.TrimSuffix(digits, "]"), 10, 64)
	return inode, err == nil
}

// AwaitExit implements [supervisor.Eyes] with a pidfd (Linux 5.3), which
// becomes readable when the process has ended.
func (*netlinkReader) AwaitExit(ctx context.Context, pid int) error {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	file := os.NewFile(uintptr(fd), "pidfd")
	defer file.Close()
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { file.SetReadDeadline(time.Unix(1, 0)) })()
	err = raw.Read(func(fd uintptr) bool {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		ready, _ := unix.Poll(poll, 0)
		return ready > 0
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
