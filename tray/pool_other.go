//go:build !darwin

package tray

func pooled(f func()) { f() }
