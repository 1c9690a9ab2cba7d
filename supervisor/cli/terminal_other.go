//go:build !windows

package cli

// obeysSequences: every terminal here does.
func obeysSequences() bool { return true }
