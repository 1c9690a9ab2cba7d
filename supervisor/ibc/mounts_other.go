//go:build !linux

package ibc

// asSeenBy is the path of a file by the name that it has for a process.
func asSeenBy(_ int, name string) string { return name }

// outputOf is the file that a process writes its standard output to; this
// system does not tell.
func outputOf(int) string { return "" }
