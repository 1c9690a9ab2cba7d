// Command entry prints the desktop entry by which a menu of applications starts
// the program whose path is its argument.
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
