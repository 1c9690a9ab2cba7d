//go:build !linux

package tray

import "context"

// Desktop says why there is no tray to show an icon in. On macOS and Windows
// there always is one.
func Desktop(context.Context) (waiting bool, err error) { return false, nil }
