//go:build !linux

package tray

import "context"

// CheckTray says why there is no tray to show an icon in. On macOS and Windows
// there always is one.
func CheckTray(context.Context) (waiting bool, err error) { return false, nil }
