package sockets

import (
	"context"
	"unsafe"
)

// folders is PROC_PIDVNODEPATHINFO of XNU's bsd/sys/proc_info.h: the working and
// the root folder of a process.
const folders = 9

// workingFolder is that of a process, "" where it is not known.
func workingFolder(_ context.Context, pid int) string {
	var record [vnodePathInfoSize]byte
	l := openLibproc()
	n, err := l.call(l.pidInfo, uintptr(pid), folders, 0, uintptr(unsafe.Pointer(&record[0])), uintptr(len(record)))
	if err != nil {
		return ""
	}
	return parseWorkingFolder(record[:n])
}
