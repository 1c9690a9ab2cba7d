package cli

import (
	"bytes"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

// A client that is connected to a port on which nobody is seen to listen: the
// Gateway is somewhere else, and its state is not known from here.
func TestStatusOfAHiddenGatewayIsUnknown(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), testkit.Port(t)
	file := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("[[gateway]]\nname = 'paper'\nport = %d\n", port)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := settings.Paths{Settings: file, Named: true, State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}
	gatelight := func(command string) (exit int, stdout, stderr string) {
		var out, err bytes.Buffer
		exit = run(strings.Fields(command), env{ctx: t.Context(), stdout: &out, stderr: &err, paths: paths})
		return exit, out.String(), err.String()
	}
	if exit, out, err := gatelight("status"); exit != 2 || !strings.Contains(out, "Nobody listens") {
		t.Errorf("nobody is connected: exit status %d, %s%s", exit, out, err)
	}

	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	testkit.ConnectWithoutServer(t, netip.AddrPortFrom(loopback, 0), netip.AddrPortFrom(loopback, uint16(port)))
	exit, out, stderr := gatelight("status")
	if exit != exitUnknown || !strings.Contains(out, "hidden from here") || strings.Contains(out, "Nobody listens") {
		t.Errorf("exit status %d, %s%s", exit, out, stderr)
	}
	if exit, out, err := gatelight("status --json"); exit != exitUnknown || !strings.Contains(out, `"state": "unknown"`) {
		t.Errorf("as JSON: exit status %d, %s%s", exit, out, err)
	}
	if exit, out, err := gatelight("zombies"); exit != exitUnknown || !strings.Contains(out, "Cannot be seen from here: who listens") {
		t.Errorf("zombies: exit status %d, %s%s", exit, out, err)
	}
}

// A service does not start a second Gateway beside a hidden one.
func TestAHiddenGatewayIsNotStartedAgain(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), testkit.Port(t)
	file, err := settings.Parse("config.toml", fmt.Appendf(nil,
		"[[gateway]]\nname = 'paper'\nport = %d\nkeep_running = true\nibc.path = '%s'\n", port, dir))
	if err != nil {
		t.Fatal(err)
	}
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	testkit.ConnectWithoutServer(t, netip.AddrPortFrom(loopback, 0), netip.AddrPortFrom(loopback, uint16(port)))
	s := startTestService(t, file, sockets.New(), nil)
	g := await(t, s, "a look", func(g supervisor.Snapshot) bool { return strings.Contains(g.Why, "hidden from here") })
	if g.State != supervisor.Unknown {
		t.Errorf("%s: %s", g.State, g.Why)
	}
	if err := s.Do(t.Context(), "paper", supervisor.Start); err == nil {
		t.Error("the start of a second Gateway was accepted")
	} else {
		t.Log(err)
	}
}
