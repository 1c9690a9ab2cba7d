//go:build linux

package fakedesktop

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// config is all a session bus needs. There are no service directories, so that
// nothing installed on the machine can be started over this bus, and no
// included files, so that it behaves the same on every machine.
const config = `<busconfig>
  <type>session</type>
  <listen>unix:path=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

const noDaemon = `the tray is tested on a real D-Bus, and dbus-daemon was not found: %v
Install it: "dbus-daemon" on Debian, Ubuntu and Fedora, "dbus" on Arch and Alpine.`

// A bus is a dbus-daemon, one life after the other at the same address.
type bus struct {
	address string
	program string
	file    string // its configuration
	process *os.Process
	ended   chan struct{} // closed when the daemon is gone
}

// startBus returns when the daemon listens. The daemon is killed at the end of
// the test, and by the kernel if the test's process is.
func startBus(t testing.TB) *bus {
	t.Helper()
	program, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Fatalf(noDaemon, err)
	}
	dir := shortDir(t)
	file := filepath.Join(dir, "bus.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, config, filepath.Join(dir, "bus")), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &bus{program: program, file: file}
	b.start(t)
	t.Cleanup(b.kill)
	return b
}

func (b *bus) start(t testing.TB) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()

	var complaint bytes.Buffer
	cmd := exec.Command(b.program, "--config-file="+b.file, "--nofork", "--nopidfile", "--nosyslog", "--print-address")
	cmd.Stdout, cmd.Stderr = in, &complaint
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ended := make(chan struct{})
	started := make(chan error)
	go func() {
		defer close(ended)
		// Pdeathsig means the death of the thread that forked. This one does
		// nothing else until the daemon has ended.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait() // killed: the status says nothing new
		}
	}()
	err = <-started
	in.Close()
	if err != nil {
		t.Fatalf("cannot start %s: %v", b.program, err)
	}
	b.process, b.ended = cmd.Process, ended

	out.SetReadDeadline(time.Now().Add(patience))
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.kill()
		t.Fatalf("%s gave no address: %v\n%s", b.program, err, &complaint)
	}
	b.address, _, _ = strings.Cut(strings.TrimSpace(line), ",guid=") // each life has a guid of its own
}

// kill returns when the daemon is gone. It can be called again.
func (b *bus) kill() {
	b.process.Kill() // the one error is that it has ended
	<-b.ended
}

var plain = regexp.MustCompile(`^[-0-9A-Za-z_/.]{1,60}$`)

// shortDir is a directory whose sockets fit into the 108 bytes of a socket
// address, and whose name needs no escaping in a bus address. t.TempDir, which
// contains the test's name, is neither.
func shortDir(t testing.TB) string {
	t.Helper()
	base := os.TempDir()
	if !plain.MatchString(base) {
		base = "/tmp"
	}
	dir, err := os.MkdirTemp(base, "desktop")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
