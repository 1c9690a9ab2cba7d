package monitor

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"gatelight/supervisor"
)

// The child has pipes for descriptors, a process group of its own, and no
// environment that could leak.
func TestChildSharesNothingWithItsParent(t *testing.T) {
	t.Setenv("GATELIGHT_TEST_SECRET", "hush")
	srv := serve(t, func(p *peer) { p.handshake(213); p.asked(); p.tell(); p.untilClosed() })
	tr := open(t, "monitor-child", srv.port)
	await[supervisor.HeartbeatAnswered](tr, 1)
	pid := tr.pid()
	for fd := range 3 {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
		if err != nil || !strings.HasPrefix(target, "pipe:") {
			t.Errorf("descriptor %d is %s (%v)", fd, target, err)
		}
	}
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("process group %d (%v), want %d", group, err, pid)
	}
	env, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range strings.FieldsFunc(string(env), func(r rune) bool { return r == 0 }) {
		name, _, _ := strings.Cut(pair, "=")
		if !strings.Contains(" PATH HOME TMPDIR LANG ", " "+name+" ") {
			t.Errorf("the child's environment has %s", name)
		}
	}
}

// A child per Gateway must cost next to nothing. Measured 9.8 MB resident, of
// which 1.7 MB are its own and the rest is the program's text, shared with the
// parent.
func TestChildUsesLittleMemory(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(p *peer) { p.handshake(213); p.asked(); p.tell(); p.untilClosed() })
	tr := open(t, "monitor-child", srv.port)
	await[supervisor.HeartbeatAnswered](tr, 1)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", tr.pid()))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kB int
		if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &kB); n == 1 && kB > 8<<10 {
			t.Errorf("%d kB of its own", kB)
		}
	}
}

// Not parallel: other tests open descriptors, and they wait for this one.
func TestSessionsLeaveNoDescriptorOpen(t *testing.T) {
	srv := serve(t, func(p *peer) { p.untilClosed() })
	session := func(mode string) {
		tr := openWith(t, Options{Exe: childExe, Args: []string{mode}, Port: srv.port})
		tr.pid()
		tr.close()
	}
	failed := func() {
		if why := Run(t.Context(), Options{Exe: "/nonexistent", Port: 4002}, nil); !strings.HasPrefix(why, "cannot start ") {
			t.Fatalf("started what does not exist: %s", why)
		}
	}
	round := func() { session("mute"); session("panic"); session("garbage"); failed() }
	round() // the runtime opens some at first use, and keeps them
	before := descriptors(t)
	for range 5 {
		round()
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
