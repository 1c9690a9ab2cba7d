package sockets

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// The records of macOS's libproc, from XNU's bsd/sys/proc_info.h; offsets are in
// bytes, and the same from macOS 11 to 15 on both architectures. No build tag:
// they are parsed, tested and fuzzed everywhere.

const (
	fdIsSocket = 2 // PROX_FDTYPE_SOCKET

	socketInfoSize = 792 // struct socket_fdinfo
	soiFamily      = 184
	soiQlen        = 194 // int16: connections to accept, with those that are not complete
	soiIncqlen     = 196 // int16: those that are not complete
	soiReceived    = 208 // soi_rcv.sbi_cc: bytes not read, the FIN not counted
	soiKind        = 256
	insiForeign    = 264 // port: an int with the 16 bits of the network in it
	insiLocal      = 268
	insiGeneration = 272 // of the kernel's record, counted up for each that is made
	insiVersions   = 288 // insi_vflag
	insiForeignIP  = 296
	insiLocalIP    = 312
	tcpsiState     = 344

	kindTCP      = 2  // SOCKINFO_TCP
	familyInet   = 2  // AF_INET
	familyInet6  = 30 // AF_INET6, macOS's
	versionIPv4  = 1  // INI_IPV4
	versionIPv6  = 2  // INI_IPV6; a dual-stack listener has both
	lastTSIState = 11 // TSI_S_RESERVED
)

// tsiStates are those of the states (TSI_S_…) that matter here.
var tsiStates = [lastTSIState + 1]tcpState{1: listen, 4: established, 5: closeWait, 6: finWait, 9: finWait}

// filledBytes reads libproc's answer: how many bytes it has filled in, and 0 for a
// failure whose reason is in errno (libsyscall/wrappers/libproc/libproc.c). Both
// are an int in C, so the upper 32 bits that purego returns mean nothing.
func filledBytes(n, errno uintptr) (int, error) {
	if bytes := int(int32(n)); bytes > 0 {
		return bytes, nil
	}
	if e := syscall.Errno(uint32(errno)); e != 0 {
		return 0, e
	}
	return 0, syscall.EIO // it gives no reason
}

// A numberList is a list of records that begin with a number.
type numberList struct {
	of, one string // what the numbers are
	size    int    // of a record, in bytes
	wanted  func(record []byte) bool
}

var (
	// proc_listpids lists pid_t's. The kernel's own process, 0, has no descriptors.
	processList = numberList{"processes", "process", 4,
		func(record []byte) bool { return binary.LittleEndian.Uint32(record) != 0 }}
	// PROC_PIDLISTFDS lists struct proc_fdinfo: the descriptor, and what it is.
	descriptorList = numberList{"descriptors", "descriptor", 8,
		func(record []byte) bool { return binary.LittleEndian.Uint32(record[4:]) == fdIsSocket }}
)

// parse appends the numbers that are wanted.
func (l numberList) parse(b []byte, numbers []int) ([]int, error) {
	for record := range slices.Chunk(b, l.size) {
		if len(record) < l.size {
			return numbers, fmt.Errorf("%d trailing bytes after the last %s", len(record), l.one)
		}
		if !l.wanted(record) {
			continue
		}
		n := int32(binary.LittleEndian.Uint32(record))
		if n < 0 {
			return numbers, fmt.Errorf("%s %d in the list of %s", l.one, n, l.of)
		}
		numbers = append(numbers, int(n))
	}
	return numbers, nil
}

// parseSocketInfo reads the record of a socket (PROC_PIDFDSOCKETINFO). ok says that
// it is a TCP socket with one of the ports at either end, in a state that matters.
// A record that contradicts the layout is an error: a guess would be a made-up
// row.
func parseSocketInfo(b []byte, ports []int) (r row, ok bool, err error) {
	if len(b) != socketInfoSize {
		return row{}, false, fmt.Errorf("socket record of %d bytes, want %d", len(b), socketInfoSize)
	}
	if binary.LittleEndian.Uint32(b[soiKind:]) != kindTCP {
		return row{}, false, nil
	}
	family := binary.LittleEndian.Uint32(b[soiFamily:])
	state := binary.LittleEndian.Uint32(b[tcpsiState:])
	if family != familyInet && family != familyInet6 || state > lastTSIState ||
		binary.LittleEndian.Uint16(b[insiForeign+2:]) != 0 || binary.LittleEndian.Uint16(b[insiLocal+2:]) != 0 {
		return row{}, false, fmt.Errorf("unknown layout of a TCP socket's record (family %d, state %d)", family, state)
	}
	local, foreign := binary.BigEndian.Uint16(b[insiLocal:]), binary.BigEndian.Uint16(b[insiForeign:])
	r.state = tsiStates[state]
	if r.state == other || !slices.Contains(ports, int(local)) && !slices.Contains(ports, int(foreign)) {
		return row{}, false, nil
	}
	versions := b[insiVersions]
	if versions&(versionIPv4|versionIPv6) == 0 {
		return row{}, false, fmt.Errorf("a TCP socket of no IP version (%#x)", versions)
	}
	r.local = infoAddr(versions, b[insiLocalIP:], local)
	r.remote = infoAddr(versions, b[insiForeignIP:], foreign)
	r.socket = binary.LittleEndian.Uint64(b[insiGeneration:])
	if r.state == listen {
		qlen, incomplete := int16(binary.LittleEndian.Uint16(b[soiQlen:])), int16(binary.LittleEndian.Uint16(b[soiIncqlen:]))
		r.receiveQueue = max(int(qlen)-int(incomplete), 0)
	} else {
		r.receiveQueue = int(binary.LittleEndian.Uint32(b[soiReceived:]))
	}
	return r, true, nil
}

// infoAddr reads a union in4in6_addr. An IPv4 address is in its last four bytes,
// also for a connection that an IPv6 socket has accepted over IPv4.
func infoAddr(versions byte, b []byte, port uint16) netip.AddrPort {
	if versions&versionIPv6 == 0 {
		return unmapped(netip.AddrFrom4([4]byte(b[12:16])), port)
	}
	return unmapped(netip.AddrFrom16([16]byte(b[:16])), port)
}

const (
	vnodePathInfoSize = 2352 // struct proc_vnodepathinfo: two of vnode_info_path
	pathOffset        = 152  // vip_path of the first one, which is the working folder's
	maxPath           = 1024 // MAXPATHLEN, with the NUL
)

// parseWorkingFolder reads the working folder in the record of a process's
// folders (PROC_PIDVNODEPATHINFO), "" for another layout.
func parseWorkingFolder(b []byte) string {
	if len(b) != vnodePathInfoSize {
		return ""
	}
	path, _, ended := bytes.Cut(b[pathOffset:pathOffset+maxPath], []byte{0})
	if !ended || len(path) == 0 || path[0] != '/' {
		return ""
	}
	return string(path)
}
