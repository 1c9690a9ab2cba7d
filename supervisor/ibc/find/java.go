package find

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Java is the program that IBC will run the Gateway with: the one that came with
// the Gateway, looked up as IBC's start scripts do it. No other one counts: on
// macOS ibcstart.sh looks nowhere else, and on Linux what it finds in PATH or
// JAVA_HOME it then takes for a folder, and ends with status 1 (3.24.1). Windows
// has Oracle's left.
func (m Machine) Java(p Program) (string, error) {
	i4j := m.Join(p.Path, ".install4j")
	var candidates []string
	if m.OS == "darwin" {
		home := m.Join(i4j, "jre.bundle", "Contents", "Home")
		candidates = []string{m.Join(home, "jre", "bin", "java"), m.Join(home, "bin", "java")}
	} else {
		java := "java"
		if m.OS == "windows" {
			java = "java.exe"
		}
		for _, file := range []string{"pref_jre.cfg", "inst_jre.cfg"} {
			if folder := m.firstLine(m.Join(i4j, file)); folder != "" {
				candidates = append(candidates, m.Join(folder, "bin", java))
			}
		}
	}
	if data := m.Getenv("ProgramData"); m.OS == "windows" && data != "" {
		candidates = append(candidates, m.Join(data, "Oracle", "Java", "javapath", "java.exe"))
	}
	if i := slices.IndexFunc(candidates, m.isFile); i >= 0 {
		return candidates[i], nil
	}
	tried := cmp.Or(strings.Join(candidates, ", "), i4j+" names none")
	return "", fmt.Errorf("the Java that comes with %s is missing (%s); install %[1]s again", p, tried)
}
