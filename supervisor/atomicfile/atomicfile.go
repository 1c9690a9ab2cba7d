// Package atomicfile writes files completely or not at all. Readers find the
// old file or the new one and never half of it, also after a crash.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A File is a temporary file in the folder of the file that it replaces. Only
// its owner can read it. That is the user; where root writes, it is the owner of
// the file that is replaced, or for a new file that of the folder, so that root
// takes nobody's file away. The group stays, too, where the user may set it. It is locked until it is committed or discarded, so
// that [Sweep] can tell it from one that was left by a crash.
type File struct {
	f        *os.File
	path     string // of the file that it replaces
	released bool   // it may be renamed now
}

// New makes a temporary file for the file at path. Discard must be called in
// the end.
func New(path string) (*File, error) {
	for range 100 {
		f, err := os.CreateTemp(filepath.Dir(path), prefix(path)+"*") // 0600
		if err != nil {
			if e := new(fs.PathError); errors.As(err, &e) {
				e.Path = path // and not the name of the temporary file
			}
			return nil, err
		}
		if !lock(f) && isFileAt(f, f.Name()) { // else Sweep has removed it
			d := &File{f: f, path: path}
			if err := keepOwner(f, path); err != nil {
				d.Discard()
				return nil, fmt.Errorf("cannot give the new file the owner of %s: %w", path, err)
			}
			return d, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("cannot write beside %s: another program removes the temporary files", path)
}

func prefix(path string) string { return "." + filepath.Base(path) + ".gatelight-" }

// isFileAt reports whether path names the open file.
func isFileAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(open, named)
}

// Write writes the content and returns when it is on the disk.
func (d *File) Write(content []byte, mode fs.FileMode) error {
	_, err := d.f.Write(content)
	return errors.Join(err, d.f.Chmod(mode), d.f.Sync())
}

// release makes the file one that can be renamed, once.
func (d *File) release() error {
	if d.released {
		return nil
	}
	d.released = true
	return release(d.f)
}

// Commit replaces the file by the temporary one.
func (d *File) Commit() error {
	if err := d.release(); err != nil {
		return err
	}
	if err := Rename(d.f.Name(), d.path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(d.path))
	return nil
}

// CommitNew gives the temporary file the path, or fails with [fs.ErrExist] if
// there is a file already. Then it may be called again, with another path.
func (d *File) CommitNew(path string) error {
	if err := d.release(); err != nil {
		return err
	}
	err := os.Link(d.f.Name(), path)
	if err == nil {
		syncFolder(filepath.Dir(path))
		return os.Remove(d.f.Name())
	}
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	return Rename(d.f.Name(), path) // a file system without hard links
}

// Discard closes the file, and removes it unless it was committed.
func (d *File) Discard() {
	d.f.Close()
	os.Remove(d.f.Name())
}

// Write replaces the file at path.
func Write(path string, content []byte, mode fs.FileMode) error {
	d, err := New(path)
	if err != nil {
		return err
	}
	defer d.Discard()
	if err := d.Write(content, mode); err != nil {
		return err
	}
	return d.Commit()
}

// Replace replaces the file at path without waiting for the disk. It is for
// content that has no meaning any more after a loss of power, and must not
// delay anything.
func Replace(path string, content []byte, mode fs.FileMode) error {
	d, err := New(path)
	if err != nil {
		return err
	}
	defer d.Discard()
	_, err = d.f.Write(content)
	if err := errors.Join(err, d.f.Chmod(mode), d.release()); err != nil {
		return err
	}
	return Rename(d.f.Name(), d.path)
}

// Sweep removes the temporary files for the file at path that crashes have
// left.
func Sweep(path string) {
	entries, _ := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), prefix(path)) || !e.Type().IsRegular() {
			continue
		}
		name := filepath.Join(filepath.Dir(path), e.Name())
		if f, err := os.OpenFile(name, os.O_WRONLY, 0); err == nil {
			if !lock(f) {
				remove(f)
			}
			f.Close()
		}
	}
}

// ResolveLinks is the file that a path leads to through symbolic links, or the
// path itself without links. Write there: else the link is replaced, and not
// the file. A link to a file that does not exist is an error.
func ResolveLinks(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("cannot follow %s: %w", path, err)
	}
	if err == nil {
		return real, nil
	}
	if _, err := os.Lstat(path); err == nil {
		return "", fmt.Errorf("%s is a link to something that is not there", path)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path)), nil
	}
	return path, nil
}
