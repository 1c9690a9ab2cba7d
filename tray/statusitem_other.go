//go:build !linux && !darwin

package tray

import "gatelight/supervisor"

// These are for macOS.

func setUpIcon() error { return nil }

func onWake(func()) error { return nil }

func closeMenu() {}

func barReport() (supervisor.MenuBarReport, bool) { return supervisor.MenuBarReport{}, false }
