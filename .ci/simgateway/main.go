// Simgateway is the simulated Gateway as a program of its own, for tests: it is
// called as gatelight is, with "simgateway" in front, and starts in a third of
// the time.
package main

import (
	"os"

	"gatelight/supervisor/simgateway"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != simgateway.Command {
		os.Exit(64)
	}
	os.Exit(simgateway.Main(os.Args[2:], os.Stdout, os.Stderr))
}
