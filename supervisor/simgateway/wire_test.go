package simgateway

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

// bytesOf reads a picture of bytes: hex, with "text" in quotes and blanks where
// they help. A \0 in the text is a NUL.
func bytesOf(t *testing.T, picture string) []byte {
	t.Helper()
	var b []byte
	for i, part := range strings.Split(picture, `"`) {
		if i%2 == 1 {
			b = append(b, strings.ReplaceAll(part, `\0`, "\x00")...)
			continue
		}
		raw, err := hex.DecodeString(strings.ReplaceAll(part, " ", ""))
		if err != nil {
			t.Fatalf("picture %q: %v", picture, err)
		}
		b = append(b, raw...)
	}
	return b
}

func TestMessagesToTheClient(t *testing.T) {
	now := time.UnixMilli(1700000000123)
	for _, tc := range []struct {
		what    string
		version codec
		got     func(codec) []byte
		want    string
	}{
		{"managedAccounts", 176, func(c codec) []byte { return c.managedAccounts("DU1234567") }, `0000000f "15\01\0DU1234567\0"`},
		{"managedAccounts", 201, func(c codec) []byte { return c.managedAccounts("DU1234567") }, `00000010 0000000f "1\0DU1234567\0"`},
		{"managedAccounts", 213, func(c codec) []byte { return c.managedAccounts("DU1234567") }, `0000000f 000000d7 0a09 "DU1234567"`},
		{"nextValidId", 187, func(c codec) []byte { return c.nextValidID(1) }, `00000006 "9\01\01\0"`},
		{"nextValidId", 212, func(c codec) []byte { return c.nextValidID(1) }, `00000008 00000009 "1\01\0"`},
		{"nextValidId", 213, func(c codec) []byte { return c.nextValidID(1) }, `00000006 000000d1 0801`},
		{"currentTime", 187, func(c codec) []byte { return c.currentTime(now) }, `00000010 "49\01\01700000000\0"`},
		{"currentTime", 201, func(c codec) []byte { return c.currentTime(now) }, `00000011 00000031 "1\01700000000\0"`},
		{"currentTime", 213, func(c codec) []byte { return c.currentTime(now) }, `0000000a 000000f9 0880e2cfaa06`},
		{"currentTimeInMillis", 200, func(c codec) []byte { return c.currentMillis(now) }, `00000012 "109\01700000000123\0"`},
		{"2104", 165, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `00000010 "4\02\0-1\02104\0msg\0"`},
		{"2104", 166, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `00000011 "4\02\0-1\02104\0msg\0\0"`},
		{"2104", 193, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `00000011 "4\02\0-1\02104\0msg\0\0"`},
		{"2104", 194, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `0000001d "4\0-1\02104\0msg\0\01700000000123\0"`},
		{"2104", 200, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `0000001d "4\0-1\02104\0msg\0\01700000000123\0"`},
		{"2104", 201, func(c codec) []byte { return c.systemError(now, 2104, "msg") }, `0000001e 000000cc 08ffffffffffffffffff01 10fbd095ffbc31 18b810 2203 "msg"`},
	} {
		if got, want := tc.got(tc.version), bytesOf(t, tc.want); !bytes.Equal(got, want) {
			t.Errorf("%s at %d:\n got %x\nwant %x", tc.what, tc.version, got, want)
		}
	}
}

func TestMessagesFromTheClient(t *testing.T) {
	for _, tc := range []struct {
		version codec
		payload string
	}{
		{165, `"71\02\013\0\0"`},
		{200, `"71\02\013\0\0"`},
		{201, `00000047 "2\013\0\0"`},
		{212, `00000047 "2\013\0\0"`},
		{213, `0000010f 080d`},
		{225, `0000010f 1203 "abc" 080d`}, // capabilities in front
	} {
		r, err := tc.version.request(bytesOf(t, tc.payload))
		if err != nil || r.id != outStartAPI {
			t.Fatalf("startApi at %d: %+v, %v", tc.version, r, err)
		}
		if id, err := r.clientID(); id != 13 || err != nil {
			t.Errorf("startApi at %d: client id %d, %v", tc.version, id, err)
		}
	}
}

func TestBrokenRequestsAreErrors(t *testing.T) {
	for _, body := range []string{"08", "0a05 61", "0d 00000000", "ff"} {
		if id, err := varintOf(bytesOf(t, body), 1); err == nil {
			t.Errorf("%s: got %d", body, id)
		}
	}
	if _, err := codec(213).request([]byte{1, 2}); err == nil {
		t.Error("a message without an id passed")
	}
	if _, err := codec(187).request([]byte("x")); err == nil {
		t.Error("a message without a number passed")
	}
}

func TestHelloIsParsedWhenComplete(t *testing.T) {
	whole := bytesOf(t, `"API\0" 00000009 "v100..187"`)
	for n := range whole {
		if _, _, ok, err := parseHello(whole[:n]); ok || err != nil {
			t.Fatalf("after %d bytes: %v, %v", n, ok, err)
		}
	}
	for _, tc := range []struct {
		picture   string
		low, high int
	}{
		{`"API\0" 00000009 "v100..187"`, 100, 187},
		{`"API\0" 00000017 "v157..178 +PACEAPI opts"`, 157, 178},
		{`"API\0" 00000004 "v100"`, 100, 100},
	} {
		h, rest, ok, err := parseHello(append(bytesOf(t, tc.picture), 'x'))
		if !ok || err != nil || h.low != tc.low || h.high != tc.high || string(rest) != "x" {
			t.Errorf("%s: %+v, rest %q, %v, %v", tc.picture, h, rest, ok, err)
		}
	}
	for _, bad := range []string{`"GET / HTTP/1.1"`, `"API\0" 7fffffff`, `"API\0" 00000003 "abc"`, `"API\0" 00000006 "v1..xy"`} {
		if _, _, ok, err := parseHello(bytesOf(t, bad)); ok || err == nil {
			t.Errorf("%s passed", bad)
		}
	}
}
