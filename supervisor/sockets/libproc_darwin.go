package sockets

import (
	"fmt"
	"os"
	"unsafe"

	"github.com/ebitengine/purego"
)

// libproc calls the system's library, without cgo. Every macOS has its three
// functions; if one is missing, every look returns that as its error.
type libproc struct {
	listPIDs, pidInfo, fdInfo uintptr
	missing                   error
}

// From XNU's bsd/sys/proc_info.h.
const (
	ofUser     = 4 // PROC_UID_ONLY: by the effective user, which is whose processes may be read
	listFDs    = 1 // PROC_PIDLISTFDS
	socketInfo = 3 // PROC_PIDFDSOCKETINFO
)

func openLibproc() (l libproc) {
	const library = "/usr/lib/libSystem.B.dylib"
	handle, err := purego.Dlopen(library, purego.RTLD_LAZY|purego.RTLD_GLOBAL)
	if err != nil {
		return libproc{missing: fmt.Errorf("cannot open %s: %w", library, err)}
	}
	for name, function := range map[string]*uintptr{"proc_listpids": &l.listPIDs, "proc_pidinfo": &l.pidInfo, "proc_pidfdinfo": &l.fdInfo} {
		if *function, err = purego.Dlsym(handle, name); err != nil {
			return libproc{missing: fmt.Errorf("%s has no %s: %w", library, name, err)}
		}
	}
	return l
}

// call calls one of the functions. The pragma keeps the buffer, which is an
// argument as a number, where it is for the duration of the call.
//
//go:uintptrescapes
func (l libproc) call(function uintptr, arguments ...uintptr) (int, error) {
	if l.missing != nil {
		return 0, l.missing
	}
	n, _, errno := purego.SyscallN(function, arguments...)
	return filledBytes(n, errno)
}

func (l libproc) processes(buffer []byte) (int, error) {
	return l.call(l.listPIDs, ofUser, uintptr(os.Geteuid()), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
}

func (l libproc) descriptors(pid int, buffer []byte) (int, error) {
	n, err := l.call(l.pidInfo, uintptr(pid), listFDs, 0, uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if err == nil {
		return n, nil
	}
	// Nothing is filled in either for a process that has no descriptors, and errno
	// is then that of an earlier call. Called without a buffer it returns how
	// large the buffer should be, which is never 0.
	_, err = l.call(l.pidInfo, uintptr(pid), listFDs, 0, 0, 0)
	return 0, err
}

func (l libproc) socket(pid, fd int, buffer []byte) (int, error) {
	return l.call(l.fdInfo, uintptr(pid), uintptr(fd), socketInfo, uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
}
