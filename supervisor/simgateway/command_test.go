//go:build unix

package simgateway

import (
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestCommandServerAnswersAsIBCDoes(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	for _, tc := range []struct{ send, want string }{
		{"EXIT\n", "OK Goodbye\n"},
		{"exit\r\n", "OK Goodbye\n"},
		{"RECONNECTDATA\nRECONNECTACCOUNT\nEXIT\n", "OK \nOK \nOK Goodbye\n"},
		{"EnableApi\nEXIT\n", "ERROR ENABLEAPI is not valid for the IB Gateway\nOK Goodbye\n"},
		{"DANCE\n\nSTOP NOW\n STOP\nEXIT\n", "ERROR Command invalid\nERROR Command invalid\nERROR Command invalid\nOK Goodbye\n"},
	} {
		if got := h.command(tc.send); got != tc.want {
			t.Errorf("%q: got %q, want %q", tc.send, got, tc.want)
		}
	}
	h.waitForLog("CommandServer: invalid command received: DANCE", 1)
}

func TestAHangingGatewayAcknowledgesStop(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{IgnoreStop: true})
	if got, want := h.command("STOP\n"), "OK Shutting down: STOP command\n"; got != want {
		t.Errorf("STOP: %q, want %q", got, want)
	}
	h.waitForLog("Login has completed: exiting via [File, Close] menu", 1)
	h.login(1) // still there
}

// editConfig changes a line of config.ini.
func (h *harness) editConfig(from, to string) {
	h.t.Helper()
	ini, err := os.ReadFile(h.layout.Config)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(h.layout.Config, []byte(strings.ReplaceAll(string(ini), from, to)), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) startWithDefaults() {
	h.t.Helper()
	h.start(h.layout.Version, "-g", "--tws-path="+h.layout.TWSPath, "--tws-settings-path="+h.layout.TWSSettingsPath, "--ibc-path="+h.layout.IBCPath, "--ibc-ini="+h.layout.Config, "--mode=paper")
}

func TestCommandsFromOtherAddressesAreDenied(t *testing.T) {
	t.Parallel()
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has no IPv6: ", err)
		}
		t.Skip("no IPv6 here: ", err)
	}
	probe.Close()
	h := install(t, Options{})
	h.editConfig("BindAddress=127.0.0.1", "BindAddress=")
	h.startWithDefaults()
	h.waitForLog(configured, 1)
	conn, err := net.Dial("tcp6", "[::1]:"+strconv.Itoa(h.opts.CommandServerPort))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	client{t, conn.(*net.TCPConn)}.wantsEnd()
	h.waitForLog("CommandServer denied access to: /0:0:0:0:0:0:0:1", 1)
	if got := h.command("EXIT\n"); got != "OK Goodbye\n" {
		t.Errorf("from 127.0.0.1: %q", got)
	}
}

func TestIBCRunsWithoutItsCommandServerWhenThePortIsTaken(t *testing.T) {
	t.Parallel()
	h := install(t, Options{})
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(h.opts.CommandServerPort))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	h.startWithDefaults()
	h.waitForLog(configured, 1)
	h.wantInOrder("An exception has occurred:", "CommandServer failed to create socket", "CommandServer cannot process commands", "Login has completed")
}

func TestCommandServerIsOffByDefault(t *testing.T) {
	t.Parallel()
	h := install(t, Options{})
	h.editConfig("CommandServerPort="+strconv.Itoa(h.opts.CommandServerPort), "CommandServerPort=0")
	h.startWithDefaults()
	h.waitForLog("CommandServer is not started because the port is not configured", 1)
	h.waitForLog(configured, 1)
}
