// Childmain is the program that the tests run as the monitor's child: Child itself, or a child that misbehaves.
package main

import (
	"bytes"
	"fmt"
	"os"

	"gatelight/supervisor/monitor"
)

func main() {
	switch os.Args[1] {
	case "monitor-child":
		os.Exit(monitor.Child(os.Args[2:], os.Stdin, os.Stdout))
	case "panic":
		fmt.Fprintln(os.Stderr, "a warning first")
		panic("sync: negative WaitGroup counter")
	case "mute":
	case "stubborn":
		fmt.Println(`{"kind":"connecting"}`)
		select {}
	case "garbage":
		fmt.Println("12x4")
		fmt.Println(`{"kind":"connecting"}`)
		fmt.Printf("\x00\xff{\"kind\n")
		fmt.Println(`{"kind":"dance"}`)
		os.Stdout.Write(bytes.Repeat([]byte("x"), 300_000))
		fmt.Println()
		fmt.Println(`{"kind":"ready","client_id":9,"server_version":187}`)
		fmt.Println(`{"kind":"closed","reason":"enough"}`)
		fmt.Println(`{"kind":"closed","reason":"more than enough"}`)
		fmt.Println(`{"kind":"ready"}`)
	}
}
