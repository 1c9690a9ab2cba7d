package sockets

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	psnet "github.com/shirou/gopsutil/v3/net"

	"gatelight/supervisor"
)

// newHostAssembler is an assembler on a machine with these addresses.
func newHostAssembler(r readerLimits, own ...string) *assembler {
	a := newAssembler(r)
	a.readOwn = func() ownAddresses {
		set := ownAddresses{}
		for _, o := range own {
			set[netip.MustParseAddr(o)] = true
		}
		return set
	}
	return a
}

// clientRow is a client's socket with an id of its own.
func clientRow(local, remote string, socket uint64) row {
	return row{local: addr(local), remote: addr(remote), state: established, socket: socket, owner: trader}
}

func TestAConnectedClientContradictsThatNobodyListens(t *testing.T) {
	for name, client := range map[string][2]string{
		"over loopback":                         {"127.0.0.1:51234", "127.0.0.1:4002"},
		"over another loopback address":         {"127.0.0.1:51234", "127.0.0.53:4002"},
		"over IPv6":                             {"[::1]:51234", "[::1]:4002"},
		"over IPv4 mapped into IPv6":            {"[::ffff:127.0.0.1]:51234", "[::ffff:127.0.0.1]:4002"},
		"to this machine's own address":         {"192.168.1.5:51234", "192.168.1.5:4002"},
		"from one own address to another":       {"172.17.0.1:51234", "192.168.1.5:4002"},
		"to an own address of IPv6":             {"[2001:db8::5]:51234", "[2001:db8::5]:4002"},
		"to a link-local address, with a zone":  {"[fe80::5%eth0]:51234", "[fe80::5%eth0]:4002"},
		"to an own address, mapped into IPv6":   {"[::ffff:192.168.1.5]:51234", "[::ffff:192.168.1.5]:4002"},
		"from a port that is an API port, too":  {"127.0.0.1:4001", "127.0.0.1:4002"},
		"with another Gateway's server in rows": {"127.0.0.1:51300", "127.0.0.1:4002"},
	} {
		local, remote := addr(client[0]), addr(client[1])
		rows := []row{
			{local: addr("127.0.0.1:4001"), remote: addr("127.0.0.1:51300"), state: established, owner: java},
			{local: unmapped(local.Addr(), local.Port()), remote: unmapped(remote.Addr(), remote.Port()), state: established, owner: trader},
		}
		a := newHostAssembler(readerLimits{reader: "netlink"}, "192.168.1.5", "172.17.0.1", "2001:db8::5", "fe80::5")
		v := a.table(rows, []int{4001, 4002}, noon).Ports[4002]
		if v.Hidden == "" || !slices.Equal(v.Blind, []string{"who listens, and the Gateway's own clients and zombies"}) {
			t.Errorf("%s: hidden %q, blind %q", name, v.Hidden, v.Blind)
		}
	}
}

func TestNothingElseContradictsThatNobodyListens(t *testing.T) {
	const client, server = "127.0.0.1:51234", "127.0.0.1:4002"
	in := func(state tcpState, local, remote string) row {
		return row{local: addr(local), remote: addr(remote), state: state, owner: trader}
	}
	for name, rows := range map[string][]row{
		"no row at all":                              nil,
		"a Gateway that has closed its listener":     {in(established, client, server), in(established, server, client)},
		"a Gateway that has just ended":              {in(established, client, server), in(finWait, server, client)},
		"an end in another state":                    {in(established, client, server), in(other, server, client)},
		"a client that is told of the end":           {in(closeWait, client, server)},
		"a client that has closed":                   {in(finWait, client, server)},
		"a connection that is over, or not made yet": {in(other, client, server)},
		"a socket that is connected to itself":       {in(established, server, server)},
		"a Gateway on another machine":               {in(established, "192.168.1.5:51234", "192.168.1.9:4002")},
		"the same over IPv6":                         {in(established, "[2001:db8::5]:51234", "[2001:db8::9]:4002")},
		"a container's own address":                  {in(established, "172.17.0.1:51234", "172.17.0.2:4002")},
		"an address that this machine has lost":      {in(established, "10.8.0.2:51234", "10.8.0.2:4002")},
		"another port":                               {in(established, client, "127.0.0.1:4001")},
		"a port that begins with the same digits":    {in(established, client, "127.0.0.1:40021")},
		"a server's socket of a remote client":       {in(established, server, "192.168.1.9:51234")},
		"a zombie whose client has gone":             {in(closeWait, server, client)},
	} {
		a := newHostAssembler(readerLimits{reader: "netlink"}, "192.168.1.5", "172.17.0.1", "2001:db8::5")
		if v := a.table(rows, []int{4002}, noon).Ports[4002]; v.Hidden != "" || v.Blind != nil {
			t.Errorf("%s: hidden %q, blind %q", name, v.Hidden, v.Blind)
		}
	}
}

func TestAListenerThatIsSeenIsNotHidden(t *testing.T) {
	for _, listener := range []string{"[::]:4002", "0.0.0.0:4002", "[::1]:4002"} {
		rows := []row{{local: addr(listener), state: listen, owner: java}, clientRow("127.0.0.1:51234", "127.0.0.1:4002", 80)}
		if v := viewOf(rows, 4002); v.Hidden != "" || v.Listener == nil {
			t.Errorf("%s: %+v", listener, v)
		}
	}
}

// An ended Gateway's socket may be gone before the client's: it was never
// accepted, or no process holds it any more, and the reader sees only what
// processes hold. The client stays ESTABLISHED while it does not read.
func TestAClientOfAListenerThatHasEndedProvesNoOther(t *testing.T) {
	a := newHostAssembler(readerLimits{reader: "libproc", ownOnly: true})
	listener := row{local: addr("[::]:4002"), remote: addr("[::]:0"), state: listen, owner: java}
	client, late := clientRow("127.0.0.1:51234", "127.0.0.1:4002", 80), clientRow("127.0.0.1:51240", "127.0.0.1:4002", 81)
	again := clientRow("127.0.0.1:51234", "127.0.0.1:4002", 99) // the same addresses, another socket
	for second, step := range []struct {
		what   string
		ports  []int
		rows   []row
		hidden bool
	}{
		{"it listens", []int{4001, 4002}, []row{listener, client}, false},
		{"its listener is gone", []int{4001, 4002}, []row{client}, false},
		{"the client stays", []int{4001, 4002}, []row{client}, false},
		{"a look at other ports", []int{4001}, nil, false},
		{"the client still stays", []int{4002}, []row{client}, false},
		{"somebody else connects", []int{4002}, []row{client, late}, true},
		{"and leaves", []int{4002}, []row{client}, false},
		{"all have left", []int{4002}, nil, false},
		{"a new one comes from the same port", []int{4002}, []row{again}, true},
	} {
		v := a.table(step.rows, step.ports, noon.Add(time.Duration(second)*time.Second)).Ports[4002]
		if (v.Hidden != "") != step.hidden {
			t.Errorf("%s: hidden %q, want %v", step.what, v.Hidden, step.hidden)
		}
	}
	if len(a.served) != 0 {
		t.Errorf("it remembers who has left: %v", a.served)
	}
}

// What a container behind address translation leaves in the table of its host
// (Docker with "userland-proxy": false and -p 4002:4004): the client's socket, and
// no other. Each reader sees it, and says where the Gateway may be.
func TestEveryReaderSeesThatAListenerIsHidden(t *testing.T) {
	const local, remote = "127.0.0.1:51234", "127.0.0.1:4002"
	answer := append(diagSocket{inet6, kernelEstablished, "[::ffff:127.0.0.1]:51234", "[::ffff:127.0.0.1]:4002", 0, 80}.message(),
		message(netlinkDone, multi, asked, status(0))...)
	netlink, _, err := parseDiag(answer, asked, nil)
	if err != nil {
		t.Fatal(err)
	}
	lsof, err := parseLsof("p456\ncpython3\nf4\nn" + local + "->" + remote + "\nTST=ESTABLISHED\nTQR=0\nTQS=0\n")
	if err != nil {
		t.Fatal(err)
	}
	windows := iphlpapiRows([]psnet.ConnectionStat{{Laddr: psnet.Addr{IP: "127.0.0.1", Port: 51234},
		Raddr: psnet.Addr{IP: "127.0.0.1", Port: 4002}, Status: "ESTABLISHED", Pid: 456}}, []int{4002})
	mac, ok, err := parseSocketInfo(connected(local, 80).record(), []int{4002})
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	const others = "it may be another user's, or in a container or a virtual machine; run Gatelight where it runs"
	for _, tt := range []struct {
		limits readerLimits
		rows   []row
		want   string
	}{
		{readerLimits{reader: "netlink"}, netlink, "it may be in a container or a virtual machine, or in Windows if this is WSL; run Gatelight there"},
		{readerLimits{reader: "iphlpapi"}, windows, "it may be in WSL, a container or a virtual machine; run Gatelight there"},
		{readerLimits{reader: "libproc", ownOnly: true}, []row{mac}, others},
		{readerLimits{reader: "lsof", ownOnly: true}, lsof, others},
	} {
		if v := newHostAssembler(tt.limits).table(tt.rows, []int{4002}, noon).Ports[4002]; v.Hidden != tt.want {
			t.Errorf("%s: %q, want %q", tt.limits.reader, v.Hidden, tt.want)
		}
	}
}

func TestTheInterfacesAreReadOnlyForAClientOfTheirAddress(t *testing.T) {
	reads := 0
	a := newAssembler(readerLimits{reader: "netlink"})
	a.readOwn = func() ownAddresses { reads++; return readOwnAddresses() }
	a.table([]row{clientRow("127.0.0.1:51234", "127.0.0.1:4002", 80)}, []int{4002}, noon)
	a.table([]row{{local: addr("[::]:4002"), state: listen}, clientRow("192.0.2.5:51234", "192.0.2.5:4002", 80)}, []int{4002}, noon)
	if reads != 0 {
		t.Errorf("they were read %d times without need", reads)
	}
	a.table([]row{clientRow("192.0.2.5:51235", "192.0.2.5:4002", 81), clientRow("192.0.2.5:51236", "192.0.2.5:4002", 82)}, []int{4002}, noon)
	if reads != 1 {
		t.Errorf("they were read %d times in a look", reads)
	}
	if own := readOwnAddresses(); !own[netip.MustParseAddr("127.0.0.1")] {
		t.Errorf("this machine's addresses: %v", own)
	}
}

func TestWithoutTheInterfacesAConnectionToItsOwnAddressCounts(t *testing.T) {
	a := newAssembler(readerLimits{reader: "netlink"})
	a.readOwn = func() ownAddresses { return nil } // they cannot be read
	for remote, hidden := range map[string]bool{"192.168.1.5:4002": true, "192.168.1.9:4002": false} {
		v := a.table([]row{clientRow("192.168.1.5:51234", remote, 80)}, []int{4002}, noon).Ports[4002]
		if (v.Hidden != "") != hidden {
			t.Errorf("%s: hidden %q, want %v", remote, v.Hidden, hidden)
		}
	}
}

// A scriptedReader gives one table after the other, and then an error.
type scriptedReader struct {
	hidden []string // of port 4002, look by look
	looks  int
}

func (*scriptedReader) Reader() string { return "netlink" }

func (r *scriptedReader) Look(context.Context, []int) (supervisor.Table, error) {
	r.looks++
	if r.looks > len(r.hidden) {
		return supervisor.Table{}, errors.New("no answer in time")
	}
	return supervisor.Table{At: time.Now(), Ports: map[int]supervisor.PortView{4002: {Hidden: r.hidden[r.looks-1]}}}, nil
}

// The end of a connection takes a moment from one end to the other. A Gateway
// that ends in the middle of a look is down, and not hidden.
func TestAListenerIsHiddenOnlyIfTheTableSaysSoTwice(t *testing.T) {
	const there = "in a container"
	for _, tt := range []struct {
		name   string
		tables []string
		looks  []string // what each look says; "!": it fails
		reads  int
		takes  time.Duration
	}{
		{"never", []string{"", ""}, []string{"", ""}, 2, 0},
		{"for a moment", []string{there, "", ""}, []string{"", ""}, 3, rereadAfter},
		{"hidden", []string{there, there, there, there}, []string{there, there, there}, 4, rereadAfter},
		{"hidden again", []string{there, there, "", there, there}, []string{there, "", there}, 5, 2 * rereadAfter},
		{"cannot be read again", []string{there}, []string{"!"}, 2, rereadAfter},
	} {
		synctest.Test(t, func(t *testing.T) {
			script := &scriptedReader{hidden: tt.tables}
			reader, begin := newSystemReader(script), time.Now()
			for i, want := range tt.looks {
				table, err := reader.Look(t.Context(), []int{4002})
				if got := table.Ports[4002].Hidden; got != want && (want != "!" || err == nil) {
					t.Errorf("%s: look %d says %q, %v; want %q", tt.name, i, got, err, want)
				}
			}
			if script.looks != tt.reads || time.Since(begin) != tt.takes {
				t.Errorf("%s: %d readings in %v, want %d in %v", tt.name, script.looks, time.Since(begin), tt.reads, tt.takes)
			}
		})
	}
}

func TestALookThatEndsBeforeTheSecondReadingIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := newSystemReader(&scriptedReader{hidden: []string{"in a container", "in a container"}})
		ctx, cancel := context.WithTimeout(t.Context(), rereadAfter/2)
		defer cancel()
		if table, err := reader.Look(ctx, []int{4002}); !errors.Is(err, context.DeadlineExceeded) || table.Ports != nil {
			t.Errorf("%+v, %v", table, err)
		}
	})
}
