package find

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Processors are those that a program file is made for, as runtime.GOARCH has
// them, read from its header: those of ELF, PE and Mach-O. There are none in a
// script, or where that cannot be told. Nothing is run. The packages below debug
// would read the whole file, and add half a megabyte to the program.
func (m Javas) Processors(program string) ([]string, error) {
	b, err := m.ReadFile(program)
	if err != nil {
		return nil, err
	}
	little, big := binary.LittleEndian, binary.BigEndian
	switch {
	case bytes.HasPrefix(b, []byte("\x7fELF")):
		if len(b) < elfHeader {
			return nil, errCutOff
		}
		if b[5] == 2 { // its numbers have the high byte first
			return named(elfProcessors, big.Uint16(b[18:])), nil
		}
		return named(elfProcessors, little.Uint16(b[18:])), nil
	case bytes.HasPrefix(b, []byte("MZ")):
		at := peHeaderAt(b)
		if at < 0 {
			return nil, errCutOff
		}
		return named(peProcessors, little.Uint16(b[at+4:])), nil
	case len(b) >= 8 && little.Uint32(b)&^1 == 0xfeedface:
		return named(machoProcessors, little.Uint32(b[4:])), nil
	case len(b) >= 8 && big.Uint32(b) == 0xcafebabe && big.Uint32(b[4:]) < classVersion:
		var all []string
		for arch := range slices.Chunk(b[8:min(len(b), 8+20*int(big.Uint32(b[4:])))], 20) {
			if len(arch) == 20 {
				all = append(all, named(machoProcessors, big.Uint32(arch))...)
			}
		}
		return all, nil
	}
	return nil, nil
}

// peHeaderAt is where a program for Windows has its PE header, -1 when it has
// none.
func peHeaderAt(b []byte) int {
	if len(b) < 0x40 {
		return -1
	}
	at := int(binary.LittleEndian.Uint32(b[0x3c:]))
	if at < 0 || at > len(b)-6 || !bytes.HasPrefix(b[at:], []byte("PE\x00\x00")) {
		return -1
	}
	return at
}

const (
	elfHeader = 52 // bytes, of the shorter one
	// A class of Java begins with the same four bytes as a universal program of
	// macOS. Its next four bytes are its version, 45 or more; a program's are
	// how many processors it is for.
	classVersion = 45
)

var errCutOff = errors.New("the file is cut off or damaged")

func named[K comparable](names map[K]string, key K) []string {
	if name, known := names[key]; known {
		return []string{name}
	}
	return []string{"another processor"}
}

// The numbers of the processors: e_machine of ELF, cputype of Mach-O, Machine
// of PE.
var (
	elfProcessors   = map[uint16]string{62: "amd64", 183: "arm64", 3: "386", 40: "arm", 243: "riscv64", 21: "ppc64", 22: "s390x"}
	machoProcessors = map[uint32]string{0x01000007: "amd64", 0x0100000c: "arm64", 7: "386"}
	peProcessors    = map[uint16]string{0x8664: "amd64", 0xaa64: "arm64", 0x14c: "386"}
)

// RunsHere reports whether this machine runs programs for that processor. The
// reason says how, when the machine has to translate it, or what is missing.
func (m Javas) RunsHere(processor string) (runs bool, how string) {
	switch {
	case processor == m.Arch || m.Arch == "":
		return true, ""
	case m.Arch == "amd64" && processor == "386" && m.OS != "darwin":
		return true, "as a 32-bit program"
	case m.OS == "darwin" && m.isFolder(rosetta): // this program may be translated itself, so that either one runs
		return processor != "386", "through Rosetta"
	case m.OS == "darwin" && processor == "amd64":
		return false, "it needs Rosetta; install it with: softwareupdate --install-rosetta"
	case m.OS == "windows" && (m.Arch == "arm64" || strings.HasPrefix(m.Getenv("PROCESSOR_IDENTIFIER"), "ARM")):
		return true, "through Windows' own translation"
	case m.OS == "linux" && m.translates(processor):
		return true, "through an emulator, and slowly"
	}
	return false, ""
}

// rosetta is where macOS has what runs programs for Intel processors.
const rosetta = "/Library/Apple/usr/libexec/oah"

// binfmt is where Linux lists the emulators that it hands foreign programs to.
const binfmt = "/proc/sys/fs/binfmt_misc"

// emulated are the names under which emulators are listed there.
var emulated = map[string][]string{
	"amd64": {"qemu-x86_64", "box64", "FEX-x86_64", "rosetta"},
	"arm64": {"qemu-aarch64"},
	"386":   {"qemu-i386", "box86", "box32", "FEX-x86"},
	"arm":   {"qemu-arm"},
}

func (m Javas) translates(processor string) bool {
	entries, err := fs.ReadDir(m.Files, nameInFiles(m.Machine, binfmt))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		if !slices.Contains(emulated[processor], e.Name()) {
			return false
		}
		b, err := fs.ReadFile(m.Files, nameInFiles(m.Machine, binfmt+"/"+e.Name()))
		return err == nil && bytes.HasPrefix(b, []byte("enabled"))
	})
}

// ErrNotRunnable is in the error about a file that may not be run.
var ErrNotRunnable = errors.New("it may not be run")

// MayRun reports whether the system lets a file be run. Windows has no such
// permission.
func (m Javas) MayRun(file string) error {
	if info, err := m.stat(file); err != nil {
		return err
	} else if m.OS != "windows" && info.Mode()&0o111 == 0 {
		return ErrNotRunnable
	}
	return nil
}
