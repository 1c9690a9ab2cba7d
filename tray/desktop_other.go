//go:build !linux

package tray

import "context"

// Desktop says why there is no tray to show an icon in. On macOS and Windows
// there always is one.
func Desktop(context.Context) (waiting bool, err error) { return false, nil }

// watchDesktop: here the desktop does not go away under a program.
func watchDesktop(context.Context) (<-chan struct{}, error) { return nil, nil }
