package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

var at = time.Unix(1_796_013_600, 0).UTC()

// folder has a program and a text.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"bin/gatelight.exe": 0o700, "README.md": 0o600} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func archived(t *testing.T, name string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name)
	if err := write(out, "gatelight-1.0", folder(t), at); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheSameFilesGiveTheSameBytes(t *testing.T) {
	for _, name := range []string{"a.tar.gz", "a.zip"} {
		if !bytes.Equal(archived(t, name), archived(t, name)) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestTarballBelongsToRootAndHasTwoModes(t *testing.T) {
	z, err := gzip.NewReader(bytes.NewReader(archived(t, "a.tar.gz")))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"gatelight-1.0/README.md": 0o644, "gatelight-1.0/bin/gatelight.exe": 0o755}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Mode != want[h.Name] || h.Uid != 0 || h.Uname != "root" || !h.ModTime.Equal(at) {
			t.Errorf("%+v", h)
		}
		delete(want, h.Name)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

func TestZipKeepsContentAndModes(t *testing.T) {
	b := archived(t, "a.zip")
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]os.FileMode{"gatelight-1.0/README.md": 0o644, "gatelight-1.0/bin/gatelight.exe": 0o755}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if f.Mode().Perm() != want[f.Name] || err != nil || "gatelight-1.0/"+string(content) != f.Name {
			t.Errorf("%s: %v, %q, %v", f.Name, f.Mode(), content, err)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

func TestALinkIsRefusedAndNothingIsLeft(t *testing.T) {
	dir := folder(t)
	testkit.Symlink(t, "README.md", filepath.Join(dir, "link"))
	out := t.TempDir()
	if err := write(filepath.Join(out, "a.zip"), "", dir, at); err == nil {
		t.Error("a link was taken")
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
