package testkit

import (
	"errors"
	"net/netip"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// ConnectWithoutServer makes a client's socket that is ESTABLISHED until the test
// ends, although nobody listens at the server's address and no packet is sent:
// what address translation leaves in the table of a container's host. It takes
// TCP_REPAIR, by which running programs are moved between machines, and root.
func ConnectWithoutServer(t testing.TB, client, server netip.AddrPort) {
	t.Helper()
	family := unix.AF_INET
	if server.Addr().Is6() {
		family = unix.AF_INET6
	}
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) }) // still under repair: nothing is sent
	err = unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_REPAIR, 1)
	switch {
	case errors.Is(err, unix.ENOPROTOOPT), err != nil && os.Getenv("CI") != "true":
		t.Skip("no socket can be repaired here (TCP_REPAIR): ", err)
	case err != nil:
		t.Fatal("CI must run this as root: ", err)
	}
	if err := errors.Join(unix.Bind(fd, sockaddr(client)), unix.Connect(fd, sockaddr(server))); err != nil {
		t.Fatal(err)
	}
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}
