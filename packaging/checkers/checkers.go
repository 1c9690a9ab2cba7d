// Package checkers runs, in tests, the programs that check what this repository
// writes for a desktop or for macOS. .ci/needs installs them.
package checkers

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"gatelight/packaging/macos/plist"
)

// Find returns the path of a program. Without the program the test is skipped,
// or fails where CI is "true".
func Find(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// DesktopEntry fails the test when desktop-file-validate has anything to say
// about a desktop entry; a warning or a hint is a failure, too.
func DesktopEntry(t *testing.T, path string) {
	t.Helper()
	if out, err := exec.Command(Find(t, "desktop-file-validate"), path).CombinedOutput(); err != nil || len(out) > 0 {
		text, _ := os.ReadFile(path)
		t.Errorf("%v: %s\n%s", err, out, text)
	}
}

// ConvertPlist converts a property list to the binary format and back, with a
// program that is not ours, and returns what that program has read.
func ConvertPlist(t *testing.T, ours []byte) plist.Dict {
	t.Helper()
	plistutil := Find(t, "plistutil")
	text := ours
	for _, format := range []string{"bin", "xml"} {
		var stderr bytes.Buffer
		cmd := exec.Command(plistutil, "-i", "-", "-f", format)
		cmd.Stdin, cmd.Stderr = bytes.NewReader(text), &stderr
		var err error
		if text, err = cmd.Output(); err != nil || stderr.Len() > 0 {
			t.Fatalf("%v: %s\n%s", err, stderr.String(), ours)
		}
	}
	theirs, err := plist.Decode(text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return theirs
}
