package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/regularfile"
)

// A Copied says what [Install] has done.
type Copied struct {
	Source, Target string
	Backup         string // what was there before; "" where that was nothing, or the same
	Same           bool   // there was nothing to copy
	Closed         bool   // other users could read what was there, or look into its folder, and no longer can
	Open           string // the folder, when they still can
}

func (c Copied) String() string {
	s := fmt.Sprintf("Copied %s to %s", c.Source, c.Target)
	if c.Same {
		s = fmt.Sprintf("%s is the same as %s already", c.Target, c.Source)
	}
	if c.Backup != "" {
		s += ", and kept what was there as " + c.Backup
	}
	if c.Closed {
		s += "; other users no longer have access"
	}
	if c.Open != "" {
		s += fmt.Sprintf("; other users can look into its folder (chmod 700 %s)", c.Open)
	}
	return s + "."
}

// Install copies the user's config, source, byte for byte to where IBC reads
// it, target: whole or not at all, with mode 0600. What was there is kept as a
// dated backup beside it. A source with errors is refused. Where
// links lead to the target, it is the file behind them that is replaced, and
// the links stay.
func Install(source, target string, p Place, at time.Time) (Copied, error) {
	return install(source, target, p, at, func(string) {})
}

// install calls step before each of its steps.
func install(source, target string, p Place, at time.Time, step func(name string)) (Copied, error) {
	if source == "" {
		return Copied{}, errors.New("no config_source is set under [gateway.ibc] in the settings")
	}
	real, err := atomicfile.ResolveLinks(target)
	if err != nil {
		return Copied{}, fmt.Errorf("cannot find the place of IBC's config: %w", err)
	}
	step("sweep")
	atomicfile.Sweep(target)
	atomicfile.Sweep(real)
	content, err := readValid(source, p, step)
	if err != nil {
		return Copied{}, err
	}
	step("make the folder")
	if err := os.MkdirAll(filepath.Dir(real), 0o700); err != nil {
		return Copied{}, fmt.Errorf("cannot make the folder of IBC's config: %w", err)
	}
	c := Copied{Source: source, Target: target}
	c.closeFolder(filepath.Dir(real))
	c.closeFolder(filepath.Dir(target)) // backups go there
	step("read what is there")
	old, err := Read(real)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Copied{}, fmt.Errorf("cannot read what is there now: %w", err)
	case bytes.Equal(old, content):
		c.Same = true
		closed, err := restrictToOwner(real, 0o600)
		c.Closed = c.Closed || closed
		return c, err
	}
	c.Backup, err = replace(target, real, content, old, at, step)
	return c, err
}

// readValid reads the source and refuses one that IBC could not use.
func readValid(source string, p Place, step func(string)) ([]byte, error) {
	step("read the source")
	content, err := Read(source)
	if err != nil {
		return nil, fmt.Errorf("cannot read config_source, which the settings name: %w", err)
	}
	if len(bytes.TrimSpace(content)) == 0 { // a half-synced file, for example: IBC could not log in with it
		return nil, fmt.Errorf("config_source %s is empty; nothing was copied", source)
	}
	step("read the source again")
	if again, err := Read(source); err != nil || !bytes.Equal(again, content) {
		return nil, fmt.Errorf("config_source %s is being changed right now; nothing was copied, try again when it is saved", source)
	}
	p.Permissions = 0 // the copy has its own
	found := Check(content, p)
	for _, f := range found {
		if f.Severity == Error {
			more := ""
			if n := Count(found, Error); n > 1 {
				more = fmt.Sprintf(", and %d more", n-1)
			}
			return nil, fmt.Errorf("config_source %s has errors, and nothing was copied; %s%s (gatelight config check --source shows them)", source, describe(f), more)
		}
	}
	return content, nil
}

func describe(f Finding) string {
	at, key := "", ""
	if f.Line > 0 {
		at = fmt.Sprintf("line %d: ", f.Line)
	}
	if f.Key != "" {
		key = f.Key + ": "
	}
	return at + key + f.Reason
}

// replace writes the new file beside the old one first, so that a full disk
// changes nothing. Then it keeps a backup, and then it renames the new file.
func replace(target, real string, content, old []byte, at time.Time, step func(string)) (backup string, err error) {
	step("begin")
	draft, err := atomicfile.New(real)
	if err == nil {
		defer draft.Discard()
		step("write")
		err = draft.Write(content, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("cannot write %s: %w", target, err)
	}
	if old != nil {
		if backup, err = backUp(target, old, at, step); err != nil {
			return "", fmt.Errorf("cannot keep a backup of %s: %w", target, err)
		}
	}
	step("place")
	if err := draft.Commit(); err != nil {
		return backup, fmt.Errorf("cannot write %s: %w", target, err)
	}
	step("end")
	return backup, nil
}

// backUp writes what was there to a name that no other backup has, not even one
// of the same second.
func backUp(target string, old []byte, at time.Time, step func(string)) (string, error) {
	step("begin the backup")
	draft, err := atomicfile.New(target)
	if err != nil {
		return "", err
	}
	defer draft.Discard()
	step("write the backup")
	if err := draft.Write(old, 0o600); err != nil {
		return "", err
	}
	step("place the backup")
	dated := target + "." + at.Format("20060102-150405")
	name := dated
	for n := 2; ; n++ {
		if err := draft.CommitNew(name); !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", dated, n)
	}
}

// restrictToOwner takes away what other users may do with a file or folder.
func restrictToOwner(path string, mode fs.FileMode) (done bool, err error) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return false, err
	}
	err = os.Chmod(path, mode)
	return err == nil, err
}

// closeFolder keeps other users out of a folder below the user's own. Any other
// one, such as /etc or the home folder itself, has its permissions for a
// reason.
func (c *Copied) closeFolder(dir string) {
	info, err := os.Stat(dir)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 {
		return
	}
	home, err := os.UserHomeDir()
	if err == nil {
		home, err = filepath.EvalSymlinks(home)
	}
	real, follow := filepath.EvalSymlinks(dir)
	rel, apart := filepath.Rel(home, real)
	switch {
	case errors.Join(err, follow, apart) == nil && rel == ".":
	case errors.Join(err, follow, apart) == nil && filepath.IsLocal(rel) && os.Chmod(real, 0o700) == nil:
		c.Closed = true
	default:
		c.Open = dir
	}
}

// maxSize is far more than a config.ini can need (IBC's template: 37 kB).
const maxSize = 1 << 20

// Read reads a config.ini for [Parse], [Check] and [Diff]: a regular file, and
// no endless one.
func Read(path string) ([]byte, error) {
	return regularfile.Read(path, maxSize)
}
