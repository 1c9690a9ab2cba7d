package main

import (
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// What the system runs out of. Some worlds have their state folder on a small disk
// of its own, where mounting is allowed.
var systemFaults = []*fault{
	{"the disk is full", 4, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		if !w.mounted {
			return "its disk is not its own"
		}
		w.logIsBroken()
		filler := filepath.Join(w.paths.State, "filler")
		w.laterRemove("the disk is full", s.hold, filler, func() bool { _, err := os.Lstat(filler); return err == nil })
		return fill(filler)
	}},
	{"the state folder is read-only", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		if !w.mayMount {
			return "nothing may be mounted here"
		}
		w.logIsBroken()
		// What is open already can be written to: as when an administrator does this.
		if err := unix.Mount(w.paths.State, w.paths.State, "", unix.MS_BIND, ""); err != nil {
			return err.Error()
		}
		w.later("the state folder is read-only", s.hold, func() {
			_ = unix.Unmount(w.paths.State, unix.MNT_DETACH) // it ends with this process
			w.shine()                                        // see above
		})
		return said(unix.Mount("", w.paths.State, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	}},
	{"the program lacks memory", 2, func(w *world, _ *gateway, s step, r *rand.Rand) string {
		pid := w.light.pid()
		var before unix.Rlimit
		err := unix.Prlimit(pid, unix.RLIMIT_AS, nil, &before)
		if err == nil && before.Cur != before.Max {
			return "limited already"
		}
		if err == nil {
			few := unix.Rlimit{Cur: sizeOf(pid) + uint64(r.IntN(8<<20)), Max: before.Max}
			err = unix.Prlimit(pid, unix.RLIMIT_AS, &few, nil)
		}
		if err != nil {
			return err.Error()
		}
		w.mayCrash = true
		w.killMonitors()
		w.logIsBroken()
		w.mayBeBlind(time.Now().Add(time.Hour))
		w.later("the program lacks memory", s.hold, func() {
			w.killMonitors()
			_ = unix.Prlimit(pid, unix.RLIMIT_AS, &before, nil) // it may have ended
			w.mayBeBlind(time.Now().Add(deadline))
			w.shine()
		})
		return "limited"
	}},
	{"a relay has the port", 3, func(w *world, g *gateway, s step, _ *rand.Rand) string {
		w.signal(g, "java", syscall.SIGKILL)
		w.signal(g, "script", syscall.SIGKILL)
		other := w.gateways[0]
		if other == g {
			other = w.gateways[1]
		}
		return w.occupy(g, s.hold, func(conn net.Conn) { relay(conn, other.port) })
	}},
}

// fill writes until there is no space left.
func fill(path string) string {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	return err.Error()
}

// sizeOf is the address space that a process has, in bytes.
func sizeOf(pid int) uint64 {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	var pages uint64
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		pages = pages*10 + uint64(c-'0')
	}
	return pages * uint64(os.Getpagesize())
}

// relay passes everything on between a client and another port, as docker-proxy
// and socat do.
func relay(client net.Conn, port int) {
	server, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		client.Close()
		return
	}
	go func() { copyAll(server, client) }()
	copyAll(client, server)
}

// copyAll copies one direction, and ends both when that ends.
func copyAll(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	_, _ = to.(*net.TCPConn).ReadFrom(from) // either side may end at any time
}

// mountState puts the state folder on a disk of its own, where that is allowed.
func (w *world) mountState() {
	w.must(os.MkdirAll(w.paths.State, 0o700))
	w.mounted = unix.Mount("chaos", w.paths.State, "tmpfs", 0, "size=2m,mode=0700") == nil
}

// unmountState leaves what was on that disk in an ordinary folder.
func (w *world) unmountState() {
	if !w.mounted {
		return
	}
	_ = os.Remove(filepath.Join(w.paths.State, "filler")) // it may not be there
	_ = os.CopyFS(w.paths.State+".kept", os.DirFS(w.paths.State))
	_ = unix.Unmount(w.paths.State, unix.MNT_DETACH) // it ends with this process
}
