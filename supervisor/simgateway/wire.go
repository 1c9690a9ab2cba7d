package simgateway

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Message ids of the API, and the server versions at which its encoding
// changes. A protobuf message has the id of its text form plus 200. Source of
// all: the constants and decoders of github.com/scmhub/ibapi, after IBKR's own
// clients.
const (
	inError         = 4
	inNextValidID   = 9
	inManagedAccts  = 15
	inCurrentTime   = 49
	inCurrentMillis = 109

	outReqIDs           = 8
	outReqManagedAccts  = 17
	outReqCurrentTime   = 49
	outStartAPI         = 71
	outReqCurrentMillis = 105

	protobufOffset = 200

	versionAdvancedReject    = 166 // errors carry a reject text
	versionErrorTime         = 194 // errors carry a time and no version
	versionRawID             = 201 // ids are 4 raw bytes; errors are protobuf
	versionProtobufAccounts  = 207
	versionProtobufHandshake = 213 // startApi, nextValidId, currentTime

	maxMessage = 0xFFFFFF // what clients accept: 16 MB less one byte
)

// A codec speaks the dialect of one server version.
type codec int

// frame puts the length in front, as every message has it.
func frame(payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...)
}

// unframe takes the first whole message off buf. It reports ok=false while the
// message is not complete, and an error where the length cannot be right.
func unframe(buf []byte) (payload, rest []byte, ok bool, err error) {
	if len(buf) < 4 {
		return nil, buf, false, nil
	}
	n := binary.BigEndian.Uint32(buf)
	if n == 0 || n > maxMessage {
		return nil, buf, false, fmt.Errorf("message length %d", int32(n))
	}
	if uint64(len(buf)) < 4+uint64(n) {
		return nil, buf, false, nil
	}
	return buf[4 : 4+n], buf[4+n:], true, nil
}

// text encodes fields that each end in a NUL, behind the id.
func (c codec) text(id int, fields ...string) []byte {
	var b []byte
	if c >= versionRawID {
		b = binary.BigEndian.AppendUint32(b, uint32(id))
	} else {
		fields = append([]string{strconv.Itoa(id)}, fields...)
	}
	for _, f := range fields {
		b = append(append(b, f...), 0)
	}
	return frame(b)
}

func protobuf(id int, body []byte) []byte {
	return frame(append(binary.BigEndian.AppendUint32(nil, uint32(id+protobufOffset)), body...))
}

// varintField and stringField encode one protobuf field. A negative number
// takes ten bytes there, hence the plain conversion.
func varintField(b []byte, field int, v int64) []byte {
	return binary.AppendUvarint(append(b, byte(field<<3)), uint64(v))
}

func stringField(b []byte, field int, s string) []byte {
	return append(binary.AppendUvarint(append(b, byte(field<<3|2)), uint64(len(s))), s...)
}

func (c codec) managedAccounts(account string) []byte {
	if c >= versionProtobufAccounts {
		return protobuf(inManagedAccts, stringField(nil, 1, account))
	}
	return c.text(inManagedAccts, "1", account)
}

func (c codec) nextValidID(id int64) []byte {
	if c >= versionProtobufHandshake {
		return protobuf(inNextValidID, varintField(nil, 1, id))
	}
	return c.text(inNextValidID, "1", strconv.FormatInt(id, 10))
}

func (c codec) currentTime(now time.Time) []byte {
	if c >= versionProtobufHandshake {
		return protobuf(inCurrentTime, varintField(nil, 1, now.Unix()))
	}
	return c.text(inCurrentTime, "1", strconv.FormatInt(now.Unix(), 10))
}

func (c codec) currentMillis(now time.Time) []byte {
	if c >= versionProtobufHandshake {
		return protobuf(inCurrentMillis, varintField(nil, 1, now.UnixMilli()))
	}
	return c.text(inCurrentMillis, strconv.FormatInt(now.UnixMilli(), 10))
}

// systemError is an error that belongs to no request: id -1.
func (c codec) systemError(now time.Time, code int, text string) []byte {
	number, millis := strconv.Itoa(code), strconv.FormatInt(now.UnixMilli(), 10)
	switch {
	case c >= versionRawID:
		b := varintField(nil, 1, -1)
		b = varintField(b, 2, now.UnixMilli())
		b = varintField(b, 3, int64(code))
		return protobuf(inError, stringField(b, 4, text))
	case c >= versionErrorTime:
		return c.text(inError, "-1", number, text, "", millis)
	case c >= versionAdvancedReject:
		return c.text(inError, "2", "-1", number, text, "")
	}
	return c.text(inError, "2", "-1", number, text)
}

// A request is what a client sent. Its fields are those of a text message, its
// body that of a protobuf one.
type request struct {
	id     int
	fields []string
	body   []byte
}

func (c codec) request(payload []byte) (request, error) {
	if c < versionRawID {
		fields := strings.Split(strings.TrimSuffix(string(payload), "\x00"), "\x00")
		id, err := strconv.Atoi(fields[0])
		return request{id: id, fields: fields[1:]}, err
	}
	if len(payload) < 4 {
		return request{}, fmt.Errorf("message of %d bytes has no id", len(payload))
	}
	id, body := int(binary.BigEndian.Uint32(payload)), payload[4:]
	if id > protobufOffset {
		return request{id: id - protobufOffset, body: body}, nil
	}
	return request{id: id, fields: strings.Split(strings.TrimSuffix(string(body), "\x00"), "\x00")}, nil
}

// clientID reads the client id of a startApi request.
func (r request) clientID() (int64, error) {
	if r.fields == nil {
		return varintOf(r.body, 1)
	}
	if len(r.fields) < 2 {
		return 0, fmt.Errorf("startApi has %d fields, not 2", len(r.fields))
	}
	return strconv.ParseInt(r.fields[1], 10, 64)
}

// varintOf looks a number up in a protobuf message; one that is missing is 0.
func varintOf(body []byte, field uint64) (int64, error) {
	for len(body) > 0 {
		key, n := binary.Uvarint(body)
		if n <= 0 {
			return 0, fmt.Errorf("broken protobuf message")
		}
		v, m := binary.Uvarint(body[n:])
		if m <= 0 || key&7 != 0 && key&7 != 2 {
			return 0, fmt.Errorf("broken protobuf message")
		}
		body = body[n+m:]
		if key>>3 == field && key&7 == 0 {
			return int64(v), nil
		}
		if key&7 == 2 {
			if v > uint64(len(body)) {
				return 0, fmt.Errorf("broken protobuf message")
			}
			body = body[v:]
		}
	}
	return 0, nil
}

// A hello is the first thing a client sends: "API", a NUL, and a framed range
// of versions, which options may follow.
type hello struct {
	low, high int
	size      int // in bytes
}

var helloPrefix = []byte("API\x00")

// parseHello reports ok=false while the hello is not complete.
func parseHello(buf []byte) (h hello, rest []byte, ok bool, err error) {
	n := min(len(buf), len(helloPrefix))
	if !bytes.Equal(buf[:n], helloPrefix[:n]) {
		return h, buf, false, fmt.Errorf("no API hello")
	}
	if len(buf) < len(helloPrefix) {
		return h, buf, false, nil
	}
	payload, rest, ok, err := unframe(buf[len(helloPrefix):])
	if !ok || err != nil {
		return h, buf, false, err
	}
	versions, _, _ := strings.Cut(string(payload), " ")
	low, high, ranged := strings.Cut(strings.TrimPrefix(versions, "v"), "..")
	if !ranged {
		high = low
	}
	if h.low, err = strconv.Atoi(low); err != nil {
		return h, buf, false, fmt.Errorf("hello %q has no versions", payload)
	}
	if h.high, err = strconv.Atoi(high); err != nil {
		return h, buf, false, fmt.Errorf("hello %q has no versions", payload)
	}
	h.size = len(buf) - len(rest)
	return h, rest, true, nil
}

// helloReply tells the version and the time of the connection, without an id.
func helloReply(version int, now time.Time) []byte {
	return frame([]byte(strconv.Itoa(version) + "\x00" + now.Format("20060102 15:04:05 MST") + "\x00"))
}
