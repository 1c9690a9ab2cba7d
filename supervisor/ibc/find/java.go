package find

import (
	"fmt"
	"strings"
)

// Java is the program that IBC will run the Gateway with. It is the one that
// came with the Gateway; which that is, is looked up as IBC's start scripts do
// it.
//
// No other one is used: on macOS ibcstart.sh looks nowhere else, and on Linux
// what it finds in PATH or JAVA_HOME it then takes for a folder, and ends with
// status 1 (3.24.1). Windows has Oracle's left.
func (m Machine) Java(p Program) (string, error) {
	i4j := m.Join(p.Path, ".install4j")
	var tried []string
	var candidates []string
	if m.OS == "darwin" {
		home := m.Join(i4j, "jre.bundle", "Contents", "Home")
		candidates = []string{m.Join(home, "jre", "bin", "java"), m.Join(home, "bin", "java")}
	} else {
		java := map[bool]string{true: "java.exe", false: "java"}[m.OS == "windows"]
		for _, file := range []string{"pref_jre.cfg", "inst_jre.cfg"} {
			if folder := m.firstLine(m.Join(i4j, file)); folder != "" {
				candidates = append(candidates, m.Join(folder, "bin", java))
			}
		}
	}
	if data := m.Getenv("ProgramData"); m.OS == "windows" && data != "" {
		candidates = append(candidates, m.Join(data, "Oracle", "Java", "javapath", "java.exe"))
	}
	for _, c := range candidates {
		if m.isFile(c) {
			return c, nil
		}
		tried = append(tried, c)
	}
	if len(tried) == 0 {
		tried = []string{i4j + " names none"}
	}
	return "", fmt.Errorf("the Java that comes with %s is missing (%s); install %[1]s again", p, strings.Join(tried, ", "))
}
