package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
)

// Promise 1 holds for the doctor, too: it looks at the port, and nobody comes.
func TestDoctorLeavesNoFootprint(t *testing.T) {
	api := listenAPI(t, silent)
	_, port, _ := net.SplitHostPort(api.Addr().String())
	s := newSite(t, "paper")
	s.write("config.toml", fmt.Sprintf("[[gateway]]\nport = %s\nibc.config = '%s/paper.ini'\n", port, s.dir))
	s.env.face = Face{
		Desktop: func(context.Context) (bool, error) { return false, nil },
		Notify:  func(context.Context, string, string) error { return nil },
	}
	s.env.stderr = io.Discard
	status := run([]string{"doctor", "--json"}, s.env)
	// Connections are accepted in their order: one of ours comes after any other.
	conn, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for deadline := time.Now().Add(10 * time.Second); len(api.heard()) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("not even our own connection came")
		}
		<-time.After(time.Millisecond)
	}
	if calls := api.heard(); len(calls) != 1 {
		t.Errorf("%d connections to the API port besides ours: %+v", len(calls)-1, calls)
	}
	var page struct {
		Schema   int
		Healthy  bool
		Sections []struct {
			Results []struct{ Check, Text string }
		}
	}
	if err := json.Unmarshal([]byte(s.out.String()), &page); err != nil || page.Schema != 1 || len(page.Sections) != 5 {
		t.Fatalf("%v, %+v", err, page)
	}
	if (status == exitOK) != page.Healthy || status != exitFailed { // there is a config.ini and no IBC
		t.Errorf("exit status %d, healthy %t", status, page.Healthy)
	}
}

// With a Gateway that runs: its command server is greeted, it is not disturbed, and
// neither the page nor the logs tell its login.
func TestDoctorOfARunningGateway(t *testing.T) {
	s := newStage(t, simgateway.Options{})
	s.open()
	s.must(supervisor.Start)
	before := s.is(supervisor.Connected, "")
	path := filepath.Join(s.dir, "config.toml")
	if err := os.WriteFile(path, []byte(s.settings()), 0o600); err != nil {
		t.Fatal(err)
	}
	paths := s.paths()
	paths.Settings, paths.Named = path, true
	tell := func(args ...string) string {
		out := &lockedBuffer{}
		run(args, env{ctx: t.Context(), stdout: out, stderr: out, paths: paths, face: Face{
			Desktop: func(context.Context) (bool, error) { return false, nil },
		}})
		if strings.Contains(out.String(), canary) {
			t.Errorf("%q tell a secret:\n%s", args, out)
		}
		return out.String()
	}
	page := tell("doctor")
	for _, line := range []string{
		fmt.Sprintf("✔ it is running, and answers at %s", paths.Socket()),
		fmt.Sprintf("✔ IBC's command server answers on port %d", s.command),
		fmt.Sprintf("(process %d) listens on port %d", before.Listener.Process.PID, s.port),
		"✔ IB Gateway " + s.sim.Version,
	} {
		if !strings.Contains(page, line) {
			t.Errorf("%q is not in\n%s", line, page)
		}
	}
	if logs := tell("logs"); !strings.Contains(logs, "IBC paper | ") || !strings.Contains(logs, "Login has completed") || !strings.Contains(logs, "gatelight | ") {
		t.Errorf("logs:\n%s", logs)
	}
	after := s.is(supervisor.Connected, "")
	if after.Process.PID != before.Process.PID || !after.Since.Equal(before.Since) || len(after.Zombies) != 0 ||
		slices.ContainsFunc(after.Clients, func(c supervisor.Client) bool { return !c.Self }) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}
