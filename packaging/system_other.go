//go:build !darwin && !windows

package packaging

func thisSystem(getenv func(string) string) (format, store, error) { return autostartEntry(getenv) }
