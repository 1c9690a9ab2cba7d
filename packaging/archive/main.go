// Command archive writes a .tar.gz or a .zip. The same files give the same
// bytes, on every system: they are sorted by name, belong to root, and have one
// time and one of two modes.
//
//	archive -out gatelight.tar.gz -time 1796013600 -root gatelight-1.0 FOLDER
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	out := flag.String("out", "", "the archive, *.tar.gz or *.zip")
	seconds := flag.Int64("time", 0, "the time of all files, in seconds since 1970")
	root := flag.String("root", "", "a folder in the archive that holds everything")
	flag.Parse()
	if flag.NArg() != 1 || *out == "" {
		fmt.Fprintln(os.Stderr, "usage: archive -out FILE [-time SECONDS] [-root NAME] FOLDER")
		os.Exit(64)
	}
	if err := write(*out, *root, flag.Arg(0), time.Unix(*seconds, 0).UTC()); err != nil {
		fmt.Fprintln(os.Stderr, "archive:", err)
		os.Exit(1)
	}
}

// write writes the archive under another name first, so that there is never half
// of one.
func write(out, root, folder string, at time.Time) (err error) {
	f, err := os.Create(out + ".new")
	if err != nil {
		return err
	}
	defer func() {
		f.Close()
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	newWriter := tarWriter
	if strings.HasSuffix(out, ".zip") {
		newWriter = zipWriter
	}
	add, done := newWriter(f, at)
	// WalkDir goes through a folder in the order of the names.
	err = filepath.WalkDir(folder, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%s is not a file", file)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o111 != 0 || strings.HasSuffix(file, ".exe") {
			mode = 0o755
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		return add(path.Join(root, filepath.ToSlash(name)), mode, content)
	})
	if err := errors.Join(err, done(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), out)
}

type addFunc func(name string, mode fs.FileMode, content []byte) error

func tarWriter(f io.Writer, at time.Time) (add addFunc, done func() error) {
	z, _ := gzip.NewWriterLevel(f, gzip.BestCompression) // the level exists
	t := tar.NewWriter(z)
	add = func(name string, mode fs.FileMode, content []byte) error {
		err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: int64(mode), Size: int64(len(content)),
			ModTime: at, Uname: "root", Gname: "root", Format: tar.FormatUSTAR})
		if err == nil {
			_, err = t.Write(content)
		}
		return err
	}
	return add, func() error { return errors.Join(t.Close(), z.Close()) }
}

func zipWriter(f io.Writer, at time.Time) (add addFunc, done func() error) {
	z := zip.NewWriter(f)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	add = func(name string, mode fs.FileMode, content []byte) error {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at}
		h.SetMode(mode)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write(content)
		}
		return err
	}
	return add, z.Close
}
