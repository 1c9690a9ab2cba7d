// Childmain is the program that the tests run as the monitor's child: Child
// itself, or a child that misbehaves.
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
		os.Exit(monitor.Child(os.Args[2:], os.Stdin, os.Stdout, nil))
	case "panic":
		fmt.Fprintln(os.Stderr, "a warning first")
		panic("sync: negative WaitGroup counter")
	case "mute":
	case "stubborn":
		fmt.Println(`{"omitted":{"Count":1}}`)
		select {}
	case "garbage":
		fmt.Println("12x4")
		fmt.Println(`{"omitted":{"Count":1}}`)
		fmt.Printf("\x00\xff{\"ready\n")
		fmt.Println(`{"dance":{}}`)
		os.Stdout.Write(bytes.Repeat([]byte("x"), 300_000))
		fmt.Println()
		fmt.Println(`{"ready":{"ServerVersion":187}}`)
		fmt.Println(`{"closed":{"Why":"enough"}}`)
		fmt.Println(`{"closed":{"Why":"more than enough"}}`)
		fmt.Println(`{"ready":{}}`)
	}
}
