package packaging

import (
	"slices"
	"testing"

	"golang.org/x/sys/windows"
)

func TestWindowsReadsTheCommandThatWeWrite(t *testing.T) {
	for _, arg := range unusualPaths {
		argv := []string{`C:\Program Files\gatelight.exe`, arg, "", arg + `"`}
		line, err := writeRunValue(argv)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := windows.DecomposeCommandLine(line); err != nil || !slices.Equal(got, argv) {
			t.Errorf("%s is read as %q, %v", line, got, err)
		}
	}
}
