package sockets

import (
	"context"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
)

// An ownerCache knows which process holds which socket. A process is searched for
// only when an inode is new.
type ownerCache struct {
	known, next map[uint64]owner // by inode; next is for the look under way
	wanted      map[uint64]bool
	users       map[uint32]string
	dents       [2][]byte // for the processes, and for the descriptors of one
}

// An owner is the process that was found to hold a socket.
type owner struct {
	proc       supervisor.Process
	hidden     string    // why none was found
	notFoundAt time.Time // when; zero: proc is the owner
}

// notFoundFor is how long a socket without a visible owner is not searched for
// again.
const notFoundFor = 10 * time.Second

func newOwnerCache() ownerCache {
	return ownerCache{known: map[uint64]owner{}, next: map[uint64]owner{}, wanted: map[uint64]bool{}, users: map[uint32]string{},
		dents: [2][]byte{make([]byte, 32<<10), make([]byte, 32<<10)}}
}

// identify finds the owner of each socket. A search that ran out of time proves
// nothing about what it did not find, so its result is not kept.
func (o *ownerCache) identify(ctx context.Context, rows []row, at time.Time) error {
	clear(o.next)
	clear(o.wanted)
	for _, r := range rows {
		if r.inode == 0 {
			continue
		}
		switch k, known := o.known[r.inode]; {
		case known && k.notFoundAt.IsZero() && exists(k.proc.PID), known && !k.notFoundAt.IsZero() && at.Sub(k.notFoundAt) < notFoundFor:
			o.next[r.inode] = k
		case !mayRead(r.user):
			o.next[r.inode] = owner{hidden: "user " + o.user(r.user) + "'s", notFoundAt: at}
		default:
			o.wanted[r.inode] = true
		}
	}
	if len(o.wanted) > 0 {
		o.search(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		for inode := range o.wanted { // what is left
			o.next[inode] = owner{hidden: "a process in another container or namespace", notFoundAt: at}
		}
	}
	o.known, o.next = o.next, o.known
	for i := range rows {
		k := o.known[rows[i].inode]
		rows[i].owner, rows[i].hidden = k.proc, k.hidden
	}
	return nil
}

// exists tells whether a known owner still lives: it may have passed the socket to
// a child and ended. The call cannot block: see dump.
func exists(pid int) bool {
	_, _, errno := unix.RawSyscall(unix.SYS_KILL, uintptr(pid), 0, 0)
	return errno == 0 || errno == unix.EPERM
}

// mayRead reports whether we may search this user's processes. The kernel lets
// only root read other users' descriptors.
func mayRead(user uint32) bool {
	me := os.Geteuid()
	return me == 0 || uint32(me) == user
}

func (o *ownerCache) user(id uint32) string {
	name, known := o.users[id]
	if !known {
		name = strconv.FormatUint(uint64(id), 10)
		if u, err := user.LookupId(name); err == nil {
			name = u.Username
		}
		o.users[id] = name
	}
	return name
}

// search looks for the wanted sockets, first in the processes that hold others
// (the Gateway has accepted one more), then in all. It removes from wanted what it
// finds. How much memory it needs does not depend on how many processes and
// descriptors there are.
func (o *ownerCache) search(ctx context.Context) {
	proc, err := unix.Open("/proc", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(proc)
	var pids []int
	for _, k := range o.known {
		if k.proc.PID != 0 && !slices.Contains(pids, k.proc.PID) {
			pids = append(pids, k.proc.PID)
		}
	}
	slices.Sort(pids)
	for _, pid := range pids {
		o.searchIn(ctx, proc, fmt.Appendf(nil, "%d/fd\x00", pid), pid)
	}
	if len(o.wanted) == 0 {
		return
	}
	path := make([]byte, 0, 32)
	eachEntry(proc, o.dents[0], func(name []byte) bool {
		if pid, ok := parseNumber(name); ok {
			path = append(append(path[:0], name...), "/fd\x00"...)
			o.searchIn(ctx, proc, path, int(pid))
		}
		return len(o.wanted) > 0 && ctx.Err() == nil
	})
}

// searchIn searches one process's descriptors; path ends with a NUL. An inherited
// socket belongs to the parent, which has the lower pid and comes first.
func (o *ownerCache) searchIn(ctx context.Context, proc int, path []byte, pid int) {
	fd, _, errno := unix.Syscall6(unix.SYS_OPENAT, uintptr(proc), uintptr(unsafe.Pointer(&path[0])),
		unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0, 0, 0)
	if errno != 0 {
		return
	}
	defer unix.Close(int(fd))
	var who supervisor.Process
	var link [64]byte
	eachEntry(int(fd), o.dents[1], func(name []byte) bool {
		// In the kernel's buffer a NUL follows the name.
		size, _, errno := unix.Syscall6(unix.SYS_READLINKAT, fd, uintptr(unsafe.Pointer(&name[0])),
			uintptr(unsafe.Pointer(&link[0])), uintptr(len(link)), 0, 0)
		if errno != 0 {
			return true
		}
		inode, ok := socketInode(link[:size])
		if !ok || !o.wanted[inode] {
			return true
		}
		if who.PID == 0 {
			who = describeProcess(ctx, pid)
		}
		o.next[inode] = owner{proc: who}
		delete(o.wanted, inode)
		return len(o.wanted) > 0
	})
}

// eachEntry reads a directory into buffer, and calls each with every name until it
// returns false. What cannot be read has no owner that could be found.
func eachEntry(dir int, buffer []byte, each func(name []byte) bool) {
	for {
		n, err := unix.Getdents(dir, buffer)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n <= 0 || !direntNames(buffer[:n], each) {
			return
		}
	}
}
