// Package whole writes files whole or not at all: whoever reads, and whatever
// crashes, finds the old file or the new one, never half of it.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A File is what a file is to hold, written beside its place. Nobody but the
// user can read it. It is locked as long as it is in the making, so that
// [Sweep] knows it from one that a crash has left.
type File struct {
	f    *os.File
	path string // of the file that it is for
}

// New begins a draft for the file at path. End it with Discard.
func New(path string) (*File, error) {
	for range 100 {
		f, err := os.CreateTemp(filepath.Dir(path), prefix(path)+"*") // 0600
		if err != nil {
			return nil, err
		}
		if !lock(f) && isFileAt(f, f.Name()) { // else a sweep was quicker
			return &File{f, path}, nil
		}
		f.Close()
	}
	return nil, fmt.Errorf("cannot write beside %s: something takes the files away", path)
}

func prefix(path string) string { return "." + filepath.Base(path) + ".gatelight-" }

// isFileAt reports whether the open file is the one at path.
func isFileAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Lstat(path)
	return err == nil && os.SameFile(open, there)
}

// Write writes the content and has it on the disk before it returns.
func (d *File) Write(content []byte, mode fs.FileMode) error {
	_, err := d.f.Write(content)
	return errors.Join(err, d.f.Chmod(mode), d.f.Sync())
}

// Commit puts the draft in its file's place.
func (d *File) Commit() error {
	if err := release(d.f); err != nil {
		return err
	}
	if err := os.Rename(d.f.Name(), d.path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(d.path))
	return nil
}

// CommitNew puts the draft where nothing is yet, or fails with [fs.ErrExist].
func (d *File) CommitNew(path string) error {
	if err := release(d.f); err != nil {
		return err
	}
	err := os.Link(d.f.Name(), path)
	if err == nil {
		syncFolder(filepath.Dir(path))
		return os.Remove(d.f.Name())
	}
	if _, there := os.Lstat(path); there == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	return os.Rename(d.f.Name(), path) // a file system without hard links
}

// Discard ends the draft; one that was not placed is gone.
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

// Replace replaces the file at path without waiting for the disk. It is for what
// says nothing any more after a loss of power, and must not hold anything up.
func Replace(path string, content []byte, mode fs.FileMode) error {
	d, err := New(path)
	if err != nil {
		return err
	}
	defer d.Discard()
	_, err = d.f.Write(content)
	if err := errors.Join(err, d.f.Chmod(mode), release(d.f)); err != nil {
		return err
	}
	return os.Rename(d.f.Name(), d.path)
}

// Sweep removes the drafts for the file at path that crashes have left.
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

// ResolveLinks is the file that a path leads to through symbolic links: the path
// itself where there are none. What is written has to go there, or the link
// would be replaced. A link to nothing is an error.
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
