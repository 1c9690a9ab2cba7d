package cli

import (
	"os"
	"os/exec"
)

// startAnew starts this program again. This process ends.
func startAnew(exe string) error { return exec.Command(exe, os.Args[1:]...).Start() }
