package sockets

import (
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// A kernelTimer is due when the kernel says so (timerfd_create(2)). For a timer of
// its own the Go runtime wakes up two threads, and one of them a dozen times, since
// epoll_wait(2) ends up to a thousandth later than it was asked to. A program that
// waits for nothing but descriptors sleeps until one of them is ready.
type kernelTimer struct {
	fd   uintptr
	file *os.File
	due  chan time.Time
	done chan struct{}
}

// NewTimer is a timer that is not set. Where the kernel has none left (no free
// descriptors), it is nil.
func NewTimer() supervisor.Timer {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil
	}
	t := &kernelTimer{uintptr(fd), os.NewFile(uintptr(fd), "timerfd"), make(chan time.Time, 1), make(chan struct{})}
	raw, err := t.file.SyscallConn()
	if err != nil {
		t.file.Close()
		return nil
	}
	go t.wait(raw)
	return t
}

func (t *kernelTimer) wait(raw syscall.RawConn) {
	defer close(t.done)
	var times [8]byte
	for raw.Read(func(fd uintptr) bool {
		_, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&times[0])), uintptr(len(times)))
		return errno == 0
	}) == nil {
		select {
		case t.due <- supervisor.Now():
		default: // one is there already
		}
	}
}

func (t *kernelTimer) Due() <-chan time.Time { return t.due }

func (t *kernelTimer) Reset(d time.Duration) {
	set := unix.ItimerSpec{Value: unix.NsecToTimespec(max(d, 1).Nanoseconds())} // zero would stop it
	unix.RawSyscall6(unix.SYS_TIMERFD_SETTIME, t.fd, 0, uintptr(unsafe.Pointer(&set)), 0, 0, 0)
}

// Stop implements [supervisor.Timer]. It returns when the goroutine has ended.
func (t *kernelTimer) Stop() {
	t.file.Close()
	<-t.done
}
