package ibc

import "fmt"

// asSeenBy is the path of a file by the name that it has for a process: in a
// container the same name is another file.
func asSeenBy(pid int, name string) string { return fmt.Sprintf("/proc/%d/root%s", pid, name) }
