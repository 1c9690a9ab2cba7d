package sockets

import (
	"reflect"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// What lsof 4.95 prints (the listener's address as on macOS) of a dual-stack listener with one client, in another
// process, and five bytes that it has not read.
const lsofOutput = `p4711
cjava
f71
d0x90ab05d7680704af
n*:4002
TST=LISTEN
TQR=1
TQS=0
f72
n127.0.0.1:4002->127.0.0.1:51234
TST=ESTABLISHED
TQR=5
TQS=0
f73
n[::1]:4002->[::1]:51230
TST=CLOSE_WAIT
TQR=18
TQS=0
p456
cpython3
f4
n127.0.0.1:51234->127.0.0.1:4002
TST=ESTABLISHED
TQR=0
TQS=0
f5
n127.0.0.1:51250->127.0.0.1:4002
TST=FIN_WAIT2
TQR=0
TQS=0
`

func TestWhatLsofPrintsBecomesRows(t *testing.T) {
	java, python := supervisor.Process{PID: 4711, Name: "java"}, supervisor.Process{PID: 456, Name: "python3"}
	want := []row{
		{local: addr("0.0.0.0:4002"), state: listen, receiveQueue: 1, socket: 0x90ab05d7680704af, owner: java},
		{local: addr("127.0.0.1:4002"), remote: addr("127.0.0.1:51234"), state: established, receiveQueue: 5, owner: java},
		{local: addr("[::1]:4002"), remote: addr("[::1]:51230"), state: closeWait, receiveQueue: 18, owner: java},
		{local: addr("127.0.0.1:51234"), remote: addr("127.0.0.1:4002"), state: established, owner: python},
		{local: addr("127.0.0.1:51250"), remote: addr("127.0.0.1:4002"), state: finWait, owner: python},
	}
	got, err := parseLsof(lsofOutput)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\n%+v, want\n%+v", err, got, want)
	}
}

// Wherever the output is cut, it is an error or a whole number of sockets, and
// none without a state: a listener must not get lost on the way.
func TestNoListenerGetsLostWhereLsofIsCutOff(t *testing.T) {
	for n := range len(lsofOutput) {
		rows, err := parseLsof(lsofOutput[:n])
		if err != nil {
			continue
		}
		whole := strings.Count(lsofOutput[:n], "TST=")
		if sockets := strings.Count(lsofOutput[:n], "\nf"); len(rows) != whole || sockets != whole {
			t.Errorf("cut after %q: %d rows and no error", lsofOutput[max(0, n-20):n], len(rows))
		}
	}
}

func TestWhatLsofNeverPrintsIsAnError(t *testing.T) {
	for _, tt := range []struct{ name, in, err string }{
		{"no last newline", "p4711\ncjava\nf71\nn*:4002\nTST=LIS", "the output is cut off"},
		{"a socket without addresses", "p4711\nf71\nTST=LISTEN\n", "the output is cut off: a socket without addresses"},
		{"a socket without a state", "p4711\nf71\nn*:4002\n", "the output is cut off: a socket without a state"},
		{"a pid that is none", "pjava\n", `line 1, "pjava": strconv.Atoi`},
		{"a port that is a name", "p4711\nf71\nn*:newoak\nTST=LISTEN\n", `line 3, "n*:newoak": strconv.ParseUint`},
		{"a port that is none", "p4711\nf71\nn*:400200\nTST=LISTEN\n", `line 3, "n*:400200": strconv.ParseUint`},
		{"an address that is a name", "p4711\nf71\nnlocalhost:4002->localhost:51234\nTST=LISTEN\n", `line 3, "nlocalhost:4002->localhost:51234": ParseAddr`},
		{"half a connection", "p4711\nf71\nn127.0.0.1:4002->\nTST=LISTEN\n", `line 3, "n127.0.0.1:4002->": not an ip:port`},
		{"a queue that is none", "p4711\nf71\nn*:4002\nTST=LISTEN\nTQR=many\n", `line 5, "TQR=many": strconv.Atoi`},
		{"a socket before its process", "f71\nn*:4002\nTST=LISTEN\n", `line 1, "f71": a socket before its process`},
		{"a field before its socket", "p4711\nn*:4002\n", `line 2, "n*:4002": a field before its socket`},
		{"a field nobody asked for", "p4711\nf71\nn*:4002\nTST=LISTEN\nuroot\n", `line 5, "uroot": an unknown field`},
		{"the table for people", "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME\n", `line 1, "COMMAND PID USER FD TYPE DEVICE SIZE/OFF NODE NAME"`},
		{"something else altogether", "Segmentation fault\n", `line 1, "Segmentation fault"`},
	} {
		rows, err := parseLsof(tt.in)
		if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
			t.Errorf("%s: %+v, %v; want the error %s", tt.name, rows, err, tt.err)
		}
	}
}

func FuzzParseLsof(f *testing.F) {
	f.Add(lsofOutput)
	f.Add("p1\nf1\nn[fe80::1%lo0]:4002->[fe80::2%lo0]:1\nTST=CLOSED\n")
	f.Add("\n\np\nf\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := parseLsof(text)
		if err != nil && len(rows) > 0 {
			t.Errorf("rows together with the error %v", err)
		}
		if sockets := strings.Count("\n"+text, "\nf"); len(rows) > sockets {
			t.Errorf("%d rows of %d sockets", len(rows), sockets)
		}
		for _, r := range rows {
			if !r.local.IsValid() {
				t.Errorf("a row without an address: %+v", r)
			}
		}
	})
}
