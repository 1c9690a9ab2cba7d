// Package find looks for what is installed: IBC, the Gateway and TWS with their
// versions, Java, and IBC's config. It only looks, at a [Machine], so that
// every system's layout is tested on every system.
package find

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"strings"

	"gatelight/supervisor/regularfile"
)

// A Machine is where to look.
type Machine struct {
	OS     string // as runtime.GOOS has it
	Arch   string // the processor, as runtime.GOARCH has it; "": not known
	Home   string // the user's folder
	Getenv func(string) string
	// Files are the machine's, with / between names: home/trader/Jts for
	// /home/trader/Jts, and C:/Jts for C:\Jts.
	Files fs.FS
}

// Here is this machine.
func Here() (Machine, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Machine{}, fmt.Errorf("cannot find your home folder: %w", err)
	}
	return Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Home: home, Getenv: os.Getenv, Files: hostFS{}}, nil
}

// hostFS is the real file system, all drives of it.
type hostFS struct{}

func (hostFS) Open(name string) (fs.File, error) {
	return regularfile.Open(hostPath(runtime.GOOS, name))
}

// ReadFile has a limit, and is not blocked by a pipe.
func (hostFS) ReadFile(name string) ([]byte, error) {
	return regularfile.Read(hostPath(runtime.GOOS, name), maxFile)
}

// maxFile is the longest file that is read, in bytes. The longest that there
// should be is IBC.jar, with 0.4 MB.
const maxFile = 16 << 20

// ReadDir implements [fs.ReadDirFS], since Open opens no folder.
func (hostFS) ReadDir(name string) ([]fs.DirEntry, error) {
	return os.ReadDir(hostPath(runtime.GOOS, name))
}

// Stat spares an open: a file that may not be read is there all the same.
func (hostFS) Stat(name string) (fs.FileInfo, error) { return os.Stat(hostPath(runtime.GOOS, name)) }

func hostPath(goos, name string) string {
	switch {
	case goos != "windows":
		return "/" + name
	case strings.HasSuffix(name, ":"): // alone it is where the program happens to be on that drive
		return name + `\`
	}
	return strings.ReplaceAll(name, "/", `\`)
}

// Join puts a path together as the machine writes it.
func (m Machine) Join(parts ...string) string {
	for i, p := range parts {
		parts[i] = slashed(m, p)
	}
	joined := path.Join(parts...)
	if m.OS == "windows" {
		return strings.ReplaceAll(joined, "/", `\`)
	}
	return joined
}

func slashed(m Machine, p string) string {
	if m.OS == "windows" {
		return strings.ReplaceAll(p, `\`, "/")
	}
	return p
}

// nameInFiles is a path's name in Files.
func nameInFiles(m Machine, p string) string {
	return cmp.Or(strings.Trim(path.Clean(slashed(m, p)), "/"), ".")
}

func (m Machine) stat(p string) (fs.FileInfo, error) { return fs.Stat(m.Files, nameInFiles(m, p)) }

func (m Machine) isFile(p string) bool {
	info, err := m.stat(p)
	return err == nil && !info.IsDir()
}

func (m Machine) isFolder(p string) bool {
	info, err := m.stat(p)
	return err == nil && info.IsDir()
}

// firstLine of a file, "" when it cannot be read.
func (m Machine) firstLine(p string) string {
	b, _ := fs.ReadFile(m.Files, nameInFiles(m, p))
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.TrimSpace(line)
}

// unique drops what is the same folder or file as one before it: ~/ibc and
// ~/IBC are, where the file system does not tell capitals from small letters.
func unique(m Machine, paths []string) []string {
	var kept []string
	var infos []fs.FileInfo
	for _, p := range paths {
		info, err := m.stat(p)
		same := err != nil
		for i := range kept {
			same = same || kept[i] == p || os.SameFile(infos[i], info)
		}
		if !same {
			kept, infos = append(kept, p), append(infos, info)
		}
	}
	return kept
}

// ReadFile reads one of the machine's files, if it is a regular one.
func (m Machine) ReadFile(p string) ([]byte, error) {
	info, err := m.stat(p)
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", p)
	}
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(m.Files, nameInFiles(m, p))
}
