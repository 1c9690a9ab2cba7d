// Package simgateway is a simulated IB Gateway with IBC in front of it: real
// processes, real sockets, real bytes, and no connection to IBKR whatsoever.
// The demo shows it, and the tests of everything else run against it.
//
// Like the real thing it is two processes. The launcher plays ibcstart.sh; it
// starts "java", which plays the Java process that holds IBC and the Gateway.
// Both are the program that calls [Main], run again with the hidden arguments
// "simgateway launch" and "simgateway java", so that a process list shows what
// they are. [Install] lays out an IBC release whose ibcstart.sh starts the
// launcher; [Control] plays the hand that approves, cuts links and breaks
// things.
//
// A test binary becomes its own simulated Gateway with three lines in TestMain:
//
//	if len(os.Args) > 1 && os.Args[1] == simgateway.Command {
//		os.Exit(simgateway.Main(os.Args[2:], os.Stdout, os.Stderr))
//	}
//
// The argument rather than the environment decides, because a supervisor hands
// IBC an environment of its own making.
package simgateway

import (
	"fmt"
	"io"
)

// Command is the program's argument in front of those of [Main].
const Command = "simgateway"

// banner is the first thing in every log, so that nobody takes it for a real
// one.
const banner = "SIMULATED Gateway: not connected to IBKR"

const exitUsage = 64 // EX_USAGE of sysexits.h

// Main plays the part that args name: launch, java or probe. It returns the
// exit status; on Unix the kernel keeps only its low byte, as with real IBC.
func Main(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		return usage(stderr)
	}
	switch args[0] {
	case "launch":
		return launchMain(args[1:], stdout, stderr)
	case "java":
		return javaMain(args[1:], stdout, stderr)
	case "probe":
		return probeMain(args[1:], stdout, stderr)
	}
	return usage(stderr)
}

func usage(stderr io.Writer) int {
	fmt.Fprintln(stderr, "usage: simgateway launch|java|probe ARGUMENTS…")
	return exitUsage
}
