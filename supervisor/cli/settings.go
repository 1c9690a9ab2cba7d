package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/settings"
)

// loadSettings reads the settings file. One that the user has named must exist;
// otherwise no file means the defaults.
func loadSettings(e *env) (settings.File, error) {
	if err := checkNamedSettings(e); err != nil {
		return settings.File{}, err
	}
	return settings.Load(e.paths.Settings)
}

// checkNamedSettings is an error if the user has named a settings file that is
// not there.
func checkNamedSettings(e *env) error {
	if !e.paths.Named {
		return nil
	}
	_, err := os.Stat(e.paths.Settings)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no settings file %s; check the name, or write it with: gatelight --config FILE init", e.paths.Settings)
	}
	if err != nil {
		return fmt.Errorf("cannot read the settings: %w", err)
	}
	return nil
}

// gatewaysNamed are all Gateways of the settings, or the named one alone. A name
// that is not in the settings is an error.
func gatewaysNamed(e *env, file settings.File, name string) ([]settings.Gateway, error) {
	if name == "" {
		return file.Gateway, nil
	}
	i := slices.IndexFunc(file.Gateway, func(g settings.Gateway) bool { return g.Name == name })
	if i < 0 {
		return nil, supervisor.UnknownGatewayError{Text: fmt.Sprintf("there is no Gateway %q in %s; there is: %s", name, e.paths.Settings, gatewayNames(file.Gateway))}
	}
	return file.Gateway[i : i+1], nil
}

func gatewayNames(gateways []settings.Gateway) string {
	var names []string
	for _, g := range gateways {
		names = append(names, g.Name)
	}
	return strings.Join(names, ", ")
}

// editSettings changes the settings file, or creates it. Its permissions stay,
// and a link stays a link.
func editSettings(path string, edit func([]byte) ([]byte, error)) error {
	file, err := atomicfile.ResolveLinks(path)
	if err != nil {
		return fmt.Errorf("cannot find the settings: %w", err)
	}
	mode := fs.FileMode(0o600)
	b, err := settings.Read(file)
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
	if err := writeFile(file, b, mode); err != nil {
		return fmt.Errorf("cannot write the settings: %w", err)
	}
	return nil
}

// writeFile replaces a file, or creates it with a folder that is private to the
// user.
func writeFile(path string, b []byte, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(path, b, mode)
}
