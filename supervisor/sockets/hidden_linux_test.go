package sockets

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// hostAddress is this machine's own address in a new network (TEST-NET-1).
const hostAddress = "192.0.2.5"

// inNewNetwork runs f on a thread that has a network of its own, with loopback
// and hostAddress and nothing else. The thread ends with f.
func inNewNetwork(t *testing.T, f func()) {
	t.Helper()
	entered, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: nobody else may get this thread
		err := errors.Join(unix.Unshare(unix.CLONE_NEWNET), setUpLoopback())
		entered <- err
		if err == nil {
			f()
		}
	}()
	needsRoot(t, <-entered)
	<-done
}

func setUpLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	second, err := unix.NewIfreq("lo:1")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return errors.Join(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo),
		second.SetInet4Addr(net.ParseIP(hostAddress).To4()), unix.IoctlIfreq(fd, unix.SIOCSIFADDR, second))
}

// The real thing: the kernel translates the port to another one, as it does to a
// container's. The client's row is all that is left on the port.
func TestAPortBehindAddressTranslationIsHidden(t *testing.T) {
	var impossible error
	inNewNetwork(t, func() {
		if impossible = redirect(4002, 4004); impossible == nil {
			for _, host := range []string{"127.0.0.1", hostAddress} {
				useTranslatedPort(t, host, 4002, 4004)
			}
		}
	})
	if impossible != nil {
		t.Skip("this kernel does not translate addresses (nf_tables): ", impossible)
	}
}

func useTranslatedPort(t *testing.T, host string, port, behind int) {
	reader := New()
	check := func(when string, hidden bool) {
		v := look(t, reader, port).Ports[port]
		if (v.Hidden != "") != hidden || v.Listener != nil || len(v.Peers) != 0 {
			t.Errorf("%s, %s: %+v", host, when, v)
		}
	}
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", behind))
	if err != nil {
		t.Error(err)
		return
	}
	defer l.Close()
	check("nobody is connected", false)
	client, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		t.Error(err)
		return
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		t.Error(err)
		return
	}
	defer server.Close()
	check("a client is connected", true)
	check("it stays", true)
	server.Close()
	testkit.Eventually(t, "the client is told", func() bool { return len(look(t, reader, port).Ports[port].StaleClients) == 1 })
	check("the Gateway there has ended", false)
}

func TestKernelSeesAClientWithoutAServer(t *testing.T) {
	hosts := []string{"127.0.0.1", "127.0.0.53", "::1"}
	for own := range readOwnAddresses() { // this machine's, too, if it has one
		if own.Is4() && !own.IsLoopback() {
			hosts = append(hosts, own.String())
			break
		}
	}
	for _, host := range hosts {
		a, port := netip.MustParseAddr(host), testkit.Port(t)
		testkit.ConnectWithoutServer(t, netip.AddrPortFrom(a, 0), netip.AddrPortFrom(a, uint16(port)))
		v := look(t, New(), port).Ports[port]
		if v.Hidden == "" || v.Listener != nil {
			t.Errorf("%s: %+v", host, v)
		}
	}
	far, port := netip.MustParseAddr("192.0.2.9"), testkit.Port(t) // TEST-NET-1: nobody's
	testkit.ConnectWithoutServer(t, netip.AddrPortFrom(netip.IPv4Unspecified(), 0), netip.AddrPortFrom(far, uint16(port)))
	if v := look(t, New(), port).Ports[port]; v.Hidden != "" {
		t.Errorf("a Gateway on another machine: %+v", v)
	}
}

// However a Gateway is killed, no look takes it for hidden.
func TestAKilledGatewayIsNeverHidden(t *testing.T) {
	var slowest time.Duration
	for round := range 8 {
		behaviour := []string{"never closes", "never accepts"}[round%2]
		server, port := startServer(t, behaviour)
		clients := startClient(t, "trader")
		text := []string{"", " hello"}[round/2%2] // what is not read makes a reset of its end
		for range 24 {
			clients.do("connect 127.0.0.1:%d%s", port, text)
		}
		reader := New()
		look(t, reader, port)
		begin := time.Now()
		if err := server.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		testkit.Eventually(t, "nobody listens", func() bool {
			v := look(t, reader, port).Ports[port]
			wantNotHidden(t, behaviour, v)
			// Another reader knows nothing of before, as a command without a service.
			wantNotHidden(t, behaviour+", seen by a new reader", look(t, New(), port).Ports[port])
			return v.Listener == nil
		})
		slowest = max(slowest, time.Since(begin))
	}
	t.Logf("from the signal to a look that sees it: %v at most", slowest)
}

func wantNotHidden(t *testing.T, what string, v supervisor.PortView) {
	t.Helper()
	if v.Hidden != "" {
		t.Errorf("%s: hidden: %+v", what, v)
	}
}

// A client that reads nothing is never told that its Gateway has ended: what was
// sent before stands in the way. The Gateway's socket waits with it.
func TestAKilledGatewayIsNotHiddenByAClientThatDoesNotRead(t *testing.T) {
	server, port := startServer(t, "floods")
	client := startClient(t, "trader")
	client.do("connect 127.0.0.1:%d", port)
	reader := New()
	testkit.Eventually(t, "a full queue", func() bool { return server.do("flooded") == "true" })
	look(t, reader, port)
	server.end()
	testkit.Eventually(t, "nobody listens", func() bool { return look(t, reader, port).Ports[port].Listener == nil })
	for _, r := range []supervisor.SocketReader{reader, New()} {
		v := look(t, r, port).Ports[port]
		wantNotHidden(t, "a client that does not read", v)
		if len(v.StaleClients) != 0 {
			t.Errorf("it was told after all: %+v", v)
		}
	}
}
