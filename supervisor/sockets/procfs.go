package sockets

import (
	"bytes"
	"encoding/binary"
)

// What Linux's /proc tells, as bytes. No build tag: it is parsed, tested and
// fuzzed everywhere.

// direntHead is what stands before the name in struct linux_dirent64: the inode
// and offset (8 bytes each), the record's length (2) and the type (1).
const direntHead = 19

// direntNames names each entry of a buffer that getdents64(2) has filled; each
// name is followed by a NUL in the buffer. It returns false when told to stop.
func direntNames(b []byte, each func(name []byte) bool) bool {
	for len(b) > direntHead {
		size := int(binary.NativeEndian.Uint16(b[16:]))
		if size <= direntHead || size > len(b) {
			return true
		}
		name := b[direntHead:size]
		end := bytes.IndexByte(name, 0)
		if end > 0 && !each(name[:end]) {
			return false
		}
		b = b[size:]
	}
	return true
}

// socketInode reads what the link of a descriptor says: "socket:[12345]".
func socketInode(link []byte) (uint64, bool) {
	digits, ok := bytes.CutPrefix(link, []byte("socket:["))
	if !ok {
		return 0, false
	}
	digits, ok = bytes.CutSuffix(digits, []byte("]"))
	if !ok {
		return 0, false
	}
	return number(digits)
}

// number reads decimal digits and nothing else, without allocating.
func number(digits []byte) (n uint64, ok bool) {
	if len(digits) == 0 || len(digits) > 19 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}
