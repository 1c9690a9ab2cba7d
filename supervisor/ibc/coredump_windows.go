package ibc

// ForbidCoreDumps does nothing: Windows writes no memory of a crashed program to
// a file unless it is told to for that program.
func ForbidCoreDumps() {}

func WithCoreDumps(start func() error) error { return start() }
