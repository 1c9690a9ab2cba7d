//go:build !darwin

package cli

// noNap: only macOS slows the timers of programs that nobody sees.
func noNap() (end func(), err error) { return func() {}, nil }
