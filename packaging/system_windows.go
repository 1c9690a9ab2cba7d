package packaging

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/windows/registry"
)

// runValue is the name of our value in the registry's Run key.
const runValue = "Gatelight"

func thisSystem(func(string) string) (format, store, error) {
	return format{writeRunValue, readRunValue}, registryStore{}, nil
}

// A registryStore is the store on Windows, in the user's part of the registry.
type registryStore struct{}

const (
	runPath      = `Software\Microsoft\Windows\CurrentVersion\Run`
	approvedPath = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

func (registryStore) String() string { return `HKCU\` + runPath + `\` + runValue }

func (registryStore) read() (text, disabledBy string, err error) {
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
	return text, disabledInStartupApps(b), nil
}

func (registryStore) write(text string) error {
	run, _, err := registry.CreateKey(registry.CURRENT_USER, runPath, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer run.Close()
	if err := run.SetStringValue(runValue, text); err != nil {
		return err
	}
	return deleteValue(approvedPath) // enables it again if somebody has disabled it there
}

func (registryStore) remove() error {
	return errors.Join(deleteValue(runPath), deleteValue(approvedPath))
}

// deleteValue deletes our value from a key; it succeeds when there is none,
// too.
func deleteValue(path string) error {
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
