package sockets

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// unhex reads bytes as a person writes them: spaced, with a remark behind "|".
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var digits strings.Builder
	for line := range strings.Lines(text) {
		bytes, _, _ := strings.Cut(line, "|")
		digits.WriteString(strings.Join(strings.Fields(bytes), ""))
	}
	b, err := hex.DecodeString(digits.String())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// littleEndian skips what is written down byte for byte where it would be
// swapped. The systems that are built for are all little-endian.
func littleEndian(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the golden bytes are little-endian")
	}
}

// A comparison of the filter has eight bytes: the operation (1 byte), how many
// bytes further the next one is when it holds (1) and when it does not (2), and
// the port (2) behind two empty ones. A jump has the first four alone. 4002 is
// 0fa2.
const (
	filter4002 = `
02 08 14 00  00 00 a2 0f | source port >= 4002, else 20 on, to the destination
03 08 0c 00  00 00 a2 0f | source port <= 4002, else 12 on, to the destination
01 04 14 00              | matched: 20 on, which is the end
04 08 14 00  00 00 a2 0f | destination port >= 4002, else 20 on: 4 past the end, no match
05 08 0c 00  00 00 a2 0f | destination port <= 4002, else 12 on: 4 past the end
`
	filter4001and4002 = `
02 08 14 00  00 00 a1 0f | source port >= 4001
03 08 0c 00  00 00 a1 0f | source port <= 4001
01 04 3c 00              | matched: 60 on, which is the end
04 08 14 00  00 00 a1 0f | destination port >= 4001
05 08 0c 00  00 00 a1 0f | destination port <= 4001
01 04 28 00              | matched: 40 on
02 08 14 00  00 00 a2 0f | source port >= 4002
03 08 0c 00  00 00 a2 0f | source port <= 4002
01 04 14 00              | matched: 20 on
04 08 14 00  00 00 a2 0f | destination port >= 4002, else past the end
05 08 0c 00  00 00 a2 0f | destination port <= 4002, else past the end
`
)

func TestDiagRequestHasTheBytesThatTheKernelReads(t *testing.T) {
	littleEndian(t)
	const body = ` 00 00 00 00 | any family, prefix lengths and extensions: none
00 00 00 00  00000000 00000000 00000000 00000000  00000000 00000000 00000000 00000000  00000000  00000000 00000000 | any socket
32 05 00 00 | the states 1, 4, 5, 8 and 10: ESTABLISHED, FIN_WAIT1 and 2, CLOSE_WAIT, LISTEN
00 00 00 00 | dbs, unused
`
	for _, tt := range []struct {
		name  string
		ports []int
		want  string
	}{
		{"one port", []int{4002}, `
74 00 00 00  12 00  01 03  07 00 00 00  00 00 00 00 | 116 bytes, TCPDIAG_GETSOCK, request and dump, sequence 7, from whoever
` + body + `
28 00 01 00 | an attribute of 40 bytes: INET_DIAG_REQ_BYTECODE
` + filter4002},
		{"two ports", []int{4001, 4002}, `
9c 00 00 00  12 00  01 03  07 00 00 00  00 00 00 00 | 156 bytes
` + body + `
50 00 01 00 | an attribute of 80 bytes
` + filter4001and4002},
	} {
		if got, want := diagRequest(tt.ports, 7), unhex(t, tt.want); !slices.Equal(got, want) {
			t.Errorf("%s:\n%s, want\n%s", tt.name, hex.Dump(got), hex.Dump(want))
		}
	}
}

// runFilter is what the kernel does with a filter (inet_diag_bc_run).
func runFilter(t *testing.T, program []byte, source, destination int) bool {
	t.Helper()
	rest := len(program)
	for rest > 0 {
		op := program[len(program)-rest:]
		holds := true
		switch port := func() int { return int(binary.NativeEndian.Uint16(op[6:])) }; op[0] {
		case opJump:
			holds = false
		case opSrcMin:
			holds = source >= port()
		case opSrcMax:
			holds = source <= port()
		case opDstMin:
			holds = destination >= port()
		case opDstMax:
			holds = destination <= port()
		default:
			t.Fatalf("operation %d", op[0])
		}
		if holds {
			rest -= int(op[1])
		} else {
			rest -= int(binary.NativeEndian.Uint16(op[2:]))
		}
	}
	return rest == 0 // 4 past the end is no match
}

func TestDiagFilterMatchesExactlyThePorts(t *testing.T) {
	for _, ports := range [][]int{{4002}, {4001, 4002}, {1, 4002, 7497, 65535}} {
		program := diagFilter(ports)
		for _, near := range append([]int{400, 4000, 40021, 51234}, ports...) {
			for source := near - 1; source <= near+1; source++ {
				for _, destination := range []int{1, 2, 4001, 4002, 4003, 40020, 65535} {
					want := slices.Contains(ports, source) || slices.Contains(ports, destination)
					if got := runFilter(t, program, source, destination); got != want {
						t.Errorf("ports %v: a socket from %d to %d: %t", ports, source, destination, got)
					}
				}
			}
		}
	}
}

// diagSocket is one socket as the kernel reports it.
type diagSocket struct {
	family, state byte
	local, remote string
	queue, inode  uint32
}

// message is the netlink message around body.
func message(kind, flags uint16, sequence uint32, body []byte) []byte {
	var b []byte
	b = binary.NativeEndian.AppendUint32(b, uint32(netlinkHeader+len(body)))
	b = binary.NativeEndian.AppendUint16(b, kind)
	b = binary.NativeEndian.AppendUint16(b, flags)
	b = binary.NativeEndian.AppendUint32(b, sequence)
	b = binary.NativeEndian.AppendUint32(b, 0)
	b = append(b, body...)
	return append(b, make([]byte, -len(b)&3)...)
}

const (
	inet4, inet6 = 2, 10 // AF_INET, AF_INET6
	multi        = 2     // NLM_F_MULTI
	interrupted  = 0x10  // NLM_F_DUMP_INTR
	asked        = 7     // the sequence number of the question

	cookie  = 0x1234567890 // of every socket here
	someone = 501          // whose they are
)

func (s diagSocket) body() []byte {
	b := make([]byte, diagMessageSize)
	b[0], b[1] = s.family, s.state
	for i, text := range []string{s.local, s.remote} {
		a := netip.MustParseAddrPort(text)
		binary.BigEndian.PutUint16(b[4+2*i:], a.Port())
		copy(b[8+16*i:], a.Addr().AsSlice()) // IPv4 fills the first of four words
	}
	binary.NativeEndian.PutUint32(b[56:], s.queue)
	binary.NativeEndian.PutUint32(b[44:], cookie&0xffffffff)
	binary.NativeEndian.PutUint32(b[48:], cookie>>32)
	binary.NativeEndian.PutUint32(b[64:], someone)
	binary.NativeEndian.PutUint32(b[68:], s.inode)
	return b
}

func (s diagSocket) message() []byte { return message(diagGetSock, multi, asked, s.body()) }

func status(errno int32) []byte { return binary.NativeEndian.AppendUint32(nil, uint32(errno)) }

func addr(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

func TestARecordOfTheKernelBecomesARow(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   diagSocket
		want row
	}{
		{"IPv4", diagSocket{inet4, kernelEstablished, "127.0.0.1:4002", "127.0.0.1:51234", 0, 77},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51234"), state: established, inode: 77}},
		{"IPv6", diagSocket{inet6, kernelEstablished, "[::1]:4002", "[2001:db8::7]:51234", 0, 77},
			row{local: addr("[::1]:4002"), remote: addr("[2001:db8::7]:51234"), state: established, inode: 77}},
		{"IPv4 mapped into IPv6 is IPv4", diagSocket{inet6, kernelEstablished, "[::ffff:127.0.0.1]:4002", "[::ffff:10.0.0.7]:51234", 0, 77},
			row{local: addr("127.0.0.1:4002"), remote: addr("10.0.0.7:51234"), state: established, inode: 77}},
		{"a listener's queue is its backlog", diagSocket{inet6, kernelListen, "[::]:4002", "[::]:0", 3, 70},
			row{local: addr("[::]:4002"), remote: addr("[::]:0"), state: listen, receiveQueue: 3, inode: 70}},
		{"CLOSE_WAIT with unread bytes", diagSocket{inet4, kernelCloseWait, "127.0.0.1:4002", "127.0.0.1:51230", 18, 78},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51230"), state: closeWait, receiveQueue: 17, inode: 78}},
		{"inode 0 was never accepted", diagSocket{inet4, kernelCloseWait, "127.0.0.1:4002", "127.0.0.1:51230", 18, 0},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51230"), state: closeWait, receiveQueue: 17, queued: true}},
		{"a listener is never queued", diagSocket{inet4, kernelListen, "127.0.0.1:4002", "0.0.0.0:0", 0, 0},
			row{local: addr("127.0.0.1:4002"), remote: addr("0.0.0.0:0"), state: listen}},
		{"a client that has closed its half", diagSocket{inet4, kernelFinWait2, "127.0.0.1:51234", "127.0.0.1:4002", 0, 77},
			row{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: finWait, inode: 77}},
		{"a client that has gone", diagSocket{inet4, kernelFinWait2, "127.0.0.1:51234", "127.0.0.1:4002", 0, 0},
			row{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: finWait}},
		{"another state is nobody's concern", diagSocket{inet4, 9, "127.0.0.1:4002", "127.0.0.1:51234", 0, 77},
			row{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51234"), inode: 77}},
	} {
		tt.want.socket, tt.want.user = cookie, someone
		rows, done, err := parseDiag(tt.in.message(), asked, nil)
		if err != nil || done || len(rows) != 1 || !reflect.DeepEqual(rows[0], tt.want) {
			t.Errorf("%s: %+v, %t, %v\nwant %+v", tt.name, rows, done, err, tt.want)
		}
	}
}

func TestADumpIsReadToItsEndOrIsAnError(t *testing.T) {
	socket := diagSocket{inet4, kernelListen, "127.0.0.1:4002", "0.0.0.0:0", 0, 70}
	two := slices.Concat(socket.message(), socket.message())
	tests := []struct {
		name string
		in   []byte
		rows int
		done bool
		err  string // what it says; "" for none
	}{
		{"an empty datagram", nil, 0, false, ""},
		{"two sockets, and more to come", two, 2, false, ""},
		{"the end", message(netlinkDone, multi, asked, status(0)), 0, true, ""},
		{"sockets and the end in one", slices.Concat(two, message(netlinkDone, multi, asked, status(0))), 2, true, ""},
		{"an end without a status", message(netlinkDone, multi, asked, nil), 0, true, ""},
		{"an end with a failure", message(netlinkDone, multi, asked, status(-12)), 0, true, "errno 12"},
		{"what comes after the end does not count", slices.Concat(message(netlinkDone, multi, asked, status(0)), two), 0, true, ""},
		{"a refusal", message(netlinkError, 0, asked, status(-22)), 0, true, "the kernel refused the request\nerrno 22"},
		{"a refusal without a reason", message(netlinkError, 0, asked, nil), 0, true, "the kernel refused the request"},
		{"the table changed meanwhile", message(diagGetSock, multi|interrupted, asked, socket.body()), 0, true, "the table changed while it was read"},
		{"the table changed, said at the end", slices.Concat(two, message(netlinkDone, multi|interrupted, asked, status(0))), 2, true, "the table changed while it was read"},
		{"cut off in a socket", two[:len(two)-1], 1, false, "netlink message of 88 bytes in 87"},
		{"cut off in a header", two[:len(two)-80], 1, false, "8 trailing bytes after the last netlink message"},
		{"a socket without its end", message(diagGetSock, multi, asked, socket.body()[:40]), 0, false, "socket record of 40 bytes, want 72"},
		{"a message shorter than its header", unhex(t, "0f000000 12000200 07000000 00000000"), 0, false, "netlink message of 15 bytes in 16"},
		{"trailing bytes", slices.Concat(two, []byte{1, 2, 3}), 2, false, "3 trailing bytes after the last netlink message"},
		{"the answer to another question", slices.Concat(message(diagGetSock, multi, asked-1, socket.body()),
			message(netlinkDone, multi, asked-1, status(0)), socket.message()), 1, false, ""},
		{"a kind that says nothing", message(1, 0, asked, nil), 0, false, ""},
		{"attributes behind a socket", message(diagGetSock, multi, asked, slices.Concat(socket.body(), []byte{5, 0, 8, 0, 0})), 1, false, ""},
	}
	for _, tt := range tests {
		if strings.HasPrefix(tt.name, "a message shorter") && binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
			continue
		}
		rows, done, err := parseDiag(tt.in, asked, nil)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if len(rows) != tt.rows || done != tt.done || said != tt.err {
			t.Errorf("%s: %d rows, done %t, %q; want %d rows, done %t, %q", tt.name, len(rows), done, said, tt.rows, tt.done, tt.err)
		}
	}
}

// A datagram comes from the kernel, but a wrong offset would be ours.
func FuzzParseDiag(f *testing.F) {
	socket := diagSocket{inet6, kernelCloseWait, "[::ffff:127.0.0.1]:4002", "[::ffff:127.0.0.1]:51234", 18, 0}
	end := message(netlinkDone, multi, asked, status(0))
	f.Add(slices.Concat(socket.message(), end))
	f.Add(message(netlinkError, 0, asked, status(-2147483648)))
	f.Add(socket.message()[:50])
	f.Fuzz(func(t *testing.T, b []byte) {
		before := []row{{inode: 1}}
		rows, _, err := parseDiag(b, asked, before)
		if most := 1 + len(b)/(netlinkHeader+diagMessageSize); len(rows) > most {
			t.Errorf("%d rows from %d bytes", len(rows), len(b))
		}
		if len(rows) == 0 || rows[0].inode != 1 {
			t.Errorf("the rows of an earlier datagram are gone: %+v", rows)
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without a word")
		}
	})
}
