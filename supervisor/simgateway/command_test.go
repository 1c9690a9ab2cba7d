//go:build unix

package simgateway

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestCommandServer(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	for _, tc := range []struct{ send, want string }{
		{"EXIT\n", "OK Goodbye\n"},
		{"exit\r\n", "OK Goodbye\n"},
		{"RECONNECTDATA\nRECONNECTACCOUNT\nEXIT\n", "OK \nOK \nOK Goodbye\n"},
		{"EnableApi\nEXIT\n", "ERROR ENABLEAPI is not valid for the IB Gateway\nOK Goodbye\n"},
		{"DANCE\n\nSTOP NOW\n STOP\nEXIT\n", "ERROR Command invalid\nERROR Command invalid\nERROR Command invalid\nOK Goodbye\n"},
	} {
		if got := r.command(tc.send); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.send, got, tc.want)
		}
	}
	r.sees("CommandServer: invalid command received: DANCE", 1)
}

func TestHangingGatewayAcknowledgesStop(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{IgnoreStop: true})
	r.sees(configured, 1)
	if got, want := r.command("STOP\n"), "OK Shutting down: STOP command\n"; got != want {
		t.Errorf("STOP: %q, want %q", got, want)
	}
	r.sees("Login has completed: exiting via [File, Close] menu", 1)
	r.login(1) // still there
}

// edit changes a line of config.ini.
func (r *rig) edit(from, to string) {
	r.t.Helper()
	ini, err := os.ReadFile(r.layout.Config)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.layout.Config, []byte(strings.ReplaceAll(string(ini), from, to)), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) startPlain() {
	r.t.Helper()
	r.start(r.layout.Version, "-g", "--tws-path="+r.layout.TWSPath, "--tws-settings-path="+r.layout.TWSSettingsPath, "--ibc-path="+r.layout.IBCPath, "--ibc-ini="+r.layout.Config, "--mode=paper")
}

func TestStrangersAreTurnedAway(t *testing.T) {
	t.Parallel()
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has no IPv6: ", err)
		}
		t.Skip("no IPv6 here: ", err)
	}
	probe.Close()
	r := install(t, Options{})
	r.edit("BindAddress=127.0.0.1", "BindAddress=")
	r.startPlain()
	r.sees(configured, 1)
	conn, err := net.Dial("tcp6", "[::1]:"+strconv.Itoa(r.opts.CommandServerPort))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client{t, conn.(*net.TCPConn)}.ends()
	r.sees("CommandServer denied access to: /0:0:0:0:0:0:0:1", 1)
	if got := r.command("EXIT\n"); got != "OK Goodbye\n" {
		t.Errorf("from 127.0.0.1: %q", got)
	}
}

func TestCommandServerPortTaken(t *testing.T) {
	t.Parallel()
	r := install(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(r.opts.CommandServerPort))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r.startPlain()
	r.sees(configured, 1)
	r.inOrder("An exception has occurred:", "CommandServer failed to create socket", "CommandServer cannot process commands", "Login has completed")
}

func TestCommandServerIsOffByDefault(t *testing.T) {
	t.Parallel()
	r := install(t, Options{})
	r.edit("CommandServerPort="+strconv.Itoa(r.opts.CommandServerPort), "CommandServerPort=0")
	r.startPlain()
	r.sees("CommandServer is not started because the port is not configured", 1)
	r.sees(configured, 1)
}
