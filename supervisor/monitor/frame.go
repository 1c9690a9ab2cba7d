package monitor

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Every frame of the API is a big-endian int32 length and that many bytes. The
// body begins with the message id: decimal text up to a NUL before server
// version 201, 4 raw bytes since, and then 200 is added when the rest is
// protobuf.
const (
	rawIDs       = 201
	protobufBase = 200

	// endMarker is a message id that neither the Gateway nor the library knows
	// (v0.10.47 ends at 111). See drain.
	endMarker = 199

	maxFrame   = 1<<24 - 5 // bytes; the library's scanner holds 2^24-1 with the length in front
	maxVersion = 1 << 10   // bytes in the server's first frame, which really has about 30
	maxRequest = 1 << 10   // bytes in one of our own frames, which really have about 20
	keepFrame  = 64 << 10  // bytes of buffer kept from one frame to the next
)

var errTooLong = errors.New("frame too long")

// readFrame reads one frame, its 4-byte length included, into buf. The buffer
// grows with the bytes that really come, not with the length that is claimed.
func readFrame(r io.Reader, buf *bytes.Buffer, limit int64) error {
	if buf.Cap() > keepFrame {
		*buf = bytes.Buffer{}
	}
	buf.Reset()
	if _, err := io.CopyN(buf, r, 4); err != nil {
		return err
	}
	n := int64(binary.BigEndian.Uint32(buf.Bytes()))
	if n > limit {
		return fmt.Errorf("%w: %d bytes", errTooLong, n)
	}
	_, err := io.CopyN(buf, r, n)
	return err
}

// serverVersion reads the server's first frame, VERSION\0TIME\0; 0 when it is
// something else.
func serverVersion(body []byte) int {
	fields := bytes.Split(body, []byte{0})
	if len(fields) < 3 {
		return 0
	}
	version, err := strconv.ParseUint(string(fields[0]), 10, 16)
	if err != nil {
		return 0
	}
	return int(version)
}

// messageID reads a request's number, -1 when it has none. Before the server's
// version is known there are no requests.
func messageID(body []byte, version int) int {
	switch {
	case version >= rawIDs && len(body) >= 4:
		id := int(binary.BigEndian.Uint32(body))
		if id >= protobufBase {
			id -= protobufBase
		}
		return id
	case version > 0 && version < rawIDs:
		text, _, _ := bytes.Cut(body, []byte{0})
		if id, err := strconv.Atoi(string(text)); err == nil {
			return id
		}
	}
	return -1
}

// endFrame is the end marker as a server of that version would write it.
func endFrame(version int) []byte {
	body := append(strconv.AppendInt(nil, endMarker, 10), 0)
	if version >= rawIDs {
		body = binary.BigEndian.AppendUint32(nil, endMarker)
	}
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}
