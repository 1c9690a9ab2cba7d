//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "chaos: it reads /proc and needs a D-Bus session bus: it runs on Linux")
	os.Exit(64)
}
