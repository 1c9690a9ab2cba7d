package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// Promise 1 holds for the doctor, too: it looks at the port, and nobody comes.
func TestDoctorLeavesNoFootprint(t *testing.T) {
	api := listenAPI(t, silent)
	_, port, _ := net.SplitHostPort(api.Addr().String())
	s := newSite(t, "paper")
	s.write("config.toml", fmt.Sprintf("[[gateway]]\nport = %s\nibc.config = '%s/paper.ini'\n", port, s.dir))
	s.env.desktop = func(context.Context) (bool, error) { return false, nil }
	s.env.showAlert = func(context.Context, string, string) error { return nil }
	s.env.inspectAlerts = func(context.Context) (supervisor.AlertReport, error) { return supervisor.AlertReport{}, nil }
	s.env.stderr = io.Discard
	status := run([]string{"doctor", "--json"}, s.env)
	// Connections are accepted in their order: one of ours comes after any other.
	conn, err := net.Dial("tcp4", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	testkit.Eventually(t, "our own connection is accepted", func() bool { return len(api.calls()) > 0 })
	if calls := api.calls(); len(calls) != 1 {
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
