package ibc

import (
	"os"
	"syscall"
	"testing"

	"go.uber.org/goleak"

	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/simgateway"
)

// canary stands for every secret. It is in config.ini, as the password and the
// login, and in an environment variable, and must be seen nowhere else.
const canary = "canary-Zq7"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == LauncherCommand {
		syscall.Exit(Launcher(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == startOnly {
		syscall.Exit(startAndStay(os.Args[2]))
	}
	if len(os.Args) > 1 && os.Args[1] == simgateway.Command {
		// Not os.Exit, in which a race detector would wait for a second.
		syscall.Exit(simgateway.Main(os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Setenv("GATELIGHT_TEST_SECRET", canary)
	goleak.VerifyTestMain(m)
}

func thisMachine(t *testing.T) find.Machine {
	t.Helper()
	m, err := find.Here()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
