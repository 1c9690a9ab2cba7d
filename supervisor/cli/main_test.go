package cli

import (
	"os"
	"testing"

	"gatelight/supervisor/monitor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/sockets"
)

// asGatelight makes the test binary the program itself.
const asGatelight = "as-gatelight"

// TestMain lets the test binary be its own child processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case monitorChild:
			os.Exit(monitor.Child(os.Args[2:], os.Stdin, os.Stdout))
		case socketsChild:
			os.Exit(sockets.Child(os.Stdin, os.Stdout))
		case simulated:
			os.Exit(simgateway.Main(os.Args[2:], os.Stdout, os.Stderr))
		case asGatelight:
			os.Exit(Main(os.Args[2:], Face{}))
		}
	}
	os.Exit(m.Run())
}
