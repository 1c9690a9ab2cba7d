package sockets

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
)

// The wire format of Linux's sock_diag, from linux/inet_diag.h and
// linux/netlink.h. No build tag: it is parsed, tested and fuzzed everywhere.
//
// The request is the older inet_diag_req (message type TCPDIAG_GETSOCK). Unlike
// its successor it has no family, so that one dump answers for IPv4 and IPv6.

const (
	diagGetSock = 18 // TCPDIAG_GETSOCK

	diagRequestSize = 60 // struct inet_diag_req
	diagMessageSize = 72 // struct inet_diag_msg
	netlinkHeader   = 16
	netlinkError    = 2     // NLMSG_ERROR
	netlinkDone     = 3     // NLMSG_DONE
	netlinkDump     = 0x301 // NLM_F_REQUEST | NLM_F_DUMP
	dumpInterrupted = 0x10  // NLM_F_DUMP_INTR
	attrBytecode    = 1     // INET_DIAG_REQ_BYTECODE

	// Socket states as the kernel counts them (net/tcp_states.h).
	kernelEstablished = 1
	kernelFinWait1    = 4
	kernelFinWait2    = 5
	kernelCloseWait   = 8
	kernelListen      = 10

	// The states that are requested. FIN_WAIT is a client that has closed its half
	// of the connection: while a process holds it, it tells who makes a zombie.
	kernelStates = 1<<kernelEstablished | 1<<kernelFinWait1 | 1<<kernelFinWait2 | 1<<kernelCloseWait | 1<<kernelListen
)

// kernelStateOf are the states that matter, by the kernel's number.
var kernelStateOf = map[byte]tcpState{
	kernelEstablished: established,
	kernelFinWait1:    finWait,
	kernelFinWait2:    finWait,
	kernelCloseWait:   closeWait,
	kernelListen:      listen,
}

// errChanged is transient: the next dump may be complete.
var errChanged = errors.New("the table changed while it was read")

// The filter's instructions (INET_DIAG_BC_…).
const (
	opJump   = 1
	opSrcMin = 2
	opSrcMax = 3
	opDstMin = 4
	opDstMax = 5
)

// diagRequest requests all sockets that are in the states that matter and have one
// of the ports at either end. The kernel does the filtering.
func diagRequest(ports []int, sequence uint32) []byte {
	filter := diagFilter(ports)
	size := netlinkHeader + diagRequestSize + 4 + len(filter)
	b := make([]byte, 0, size)
	b = binary.NativeEndian.AppendUint32(b, uint32(size))
	b = binary.NativeEndian.AppendUint16(b, diagGetSock)
	b = binary.NativeEndian.AppendUint16(b, netlinkDump)
	b = binary.NativeEndian.AppendUint32(b, sequence)
	b = binary.NativeEndian.AppendUint32(b, 0) // from: the kernel fills it in

	b = append(b, make([]byte, diagRequestSize)...)
	states := b[netlinkHeader+52:]
	binary.NativeEndian.PutUint32(states, kernelStates)

	b = binary.NativeEndian.AppendUint16(b, uint16(4+len(filter)))
	b = binary.NativeEndian.AppendUint16(b, attrBytecode)
	return append(b, filter...)
}

// diagFilter is the program "source or destination port is one of these". Each
// alternative is min, max, and a jump to the end. A failed test continues with the
// next alternative; after the last one it continues four bytes past the end, which
// means no match.
func diagFilter(ports []int) []byte {
	const test, jump = 8, 4
	alternatives := 2 * len(ports)
	total := alternatives*(2*test+jump) - jump // the last one needs no jump
	var b []byte
	op := func(code, yes byte, no int) {
		b = append(b, code, yes)
		b = binary.NativeEndian.AppendUint16(b, uint16(no))
	}
	for _, port := range ports {
		for _, codes := range [][2]byte{{opSrcMin, opSrcMax}, {opDstMin, opDstMax}} {
			last := total-len(b) == 2*test
			for i, code := range codes {
				next := (2-i)*test + jump // of the next alternative, or past the end
				op(code, test, next)
				op(0, 0, port)
			}
			if !last {
				op(opJump, jump, total-len(b))
			}
		}
	}
	return b
}

// parseDiag reads one datagram of the answer and appends its rows. done says
// that the dump is complete.
func parseDiag(b []byte, sequence uint32, rows []row) (_ []row, done bool, err error) {
	for len(b) >= netlinkHeader {
		size := int(binary.NativeEndian.Uint32(b))
		kind := binary.NativeEndian.Uint16(b[4:])
		flags := binary.NativeEndian.Uint16(b[6:])
		if size < netlinkHeader || size > len(b) {
			return rows, false, fmt.Errorf("netlink message of %d bytes in %d", size, len(b))
		}
		body := b[netlinkHeader:size]
		if binary.NativeEndian.Uint32(b[8:]) == sequence {
			if flags&dumpInterrupted != 0 { // any message of a dump may carry it, the end too
				return rows, true, errChanged
			}
			switch kind {
			case netlinkDone:
				return rows, true, diagStatus(body)
			case netlinkError:
				return rows, true, errors.Join(errors.New("the kernel refused the request"), diagStatus(body))
			case diagGetSock:
				if len(body) < diagMessageSize {
					return rows, false, fmt.Errorf("socket record of %d bytes, want %d", len(body), diagMessageSize)
				}
				rows = append(rows, parseDiagRow(body))
			}
		}
		b = b[min((size+3)&^3, len(b)):]
	}
	if len(b) > 0 {
		return rows, false, fmt.Errorf("%d trailing bytes after the last netlink message", len(b))
	}
	return rows, false, nil
}

// diagStatus is the errno at the start of an end or error message. It is Linux's:
// syscall's own type has other numbers on other systems.
func diagStatus(body []byte) error {
	if len(body) < 4 {
		return nil
	}
	if n := int32(binary.NativeEndian.Uint32(body)); n != 0 {
		return fmt.Errorf("errno %d", -n)
	}
	return nil
}

func parseDiagRow(m []byte) row {
	r := row{
		state:        kernelStateOf[m[1]],
		local:        diagAddr(m[0], m[8:24], m[4:6]),
		remote:       diagAddr(m[0], m[24:40], m[6:8]),
		socket:       uint64(binary.NativeEndian.Uint32(m[44:])) | uint64(binary.NativeEndian.Uint32(m[48:]))<<32, // idiag_cookie: unique, never reused
		receiveQueue: int(binary.NativeEndian.Uint32(m[56:])),
		user:         binary.NativeEndian.Uint32(m[64:]),
		inode:        uint64(binary.NativeEndian.Uint32(m[68:])),
	}
	r.queued = r.inode == 0 && (r.state == established || r.state == closeWait)
	if r.state == closeWait && r.receiveQueue > 0 {
		r.receiveQueue-- // the kernel counts the other side's FIN as a byte
	}
	return r
}

func diagAddr(family byte, addr, port []byte) netip.AddrPort {
	const inet = 2 // AF_INET
	p := binary.BigEndian.Uint16(port)
	if family == inet {
		return unmapped(netip.AddrFrom4([4]byte(addr[:4])), p)
	}
	return unmapped(netip.AddrFrom16([16]byte(addr)), p)
}
