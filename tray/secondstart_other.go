//go:build !linux && !darwin

package tray

// onSecondStart: elsewhere a second start is a second process, which says it itself.
func onSecondStart(func()) error { return nil }
