package sockets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// A netlinkReader asks the kernel through sock_diag. It keeps its buffers and what
// it knows about sockets between looks.
type netlinkReader struct {
	buffer    []byte
	rows      []row
	sequence  uint32
	owners    ownerCache
	assembler *assembler
}

// New is this system's reader. Several goroutines may use it.
func New(...string) supervisor.SocketReader {
	return newSystemReader(&netlinkReader{buffer: make([]byte, 64<<10), owners: newOwnerCache(),
		assembler: newAssembler(readerLimits{reader: "netlink"})})
}

func (*netlinkReader) Reader() string { return "netlink" }

// Look implements [supervisor.SocketReader] with one dump for all ports and both
// address families.
func (n *netlinkReader) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	at := supervisor.Now() // before the look: what happens during it may be missing
	err := n.dump(ctx, ports)
	for tries := 0; errors.Is(err, errChanged) && tries < 3; tries++ {
		err = n.dump(ctx, ports)
	}
	if err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot read the kernel's socket table (netlink sock_diag): %w", err)
	}
	if err := n.owners.identify(ctx, n.rows, at); err != nil {
		return supervisor.Table{}, fmt.Errorf("cannot tell whose the sockets are: %w", err)
	}
	return n.assembler.table(n.rows, ports, at), nil
}

// dump asks without blocking: the kernel walks through its table during sendto and
// recvfrom, so that the answer is there when they return. With plain system calls
// (RawSyscall) the Go runtime need not be told of each, which would wake up its
// monitor thread several times for every look.
func (n *netlinkReader) dump(ctx context.Context, ports []int) error {
	fd, _, errno := unix.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_INET_DIAG)
	if errno != 0 {
		return errno
	}
	defer unix.RawSyscall(unix.SYS_CLOSE, fd, 0, 0)
	n.sequence++
	request := diagRequest(ports, n.sequence)
	kernel := unix.RawSockaddrNetlink{Family: unix.AF_NETLINK}
	if _, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&request[0])), uintptr(len(request)), 0,
		uintptr(unsafe.Pointer(&kernel)), unix.SizeofSockaddrNetlink); errno != 0 {
		return errno
	}
	n.rows = n.rows[:0]
	for done := false; !done; {
		// With MSG_TRUNC the result is the length of the datagram, however much of it
		// is in the buffer.
		size, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&n.buffer[0])), uintptr(len(n.buffer)), unix.MSG_TRUNC, 0, 0)
		switch {
		case errno == unix.EINTR:
			continue
		case errno == unix.EAGAIN:
			if err := awaitAnswer(ctx, int(fd)); err != nil {
				return err
			}
			continue
		case errno != 0:
			return errno
		case int(size) > len(n.buffer):
			return errors.New("the answer was cut off")
		}
		var err error
		if n.rows, done, err = parseDiag(n.buffer[:size], n.sequence, n.rows); err != nil {
			return err
		}
	}
	return nil
}

// awaitAnswer waits for a kernel that does not answer at once.
func awaitAnswer(ctx context.Context, fd int) error {
	limit := time.Second
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline)
	}
	ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(max(limit, time.Millisecond).Milliseconds()))
	switch {
	case err != nil && err != unix.EINTR:
		return err
	case err == nil && ready == 0:
		return errors.New("no answer in time")
	}
	return ctx.Err()
}

// AwaitExit implements [supervisor.SocketReader] with a pidfd (Linux 5.3), which
// becomes readable when the process has ended.
func (systemReader) AwaitExit(ctx context.Context, pid int) error {
	fd, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return fmt.Errorf("cannot watch process %d: %w", pid, err)
	}
	return awaitReadable(ctx, fd, "pidfd", func() bool {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		ready, _ := unix.Poll(poll, 0)
		return ready > 0
	})
}

// AwaitWake implements [supervisor.SocketReader] with a timer that is never due.
// The kernel cancels it when the wall clock jumps, as it does after a sleep
// (TFD_TIMER_CANCEL_ON_SET, timerfd_create(2)).
func (systemReader) AwaitWake(ctx context.Context) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return fmt.Errorf("cannot watch the clock: %w", err)
	}
	never := unix.ItimerSpec{Value: unix.NsecToTimespec(1<<63 - 1)}
	const cancelOnSet = 2 // TFD_TIMER_CANCEL_ON_SET, linux/timerfd.h
	if err := unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|cancelOnSet, &never, nil); err != nil {
		unix.Close(fd)
		return fmt.Errorf("cannot watch the clock: %w", err)
	}
	var ticks [8]byte
	return awaitReadable(ctx, fd, "timerfd", func() bool {
		_, err := unix.Read(fd, ticks[:])
		return err != unix.EAGAIN
	})
}

// awaitReadable waits until ready returns true. It calls it whenever the
// descriptor becomes readable, and closes the descriptor.
func awaitReadable(ctx context.Context, fd int, name string, ready func() bool) error {
	file := os.NewFile(uintptr(fd), name)
	defer file.Close()
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { file.SetReadDeadline(time.Unix(1, 0)) })()
	err = raw.Read(func(uintptr) bool { return ready() })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
