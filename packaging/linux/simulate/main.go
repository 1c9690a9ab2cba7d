// Command simulate installs a simulated Gateway below a folder, and prints the
// settings for it. The test of the packages has no other Gateway to start.
package main

import (
	"fmt"
	"os"

	"gatelight/supervisor/simgateway"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: simulate FOLDER GATELIGHT")
		os.Exit(64)
	}
	const port, commandPort = 4002, 7462 // the machine of the test has no other program
	l, err := simgateway.Install(os.Args[1], os.Args[2], simgateway.Options{
		APIPort: port, CommandServerPort: commandPort, LoginID: "simulated", Password: "simulated",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
	fmt.Printf("[[gateway]]\nport = %d\n\n[gateway.ibc]\npath = %q\nconfig = %q\ntws_path = %q\ntws_settings_path = %q\nversion = %q\n",
		port, l.IBCPath, l.Config, l.TWSPath, l.TWSSettingsPath, l.Version)
}
