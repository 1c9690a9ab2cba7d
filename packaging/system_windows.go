package packaging

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows/registry"
)

// runValue is the name of our value in the registry's Run key.
const runValue = "Gatelight"

func system(func(string) string) (form, place, error) {
	return form{writeRun, readRun}, runKey{}, nil
}

// A runKey is the place on Windows, in the user's own part of the registry.
type runKey struct{}

const (
	runPath      = `Software\Microsoft\Windows\CurrentVersion\Run`
	approvedPath = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

func (runKey) String() string { return `HKCU\` + runPath + `\` + runValue }

func (runKey) read() (text, off string, err error) {
	run, err := registry.OpenKey(registry.CURRENT_USER, runPath, registry.QUERY_VALUE)
	if err != nil { // a missing key is [fs.ErrNotExist]
		return "", "", err
	}
	defer run.Close()
	if text, _, err = run.GetStringValue(runValue); err != nil {
		return "", "", err
	}
	approved, err := registry.OpenKey(registry.CURRENT_USER, approvedPath, registry.QUERY_VALUE)
	if errors.Is(err, fs.ErrNotExist) {
		return text, "", nil
	}
	if err != nil {
		return "", "", err
	}
	defer approved.Close()
	b, _, err := approved.GetBinaryValue(runValue)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", "", err
	}
	return text, startupOff(b), nil
}

func (runKey) write(text string) error {
	run, _, err := registry.CreateKey(registry.CURRENT_USER, runPath, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer run.Close()
	if err := run.SetStringValue(runValue, text); err != nil {
		return err
	}
	return forget(approvedPath) // what somebody has switched off there is on again
}

func (runKey) remove() error { return errors.Join(forget(runPath), forget(approvedPath)) }

// forget deletes our value.
func forget(path string) error {
	key, err := registry.OpenKey(registry.CURRENT_USER, path, registry.SET_VALUE)
	if err == nil {
		defer key.Close()
		err = key.DeleteValue(runValue)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
