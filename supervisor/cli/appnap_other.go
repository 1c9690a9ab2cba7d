//go:build !darwin

package cli

// preventAppNap: only macOS slows the timers of programs that nobody sees.
func preventAppNap() (end func(), err error) { return func() {}, nil }
