package find

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Javas are the Javas of a machine: those that IBC takes, and what they can do.
type Javas struct{ Machine }

// Javas looks for Java.
func (m Machine) Javas() Javas { return Javas{m} }

// Java is the program that IBC will run the Gateway with, looked up as IBC's
// start scripts do it: in java_path, if it is set, else the one that came with
// the Gateway. No other one counts: on macOS ibcstart.sh looks nowhere but at
// the Gateway's, not even into java_path, and on Linux what it finds in PATH or
// JAVA_HOME it then takes for a folder, and ends with status 1 (3.24.1).
// Windows has Oracle's left.
func (m Javas) Java(p Program, javaPath string) (string, error) {
	if javaPath != "" && m.TakesJavaPath() {
		java := m.Join(javaPath, m.javaFile())
		if !m.isFile(java) {
			return "", fmt.Errorf("there is no %s, where java_path under [gateway.ibc] says that IBC finds Java; set it to the folder that has %s, or to \"\"",
				java, m.javaFile())
		}
		return java, nil
	}
	candidates := m.javaCandidates(p)
	if i := slices.IndexFunc(candidates, m.isFile); i >= 0 {
		return candidates[i], nil
	}
	tried := cmp.Or(strings.Join(candidates, ", "), m.Join(p.Path, ".install4j")+" names none")
	what := fmt.Sprintf("install %s again", p)
	if m.TakesJavaPath() {
		what += ", or set java_path under [gateway.ibc] to the folder of another Java's " + m.javaFile()
	}
	return "", fmt.Errorf("the Java that comes with %s is missing (%s); %s", p, tried, what)
}

// TakesJavaPath reports that IBC's script goes by --java-path: on macOS it puts
// the Gateway's own in its place (ibcstart.sh of every version until 3.24.1).
func (m Javas) TakesJavaPath() bool { return m.OS != "darwin" }

func (m Javas) javaFile() string {
	if m.OS == "windows" {
		return "java.exe"
	}
	return "java"
}

// javaCandidates are where the Gateway's own Java may be, the first one first.
func (m Javas) javaCandidates(p Program) (candidates []string) {
	i4j := m.Join(p.Path, ".install4j")
	if m.OS == "darwin" {
		home := m.Join(i4j, "jre.bundle", "Contents", "Home")
		return []string{m.Join(home, "jre", "bin", "java"), m.Join(home, "bin", "java")}
	}
	for _, file := range []string{"pref_jre.cfg", "inst_jre.cfg"} {
		if folder := m.firstLine(m.Join(i4j, file)); folder != "" {
			candidates = append(candidates, m.Join(folder, "bin", m.javaFile()))
		}
	}
	if data := m.Getenv("ProgramData"); m.OS == "windows" && data != "" {
		candidates = append(candidates, m.Join(data, "Oracle", "Java", "javapath", "java.exe"))
	}
	return candidates
}
