package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
)

type initCommand struct {
	Force bool `help:"Replace the settings that are there; they are kept as a dated copy."`
}

func (c initCommand) Run(e *env) error {
	m, err := find.Here()
	if err != nil {
		return err
	}
	f := discover(m)
	backup, err := c.write(e.paths.Settings, f.initialSettings(), time.Now())
	if err != nil {
		return err
	}
	have, missing := f.report()
	for _, line := range have {
		fmt.Fprintln(e.stdout, "Found", line+".")
	}
	for _, line := range missing {
		fmt.Fprintln(e.stdout, "Next:", line+".")
	}
	if backup != "" {
		fmt.Fprintln(e.stdout, "Kept your earlier settings as", backup+".")
	}
	fmt.Fprintln(e.stdout, "Wrote the settings:", e.paths.Settings)
	fmt.Fprintln(e.stdout, "Next: gatelight doctor (checks everything), then gatelight (shows the status icon).",
		"A running one reads the settings at its next start.")
	return nil
}

// write writes the settings file, and keeps a copy of the one that is there.
func (c initCommand) write(path, text string, now time.Time) (backup string, err error) {
	if _, err := settings.Parse(path, []byte(text)); err != nil {
		return "", fmt.Errorf("[unexpected] these settings would not be read again: %w", err)
	}
	path, err = atomicfile.ResolveLinks(path)
	if err != nil {
		return "", fmt.Errorf("cannot write the settings: %w", err)
	}
	old, err := settings.Read(path)
	if err == nil {
		if !c.Force {
			return "", fmt.Errorf("there are settings already: %s; edit them, or replace them with: gatelight init --force", path)
		}
		backup = path + "." + now.Format("2006-01-02_150405.000")
		err = atomicfile.Write(backup, old, 0o600)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot keep the settings that are there: %w", err)
	}
	if err := writeFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("cannot write the settings: %w", err)
	}
	return backup, nil
}
