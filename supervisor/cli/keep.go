package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/settings"
)

// keeper writes into the settings whether a Gateway is to be kept running. The
// demo's settings end with it.
func (b build) keeper(gateway string) func(keep bool) error {
	if b.demo {
		return func(bool) error { return nil }
	}
	path := b.paths.Settings
	return func(keep bool) error {
		return editSettings(path, func(b []byte) ([]byte, error) {
			return settings.SetKeepRunning(path, b, gateway, keep)
		})
	}
}

// editSettings changes the settings file, or begins one. Its permissions stay,
// and where it is a link, it stays one.
func editSettings(path string, edit func([]byte) ([]byte, error)) error {
	file, err := atomicfile.ResolveLinks(path)
	if err != nil {
		return fmt.Errorf("cannot find the settings: %w", err)
	}
	mode := fs.FileMode(0o600)
	b, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot read the settings: %w", err)
	}
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	before := b
	if b, err = edit(b); err != nil || bytes.Equal(b, before) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("cannot write the settings: %w", err)
	}
	if err := atomicfile.Write(file, b, mode); err != nil {
		return fmt.Errorf("cannot write the settings: %w", err)
	}
	return nil
}
