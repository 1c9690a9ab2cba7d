package packaging

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gatelight/supervisor/atomicfile"
)

// A file is the place on macOS and Linux.
type file string

func (f file) String() string { return string(f) }

func (f file) read() (text, off string, err error) {
	b, err := os.ReadFile(string(f))
	return string(b), "", err
}

// write keeps a link, for those who keep such files elsewhere.
func (f file) write(text string) error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return err
	}
	path, err := atomicfile.ResolveLinks(string(f))
	if err != nil {
		return err
	}
	return atomicfile.Write(path, []byte(text), 0o600)
}

func (f file) remove() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// home is the user's folder.
func home(getenv func(string) string) (string, error) {
	dir := getenv("HOME")
	if !filepath.IsAbs(dir) {
		return "", errors.New("HOME is not set")
	}
	return dir, nil
}
