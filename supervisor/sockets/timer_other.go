//go:build !linux

package sockets

import "gatelight/supervisor"

// NewTimer is nil: Go's own timers are used.
var NewTimer func() supervisor.Timer
