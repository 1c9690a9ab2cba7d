// Package release unpacks an IBC release that the user has downloaded. An
// archive is untrusted data: it is checked before anything is written, it
// cannot write outside of its folder, and that folder appears complete or not
// at all.
package release

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor/lazyregexp"
	"gatelight/supervisor/regularfile"
)

// Bounds of what is unpacked. IBC 3.24.1 for Linux is 20 files and folders,
// with 0.4 MB in them.
const (
	mostFiles = 500
	mostBytes = 16 << 20
	// maxVersion is the longest file "version" in bytes.
	maxVersion = 64
)

// An Installed says where a release is.
type Installed struct {
	Path, Version string
	Already       bool // it was there before, and nothing was unpacked
}

// Home is the folder for a version when the user names none. There is no space
// in it unless the user's name has one: IBC's scripts do not quote every path.
func Home(version string) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("cannot find your home folder: %w", err)
	}
	return filepath.Join(home, "ibc-"+version), nil
}

// Install unpacks the archive into the folder to, which must not be there yet;
// "" is [Home]. Where the same version is there already, that is fine.
func Install(archive, to string) (Installed, error) {
	return install(archive, to, runtime.GOOS)
}

func install(archive, to, goos string) (Installed, error) {
	b, err := regularfile.Read(archive, mostBytes)
	if err != nil {
		return Installed{}, fmt.Errorf("cannot read the archive: %w", err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return Installed{}, fmt.Errorf("%s is no zip archive, or not a whole one%s", archive, again(goos))
	}
	version, err := inspect(z, goos)
	if err != nil {
		return Installed{}, fmt.Errorf("%s is not unpacked: %w%s", archive, err, again(goos))
	}
	if to == "" {
		if to, err = Home(version); err != nil {
			return Installed{}, err
		}
	}
	if to, err = filepath.Abs(to); err != nil {
		return Installed{}, err
	}
	i := Installed{Path: to, Version: version}
	if _, err := os.Lstat(to); err == nil {
		i.Already = true
		return i, checkInstalled(to, version, goos)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return Installed{}, fmt.Errorf("cannot unpack to %s: %w", to, err)
	}
	sweep(to)
	beside, err := os.MkdirTemp(filepath.Dir(to), unpacking+"*") // 0700
	if err != nil {
		if e := new(fs.PathError); errors.As(err, &e) {
			e.Path = filepath.Dir(to) // and not the name that would be gone again
		}
		return Installed{}, fmt.Errorf("cannot unpack to %s: %w", to, err)
	}
	defer os.RemoveAll(beside)
	if err := unpack(z, beside); err != nil {
		if errors.Is(err, zip.ErrChecksum) || errors.Is(err, zip.ErrFormat) {
			err = errors.New("it is damaged" + again(goos))
		}
		return Installed{}, fmt.Errorf("cannot unpack %s: %w", archive, err)
	}
	return i, os.Rename(beside, to)
}

// sweep removes what an unpacking that was killed has left. It takes no more
// than seconds.
func sweep(to string) {
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(to), unpacking+"*"))
	for _, dir := range left {
		if info, err := os.Lstat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(dir)
		}
	}
}

const unpacking = ".ibc-unpacking-"

// parts are the files without which IBC cannot be started.
func parts(goos string) []string {
	if goos == "windows" {
		return []string{"version", "IBC.jar", "scripts/StartIBC.bat"}
	}
	return []string{"version", "IBC.jar", "scripts/ibcstart.sh"}
}

// again says where a release comes from.
func again(goos string) string {
	return fmt.Sprintf("; download %s-VERSION.zip from https://github.com/IbcAlpha/IBC/releases", archiveNames[goos])
}

// archiveNames are what IBC's releases are called.
var archiveNames = map[string]string{"darwin": "IBCMacos", "windows": "IBCWin", "linux": "IBCLinux"}

// inspect looks at an archive without unpacking it, and returns its version.
func inspect(z *zip.Reader, goos string) (version string, err error) {
	if len(z.File) > mostFiles {
		return "", fmt.Errorf("it holds %d files, and no IBC release has more than %d", len(z.File), mostFiles)
	}
	seen, files := map[string]bool{}, map[string]*zip.File{}
	for _, f := range z.File {
		if err := checkEntry(f); err != nil {
			return "", err
		}
		name := strings.ToLower(strings.TrimSuffix(f.Name, "/")) // not all systems tell case
		if seen[name] {
			return "", fmt.Errorf("it holds %q twice", f.Name)
		}
		seen[name] = true
		files[f.Name] = f
	}
	for _, part := range parts(goos) {
		if files[part] == nil || !files[part].Mode().IsRegular() {
			return "", fmt.Errorf("there is no file %s in it", part)
		}
	}
	return readVersion(files["version"])
}

// checkEntry refuses what is neither a file nor a folder of the archive's own.
func checkEntry(f *zip.File) error {
	name := strings.TrimSuffix(f.Name, "/")
	switch {
	case name == "" || !fs.ValidPath(name) || name == ".", !filepath.IsLocal(filepath.FromSlash(name)),
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`\:*?"<>|`, r) }):
		return fmt.Errorf("it holds %q, which is no name for a file here", f.Name)
	case f.Mode().IsDir() != strings.HasSuffix(f.Name, "/"), !f.Mode().IsDir() && !f.Mode().IsRegular():
		return fmt.Errorf("it holds %q, which is neither a file nor a folder", f.Name)
	}
	return nil
}

var versionForm = lazyregexp.New(`^([0-9]{1,4})(\.[0-9]{1,4}){1,3}(-[0-9A-Za-z.]{1,20})?$`)

// readVersion reads the file that IBC's build writes its version to.
func readVersion(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", errors.New("it is damaged")
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxVersion))
	if err != nil {
		return "", errors.New("it is damaged")
	}
	return parseVersion(b)
}

// parseVersion wants IBC 3: before that it was IBController, with other
// scripts.
func parseVersion(b []byte) (string, error) {
	version := strings.TrimSpace(string(b))
	m := versionForm.FindStringSubmatch(version)
	if m == nil {
		return "", errors.New("its version file holds no version")
	}
	if n, _ := strconv.Atoi(m[1]); n < 3 {
		return "", fmt.Errorf("it is version %s, and 3.0 or newer is needed", version)
	}
	return version, nil
}

// unpack writes the files below dir, which nothing in the archive can leave.
func unpack(z *zip.Reader, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	room := int64(mostBytes)
	for _, f := range z.File {
		name := filepath.FromSlash(strings.TrimSuffix(f.Name, "/"))
		if f.Mode().IsDir() {
			if err := root.MkdirAll(name, 0o700); err != nil {
				return err
			}
			continue
		}
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		n, err := write(root, name, f, room)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		room -= n
	}
	return nil
}

// write unpacks one file of at most room bytes, whatever size the archive says.
func write(root *os.Root, name string, f *zip.File, room int64) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	mode := fs.FileMode(0o600)
	if strings.HasSuffix(name, ".sh") {
		mode = 0o700
	}
	w, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(r, room+1))
	if n > room {
		err = fmt.Errorf("there is more than %d MB in the archive, which no IBC release has", mostBytes>>20)
	}
	return n, errors.Join(err, w.Close())
}

// checkInstalled finds out whether what is there is that version of IBC.
func checkInstalled(dir, version, goos string) error {
	for _, part := range parts(goos) {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(part)))
		if err != nil || !info.Mode().IsRegular() {
			return fmt.Errorf("%s is there already, and is no IBC: %s is missing; remove it, or unpack to another folder with --to", dir, part)
		}
	}
	b, err := regularfile.Read(filepath.Join(dir, "version"), maxVersion)
	if err != nil {
		return err
	}
	if there := strings.TrimSpace(string(b)); there != version {
		return fmt.Errorf("%s holds IBC %s already; remove it, or unpack to another folder with --to", dir, there)
	}
	return nil
}
