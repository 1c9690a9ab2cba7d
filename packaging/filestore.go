package packaging

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/regularfile"
)

// A fileStore is the store on macOS and Linux: the path of a file.
type fileStore string

func (f fileStore) String() string { return string(f) }

func (f fileStore) read() (text, disabledBy string, err error) {
	b, err := regularfile.Read(string(f), 1<<20) // it has some hundred bytes
	return string(b), "", err
}

// write keeps a symbolic link and replaces the file that it points to. Some
// people keep their settings in another folder.
func (f fileStore) write(text string) error {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return err
	}
	path, err := atomicfile.ResolveLinks(string(f))
	if err != nil {
		return err
	}
	return atomicfile.Write(path, []byte(text), 0o600)
}

func (f fileStore) remove() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// homeDir returns the user's home folder.
func homeDir(getenv func(string) string) (string, error) {
	dir := getenv("HOME")
	if !filepath.IsAbs(dir) {
		return "", errors.New("HOME is not set")
	}
	return dir, nil
}
