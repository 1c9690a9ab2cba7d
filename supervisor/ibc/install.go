package ibc

import (
	"bytes"
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
	if len(bytes.TrimSpace(content)) == 0 { // half-synced, say: IBC could not log in with it
		return fmt.Errorf("config_source %s is empty; nothing was copied", source)
	}
	dir := filepath.Dir(target)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if old, err := os.ReadFile(target); err == nil && string(old) != string(content) {
		if err := writeWhole(backupName(target, at), old); err != nil {
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

// backupName is where what was there at that time is kept: a name that no other
// backup has, not even one of the same second.
func backupName(target string, at time.Time) string {
	dated := target + "." + at.Format("20060102-150405")
	name := dated
	for n := 2; ; n++ {
		if _, err := os.Lstat(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", dated, n)
	}
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
