package find

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Processors are those that a program file is made for, as runtime.GOARCH has
// them, read from its header. There are none in a script, or where that cannot
// be told. Nothing is run.
func (m Javas) Processors(program string) ([]string, error) {
	b, err := m.ReadFile(program)
	if err != nil {
		return nil, err
	}
	r := bytes.NewReader(b)
	switch {
	case bytes.HasPrefix(b, []byte(elf.ELFMAG)):
		f, err := elf.NewFile(r)
		if err != nil {
			return nil, err
		}
		return named(elfProcessors, f.Machine), nil
	case bytes.HasPrefix(b, []byte("MZ")):
		f, err := pe.NewFile(r)
		if err != nil {
			return nil, err
		}
		return named(peProcessors, f.Machine), nil
	}
	if fat, err := macho.NewFatFile(r); err == nil {
		var all []string
		for _, a := range fat.Arches {
			all = append(all, named(machoProcessors, a.Cpu)...)
		}
		return all, nil
	}
	if f, err := macho.NewFile(r); err == nil {
		return named(machoProcessors, f.Cpu), nil
	}
	return nil, nil
}

func named[K comparable](names map[K]string, key K) []string {
	if name, known := names[key]; known {
		return []string{name}
	}
	return []string{"another processor"}
}

var (
	elfProcessors = map[elf.Machine]string{elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm",
		elf.EM_RISCV: "riscv64", elf.EM_PPC64: "ppc64", elf.EM_S390: "s390x"}
	machoProcessors = map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64", macho.Cpu386: "386"}
	peProcessors    = map[uint16]string{pe.IMAGE_FILE_MACHINE_AMD64: "amd64", pe.IMAGE_FILE_MACHINE_ARM64: "arm64",
		pe.IMAGE_FILE_MACHINE_I386: "386"}
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
