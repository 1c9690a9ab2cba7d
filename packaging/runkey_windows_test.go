package packaging

import (
	"slices"
	"testing"

	"golang.org/x/sys/windows"
)

// What we write and what Windows reads is the same.
func TestAgreesWithWindows(t *testing.T) {
	for _, arg := range odd {
		argv := []string{`C:\Program Files\gatelight.exe`, arg, "", arg + `"`}
		line, err := writeRun(argv)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := windows.DecomposeCommandLine(line); err != nil || !slices.Equal(got, argv) {
			t.Errorf("%s is read as %q, %v", line, got, err)
		}
	}
}
