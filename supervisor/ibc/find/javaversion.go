package find

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// JavaVersion is the version of an installed Java, as in 17, with its full
// name, as in "17.0.10": from the file "release" of its folder. It is 0 where
// that cannot be told. Nothing is run.
func (m Javas) JavaVersion(java string) (major int, full string) {
	bin := parent(m.Machine, java)
	for _, home := range []string{parent(m.Machine, bin), parent(m.Machine, parent(m.Machine, bin))} { // a JDK 8 has its Java in jre/bin
		b, err := m.ReadFile(m.Join(home, "release"))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), "JAVA_VERSION="); ok {
				full = strings.Trim(v, `"`)
				return majorOfJava(full), full
			}
		}
	}
	return 0, ""
}

// majorOfJava is 17 of 17.0.10, and 8 of 1.8.0_392, as Java counted until 8.
func majorOfJava(version string) int {
	n := leading(strings.ReplaceAll(version, "_", "."))
	switch {
	case len(n) > 1 && n[0] == 1:
		return n[1]
	case len(n) > 0:
		return n[0]
	}
	return 0
}

// JavaNeeded is the oldest Java that can run this IBC, as in 17, from the
// format of a class of its IBC.jar. IBC 3.24.1 needs 17, and those before it
// need 8. When Java is too old it says so on stderr, which IBC's script throws
// away, and ends with status 1.
func (m Javas) JavaNeeded(i IBC) (int, error) {
	b, err := m.ReadFile(m.Join(i.Path, "IBC.jar"))
	if err != nil {
		return 0, fmt.Errorf("cannot read IBC.jar: %w", err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return 0, fmt.Errorf("cannot read IBC.jar: %w", err)
	}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".class") || strings.HasPrefix(f.Name, "META-INF/") { // there: for newer Javas only
			continue
		}
		r, err := f.Open()
		if err != nil {
			return 0, fmt.Errorf("cannot read %s in IBC.jar: %w", f.Name, err)
		}
		defer r.Close()
		head := make([]byte, 8)
		if _, err := io.ReadFull(r, head); err != nil || binary.BigEndian.Uint32(head) != classMagic {
			return 0, fmt.Errorf("%s in IBC.jar is damaged", strconv.Quote(f.Name))
		}
		return int(binary.BigEndian.Uint16(head[6:])) - classOfJava0, nil
	}
	return 0, fmt.Errorf("there is no class in IBC.jar")
}

// A class begins with the magic number, a minor and a major version: 52 for
// Java 8, 61 for Java 17 (Java Virtual Machine Specification, 4.1).
const (
	classMagic   = 0xCAFEBABE
	classOfJava0 = 44
)

// parent is the folder that something is in.
func parent(m Machine, p string) string { return m.Join(p, "..") }
