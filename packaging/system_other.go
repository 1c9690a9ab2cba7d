//go:build !darwin && !windows

package packaging

func system(getenv func(string) string) (form, place, error) { return entrySystem(getenv) }
