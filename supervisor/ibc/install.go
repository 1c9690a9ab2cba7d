package ibc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// InstallConfig copies the user's IBC config to where IBC reads it: whole or
// not at all, readable by the user alone, keeping what was there as a dated
// backup. The content, which holds a password, is never looked at here.
func InstallConfig(source, target string, at time.Time) error {
	if source == "" {
		return errors.New("no config_source is set under [gateway.ibc] in the settings")
	}
	content, err := os.ReadFile(source)
	if err != nil {
		return fmt.Errorf("cannot read config_source: %w", err)
	}
	dir := filepath.Dir(target)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if old, err := os.ReadFile(target); err == nil && string(old) != string(content) {
		backup := target + "." + at.Format("20060102-150405")
		if err := writeWhole(backup, old); err != nil {
			return fmt.Errorf("cannot keep a backup of %s: %w", target, err)
		}
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("cannot read what is there now: %w", err)
	}
	if err := writeWhole(target, content); err != nil {
		return fmt.Errorf("cannot write %s: %w", target, err)
	}
	return nil
}

// writeWhole writes a file beside its place and moves it there, so that a
// reader or a crash finds the old one or the new one, never half of it.
func writeWhole(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".gatelight-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
