// Gatelight is the traffic light of an Interactive Brokers Gateway in the menu
// bar, and the one place every script on the machine asks about it.
package main

import (
	"os"

	"gatelight/supervisor/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
