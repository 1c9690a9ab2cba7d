package find

import (
	"fmt"
	"io/fs"
	"sort"
	"strings"
)

// A Java is one that can run the Gateway.
type Java struct {
	Path    string // of the program
	Version string // as in "17.0.10"; "": it cannot be told
	How     string // how this machine runs it, when not directly
}

// CheckJava is the Java that IBC will run the program with, or why that cannot
// work. A Java that cannot be judged counts as good. Nothing is run.
func (m Javas) CheckJava(p Program, i IBC, javaPath string) (Java, error) {
	path, err := m.Java(p, javaPath)
	if err != nil {
		return Java{}, err
	}
	java, err := m.judgeJava(path, i)
	if err != nil {
		return java, fmt.Errorf("%w; %s", err, m.otherJava(p))
	}
	return java, nil
}

// otherJava is what to do about a Java that does not work.
func (m Javas) otherJava(p Program) string {
	if m.TakesJavaPath() {
		return fmt.Sprintf("install the edition of %s for this machine, or set java_path under [gateway.ibc] to the folder of another Java's %s", titles[p.Name], m.javaFile())
	}
	return fmt.Sprintf("install the newest edition of %s for this machine", titles[p.Name])
}

// judgeJava checks that a Java can run here, and this IBC in it.
func (m Javas) judgeJava(path string, i IBC) (Java, error) {
	java := Java{Path: path}
	if err := m.MayRun(path); err != nil {
		return java, fmt.Errorf("%s cannot be run: %w", path, err)
	}
	processors, err := m.Processors(path)
	if err != nil {
		return java, fmt.Errorf("%s cannot be run: it is damaged (%w)", path, err)
	}
	for n, processor := range processors {
		runs, how := m.RunsHere(processor)
		if runs {
			java.How = how
			break
		}
		if n == len(processors)-1 {
			err := fmt.Errorf("%s cannot run here: it is for %s, and this machine is %s", path, strings.Join(processors, " and "), m.Arch)
			if how != "" {
				err = fmt.Errorf("%w (%s)", err, how)
			}
			return java, err
		}
	}
	major, version := m.JavaVersion(path)
	java.Version = version
	needed, err := m.JavaNeeded(i)
	if err == nil && major != 0 && major < needed {
		return java, fmt.Errorf("%s is Java %s, and IBC %s needs Java %d or newer", path, version, i.Version, needed)
	}
	return java, nil
}

// OtherJavas are those of this machine, besides the Gateway's own, that can run
// this IBC here: the one of JAVA_HOME, then the others, oldest first, since IBKR
// brings an old one, too. The folder of each is one for java_path.
func (m Javas) OtherJavas(i IBC) []Java {
	var folders []string
	if home := m.Getenv("JAVA_HOME"); home != "" {
		folders = append(folders, m.Join(home, "bin"))
	}
	for _, dir := range m.javaParents() {
		entries, err := fs.ReadDir(m.Files, nameInFiles(m.Machine, dir))
		if err != nil {
			continue // it is one of many places
		}
		for _, e := range entries {
			folders = append(folders, m.Join(dir, e.Name(), "bin"))
		}
	}
	var found []Java
	for _, folder := range unique(m.Machine, folders) {
		path := m.Join(folder, m.javaFile())
		if java, err := m.judgeJava(path, i); err == nil && m.isFile(path) && java.How == "" && java.Version != "" {
			found = append(found, java)
		}
	}
	rest := found
	if home := m.Getenv("JAVA_HOME"); home != "" && len(found) > 0 && found[0].Folder() == m.Join(home, "bin") {
		rest = found[1:]
	}
	sort.SliceStable(rest, func(i, j int) bool { return compareLeading(rest[i].Version, rest[j].Version) < 0 })
	return found
}

// javaParents are the folders in which Javas are installed, each in one of its
// own.
func (m Javas) javaParents() []string {
	if m.OS == "windows" {
		return []string{`C:\Program Files\Java`, `C:\Program Files\Eclipse Adoptium`, `C:\Program Files\Zulu`}
	}
	return []string{"/usr/lib/jvm", "/opt/java", "/usr/java"}
}

// Folder is what java_path is set to for this Java.
func (j Java) Folder() string {
	return strings.TrimRight(j.Path[:strings.LastIndexAny(j.Path, `/\`)+1], `/\`)
}
