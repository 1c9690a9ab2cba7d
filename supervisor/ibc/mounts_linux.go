package ibc

import (
	"fmt"
	"os"
)

// asSeenBy is the path of a file by the name that it has for a process: in a
// container the same name is another file.
func asSeenBy(pid int, name string) string { return fmt.Sprintf("/proc/%d/root%s", pid, name) }

// outputOf is the file that a process writes its standard output to, "" when
// that is no file or cannot be told.
func outputOf(pid int) string {
	link := fmt.Sprintf("/proc/%d/fd/1", pid)
	info, err := os.Stat(link)
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	name, err := os.Readlink(link)
	if named, statErr := os.Stat(name); err != nil || statErr != nil || !os.SameFile(info, named) {
		return "" // it was deleted since
	}
	return name
}
