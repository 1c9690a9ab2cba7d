// Command entry prints the desktop entry for the menu of applications. Its
// argument is the path of the program that the entry starts.
package main

import (
	"fmt"
	"os"

	"gatelight/packaging"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: entry PROGRAM")
		os.Exit(64)
	}
	text, err := packaging.Entry(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "entry:", err)
		os.Exit(1)
	}
	fmt.Print(text)
}
