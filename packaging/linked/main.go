// Command linked writes what goes with a program about the libraries in it:
// their licences as one text, and the SBOM (SPDX 2.3, as JSON). It reads the
// list of modules in the program itself, and the licences in the module cache.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	program := flag.String("program", "dist/gatelight", "the program")
	licences := flag.String("licences", "", "write the licences to this file")
	sbom := flag.String("sbom", "", "write the SBOM to this file")
	name := flag.String("name", "gatelight", "the name of the program's file in the SBOM")
	version := flag.String("version", "devel", "its version")
	date := flag.String("date", "", "the time of its commit, such as 2026-11-30T04:40:00Z")
	flag.Parse()
	if err := run(*program, *licences, *sbom, document{*name, *version, *date}); err != nil {
		fmt.Fprintln(os.Stderr, "linked:", err)
		os.Exit(1)
	}
}

func run(program, licences, sbom string, d document) error {
	modules, err := modulesOf(program)
	if err != nil {
		return err
	}
	if licences != "" {
		text, err := licenceText(modules)
		if err == nil {
			err = os.WriteFile(licences, []byte(text), 0o644)
		}
		if err != nil {
			return err
		}
	}
	if sbom == "" {
		return nil
	}
	text, err := json.MarshalIndent(d.spdx(modules), "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(sbom, append(text, '\n'), 0o644)
}

// A module is one that is linked into the program.
type module struct {
	Path, Version string
	Dir           string // in the module cache
}

// modulesOf returns the modules of a program in their order, and Go itself,
// whose runtime and standard library are in it.
func modulesOf(program string) ([]module, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("cannot find Go's folder: %w", err)
	}
	all := []module{{"go", strings.TrimPrefix(info.GoVersion, "go"), strings.TrimSpace(string(root))}}
	for _, dep := range info.Deps {
		m, err := find(dep)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return all, nil
}

func find(dep *debug.Module) (module, error) {
	if dep.Replace != nil {
		dep = dep.Replace
	}
	out, err := exec.Command("go", "mod", "download", "-json", dep.Path+"@"+dep.Version).Output()
	if err != nil {
		return module{}, fmt.Errorf("cannot find the module %s@%s: %w", dep.Path, dep.Version, err)
	}
	var m module
	err = json.Unmarshal(out, &m)
	return m, err
}

// licenceFile are the names under which modules have their licences.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents|unlicense)([-._].*)?$`)

// licenceText returns all licences. A module without one is an error: it could
// not be given to others.
func licenceText(modules []module) (string, error) {
	var b strings.Builder
	b.WriteString("Gatelight contains these libraries. Each has the licence below its name.\n")
	for _, m := range modules {
		entries, err := os.ReadDir(m.Dir)
		if err != nil {
			return "", err
		}
		found := false
		fmt.Fprintf(&b, "\n%s\n%s %s\n", strings.Repeat("=", 72), m.Path, m.Version)
		for _, e := range entries {
			if e.IsDir() || filepath.Ext(e.Name()) == ".go" || !licenceFile.MatchString(e.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(m.Dir, e.Name()))
			if err != nil {
				return "", err
			}
			found = true
			fmt.Fprintf(&b, "\n%s:\n\n%s\n", e.Name(), strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
		}
		if !found {
			return "", errors.New("the module " + m.Path + " has no licence")
		}
	}
	return b.String(), nil
}
