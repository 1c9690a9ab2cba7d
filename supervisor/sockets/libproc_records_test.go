package sockets

import (
	"encoding/binary"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// macSocket is one socket as macOS's kernel tells of it. Offsets and numbers are
// written out, from bsd/sys/proc_info.h and not from the parser.
type macSocket struct {
	state          uint32 // TSI_S_…
	local, remote  string
	unread         uint32
	qlen, incqlen  int16
	generation     uint64
	versions, kind byte // INI_…, 0: as the addresses are; SOCKINFO_…, 0: TCP
}

// TSI_S_…
const (
	tsiListen      = 1
	tsiSynSent     = 2
	tsiEstablished = 4
	tsiCloseWait   = 5
	tsiFinWait1    = 6
	tsiClosing     = 7
	tsiLastAck     = 8
	tsiFinWait2    = 9
	tsiTimeWait    = 10
)

func (s macSocket) record() []byte {
	b := make([]byte, 792)
	le := binary.LittleEndian
	le.PutUint64(b[160:], 0xfeedfacecafe) // soi_so
	le.PutUint32(b[176:], 1)              // soi_type: SOCK_STREAM
	le.PutUint32(b[180:], 6)              // soi_protocol: IPPROTO_TCP
	le.PutUint16(b[194:], uint16(s.qlen))
	le.PutUint16(b[196:], uint16(s.incqlen))
	le.PutUint16(b[198:], 128) // soi_qlimit
	le.PutUint32(b[208:], s.unread)
	le.PutUint32(b[212:], 408300) // soi_rcv.sbi_hiwat
	le.PutUint32(b[232:], 99)     // soi_snd.sbi_cc
	le.PutUint32(b[256:], 2)      // soi_kind: SOCKINFO_TCP
	if s.kind != 0 {
		le.PutUint32(b[256:], uint32(s.kind))
	}
	le.PutUint64(b[272:], s.generation)
	le.PutUint32(b[184:], 2) // soi_family: AF_INET
	b[288] = 1               // INI_IPV4
	for _, end := range []struct {
		text              string
		portAt, addressAt int
	}{{s.remote, 264, 296}, {s.local, 268, 312}} {
		a := netip.MustParseAddrPort(end.text)
		binary.BigEndian.PutUint16(b[end.portAt:], a.Port())
		if a.Addr().Is4() {
			copy(b[end.addressAt+12:], a.Addr().AsSlice())
			continue
		}
		le.PutUint32(b[184:], 30) // AF_INET6
		b[288] = 2                // INI_IPV6
		copy(b[end.addressAt:], a.Addr().AsSlice())
	}
	if s.versions != 0 {
		le.PutUint32(b[184:], 30)
		b[288] = s.versions
	}
	le.PutUint32(b[344:], s.state)
	return b
}

func TestASocketInfoOfThePortsBecomesARow(t *testing.T) {
	const unspecified = "[::]:0"
	tests := []struct {
		name string
		in   macSocket
		want row // without a local address: none
	}{
		{"a listener on IPv4", macSocket{state: tsiListen, local: "127.0.0.1:4002", remote: "0.0.0.0:0"},
			row{local: addr("127.0.0.1:4002"), remote: addr("0.0.0.0:0"), state: listen}},
		{"a dual-stack listener, as Java's", macSocket{state: tsiListen, local: "[::]:4002", remote: unspecified, versions: 3},
			row{local: addr("[::]:4002"), remote: addr(unspecified), state: listen}},
		{"who waits to be accepted, but not who is not connected yet", macSocket{state: tsiListen, local: "[::]:4002", remote: unspecified, qlen: 5, incqlen: 2, unread: 7},
			row{local: addr("[::]:4002"), remote: addr(unspecified), state: listen, receiveQueue: 3}},
		{"an IPv4 connection of an IPv4 socket", macSocket{state: tsiEstablished, local: "127.0.0.1:4002", remote: "127.0.0.1:51234", qlen: 3},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51234"), state: established}},
		{"an IPv4 connection of a dual-stack listener", macSocket{state: tsiEstablished, local: "127.0.0.1:4002", remote: "127.0.0.1:51234", versions: 1},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51234"), state: established}},
		{"an address that is mapped into IPv6", macSocket{state: tsiEstablished, local: "[::ffff:127.0.0.1]:4002", remote: "[::ffff:10.0.0.7]:51234"},
			row{local: addr("127.0.0.1:4002"), remote: addr("10.0.0.7:51234"), state: established}},
		{"IPv6", macSocket{state: tsiEstablished, local: "[::1]:4002", remote: "[2001:db8::7]:51234"},
			row{local: addr("[::1]:4002"), remote: addr("[2001:db8::7]:51234"), state: established}},
		{"a client's end", macSocket{state: tsiEstablished, local: "127.0.0.1:51234", remote: "127.0.0.1:4002"},
			row{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: established}},
		{"CLOSE_WAIT with unread bytes: the FIN is none", macSocket{state: tsiCloseWait, local: "127.0.0.1:4002", remote: "127.0.0.1:51230", unread: 17},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51230"), state: closeWait, receiveQueue: 17}},
		{"a client that has closed its half", macSocket{state: tsiFinWait1, local: "127.0.0.1:51234", remote: "127.0.0.1:4002"},
			row{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: finWait}},
		{"and had it acknowledged", macSocket{state: tsiFinWait2, local: "127.0.0.1:51234", remote: "127.0.0.1:4002"},
			row{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: finWait}},
		{"the lower half of a port is not the port", macSocket{state: tsiListen, local: "127.0.0.1:41487", remote: "0.0.0.0:0"}, row{}}, // 0xa20f
		{"a port with the same digits first", macSocket{state: tsiListen, local: "127.0.0.1:40021", remote: "0.0.0.0:0"}, row{}},
		{"not connected yet", macSocket{state: tsiSynSent, local: "127.0.0.1:51234", remote: "127.0.0.1:4002"}, row{}},
		{"closing", macSocket{state: tsiClosing, local: "127.0.0.1:4002", remote: "127.0.0.1:51234"}, row{}},
		{"last ACK", macSocket{state: tsiLastAck, local: "127.0.0.1:4002", remote: "127.0.0.1:51234"}, row{}},
		{"TIME_WAIT", macSocket{state: tsiTimeWait, local: "127.0.0.1:4002", remote: "127.0.0.1:51234"}, row{}},
		{"bound, and no more", macSocket{local: "127.0.0.1:4002", remote: "0.0.0.0:0"}, row{}},
		{"UDP", macSocket{kind: 1, state: tsiEstablished, local: "127.0.0.1:4002", remote: "127.0.0.1:51234"}, row{}},
		{"a Unix socket", macSocket{kind: 3, state: tsiEstablished, local: "127.0.0.1:4002", remote: "127.0.0.1:51234"}, row{}},
	}
	for _, tt := range tests {
		tt.in.generation = 0x1234567890
		want := tt.want.local.IsValid()
		if want {
			tt.want.socket = 0x1234567890
		}
		got, ok, err := parseSocketInfo(tt.in.record(), []int{4001, 4002})
		if err != nil || ok != want || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %+v, %t, %v\nwant %+v, %t", tt.name, got, ok, err, tt.want, want)
		}
	}
}

// What does not have the layout is an error, also of a socket of another port:
// there is no telling whether it is one.
func TestASocketInfoOfAnotherLayoutIsAnError(t *testing.T) {
	good := macSocket{state: tsiListen, local: "127.0.0.1:80", remote: "0.0.0.0:0"}.record()
	change := func(at int, with ...byte) []byte {
		return slices.Replace(slices.Clone(good), at, at+len(with), with...)
	}
	watched := macSocket{state: tsiListen, local: "127.0.0.1:4002", remote: "0.0.0.0:0"}.record()
	watched[288] = 0
	for _, tt := range []struct {
		name, say string
		in        []byte
	}{
		{"nothing", "socket record of 0 bytes, want 792", nil},
		{"cut off", "socket record of 791 bytes, want 792", good[:791]},
		{"too long", "socket record of 793 bytes, want 792", append(slices.Clone(good), 0)},
		{"a state there is not", "unknown layout of a TCP socket's record (family 2, state 12)", change(344, 12)},
		{"a TCP socket of no internet", "unknown layout of a TCP socket's record (family 1, state 1)", change(184, 1)},
		{"a foreign port of more than 16 bits", "unknown layout", change(266, 1)},
		{"a local port of more than 16 bits", "unknown layout", change(271, 1)},
		{"neither IPv4 nor IPv6", "a TCP socket of no IP version", watched},
	} {
		got, ok, err := parseSocketInfo(tt.in, []int{4002})
		if err == nil || !strings.Contains(err.Error(), tt.say) || ok || !reflect.DeepEqual(got, row{}) {
			t.Errorf("%s: %+v, %t, %v; want %q", tt.name, got, ok, err, tt.say)
		}
	}
}

func TestLibprocsAnswerIsItsLowerHalfAndZeroIsAFailure(t *testing.T) {
	const junk = uintptr(0xdeadbeef) << 32 // a C int is the lower half of what comes back
	for _, tt := range []struct {
		n, errno uintptr
		bytes    int
		err      error
	}{
		{792, 0, 792, nil},
		{792, 3, 792, nil}, // of an earlier call
		{junk | 792, junk, 792, nil},
		{0, 3, 0, syscall.Errno(3)},
		{junk, junk | 1, 0, syscall.Errno(1)},
		{0, 0, 0, syscall.EIO},
		{0xffffffff, 1, 0, syscall.Errno(1)}, // -1
	} {
		if n, err := filledBytes(tt.n, tt.errno); n != tt.bytes || err != tt.err {
			t.Errorf("%#x with errno %#x: %d, %v; want %d, %v", tt.n, tt.errno, n, err, tt.bytes, tt.err)
		}
	}
}

func TestOnlySocketsAreTakenFromAListOfDescriptors(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []int
		say      string
	}{
		{"none", "", nil, ""},
		{"a file, two sockets, a pipe, a kqueue", "00000000 01000000  03000000 02000000  04000000 06000000  2c010000 02000000  05000000 05000000", []int{3, 300}, ""},
		{"guarded flags are not a type", "03000000 02000100", nil, ""},
		{"cut off", "03000000 02000000  04000000 0200", []int{3}, "6 trailing bytes after the last descriptor"},
		{"no descriptor", "ffffffff 02000000", nil, "descriptor -1 in the list of descriptors"},
	} {
		got, err := descriptorList.parse(unhex(t, tt.in), nil)
		if said := errorText(err); !slices.Equal(got, tt.want) || said != tt.say {
			t.Errorf("%s: %v, %q; want %v, %q", tt.name, got, said, tt.want, tt.say)
		}
	}
}

func TestAllButTheKernelAreTakenFromAListOfProcesses(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []int
		say      string
	}{
		{"none", "", nil, ""},
		{"two", "67120000 c8010000", []int{4711, 456}, ""},
		{"the kernel's own is none of ours", "00000000 c8010000", []int{456}, ""},
		{"cut off", "67120000 c801", []int{4711}, "2 trailing bytes after the last process"},
		{"no process", "feffffff", nil, "process -2 in the list of processes"},
	} {
		got, err := processList.parse(unhex(t, tt.in), nil)
		if said := errorText(err); !slices.Equal(got, tt.want) || said != tt.say {
			t.Errorf("%s: %v, %q; want %v, %q", tt.name, got, said, tt.want, tt.say)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func FuzzParseSocketInfo(f *testing.F) {
	f.Add(macSocket{state: tsiListen, local: "[::]:4002", remote: "[::]:0", versions: 3, qlen: -1, incqlen: 5}.record())
	f.Add(macSocket{state: tsiCloseWait, local: "127.0.0.1:4002", remote: "127.0.0.1:51230", unread: 1 << 31}.record())
	f.Add([]byte("short"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok, err := parseSocketInfo(b, []int{4002})
		switch {
		case !ok && !reflect.DeepEqual(r, row{}):
			t.Errorf("a row of nothing: %+v", r)
		case ok && (err != nil || r.state == other || r.receiveQueue < 0 || !r.local.IsValid() || !r.remote.IsValid()):
			t.Errorf("%+v, %v", r, err)
		case ok && r.local.Port() != 4002 && r.remote.Port() != 4002:
			t.Errorf("a socket of another port: %+v", r)
		}
	})
}

func FuzzDescriptorList(f *testing.F) {
	f.Add(unhex(f, "00000000 01000000  03000000 02000000"))
	f.Add([]byte("1234567"))
	f.Fuzz(func(t *testing.T, b []byte) {
		fds, err := descriptorList.parse(b, []int{7})
		if len(fds) == 0 || fds[0] != 7 || len(fds)-1 > len(b)/8 || slices.Min(fds) < 0 {
			t.Errorf("%v of %d bytes", fds, len(b))
		}
		if err == nil && len(b)%8 != 0 {
			t.Errorf("%d bytes are not whole", len(b))
		}
	})
}

func FuzzProcessList(f *testing.F) {
	f.Add(unhex(f, "67120000 c8010000"))
	f.Add([]byte("12345"))
	f.Fuzz(func(t *testing.T, b []byte) {
		pids, err := processList.parse(b, []int{7})
		if len(pids) == 0 || pids[0] != 7 || len(pids)-1 > len(b)/4 || slices.Min(pids) <= 0 {
			t.Errorf("%v of %d bytes", pids, len(b))
		}
		if err == nil && len(b)%4 != 0 {
			t.Errorf("%d bytes are not whole", len(b))
		}
	})
}

func TestTheWorkingFolderIsReadFromItsRecord(t *testing.T) {
	record := make([]byte, vnodePathInfoSize)
	copy(record[pathOffset:], "/Users/me/trading\x00rest")
	if got := parseWorkingFolder(record); got != "/Users/me/trading" {
		t.Errorf("%q", got)
	}
	for what, b := range map[string][]byte{"empty": nil, "shorter": record[:vnodePathInfoSize-1], "no folder": make([]byte, vnodePathInfoSize)} {
		if got := parseWorkingFolder(b); got != "" {
			t.Errorf("%s: %q", what, got)
		}
	}
}
