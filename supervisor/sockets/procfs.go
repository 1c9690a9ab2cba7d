package sockets

import (
	"bytes"
	"encoding/binary"
)

// The bytes of Linux's /proc. No build tag: they are parsed, tested and fuzzed
// everywhere.

// direntHead is the size of what precedes the name in struct linux_dirent64: the inode
// and offset (8 bytes each), the record's length (2) and the type (1).
const direntHead = 19

// direntNames calls each with every name in a buffer that getdents64(2) has
// filled, until it returns false; then direntNames returns false, too. Each name
// is followed by a NUL in the buffer.
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

// socketInode reads the target of a descriptor's link: "socket:[12345]".
func socketInode(link []byte) (uint64, bool) {
	digits, begins := bytes.CutPrefix(link, []byte("socket:["))
	digits, ends := bytes.CutSuffix(digits, []byte("]"))
	if !begins || !ends {
		return 0, false
	}
	return parseNumber(digits)
}

// parseNumber reads decimal digits and nothing else, without allocating.
func parseNumber(digits []byte) (n uint64, ok bool) {
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
