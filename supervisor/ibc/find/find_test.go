package find

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// machine is one with these files; a name that ends in / is a folder.
func machine(goos string, files ...string) Machine {
	m := Machine{OS: goos, Home: map[string]string{"linux": "/home/trader", "darwin": "/Users/trader", "windows": `C:\Users\trader`}[goos],
		Getenv: func(string) string { return "" }}
	fsys := fstest.MapFS{}
	for _, f := range files {
		path, text, _ := strings.Cut(f, " := ")
		mode := fs.FileMode(0o600)
		if strings.HasSuffix(path, ".sh") || strings.HasSuffix(path, "java") {
			mode = 0o700
		}
		if path, folder := strings.CutSuffix(path, "/"); folder {
			fsys[nameInFiles(m, path)] = &fstest.MapFile{Mode: fs.ModeDir | 0o700}
			continue
		}
		fsys[nameInFiles(m, path)] = &fstest.MapFile{Data: []byte(text), Mode: mode}
	}
	m.Files = fsys
	return m
}

// release are the parts of an IBC release in a folder.
func release(folder, version string) []string {
	if strings.HasPrefix(folder, `C:\`) {
		return []string{folder + `\version := ` + version + "\r\n", folder + `\IBC.jar`, folder + `\scripts\StartIBC.bat`}
	}
	return []string{folder + "/version := " + version + "\n", folder + "/IBC.jar", folder + "/scripts/ibcstart.sh"}
}

func TestHostPaths(t *testing.T) {
	for _, tt := range []struct{ goos, path, want string }{
		{"linux", "/home/trader/Jts/", "/home/trader/Jts"}, {"linux", "/", "/."},
		{"darwin", "/a/IB Gateway 10.45", "/a/IB Gateway 10.45"},
		{"windows", `C:\Jts\ibgateway`, `C:\Jts\ibgateway`}, {"windows", `C:\`, `C:\`}, {"windows", `D:/a\b`, `D:\a\b`},
	} {
		if got := hostPath(tt.goos, nameInFiles(machine(tt.goos), tt.path)); got != tt.want {
			t.Errorf("%s on %s: %s, want %s", tt.path, tt.goos, got, tt.want)
		}
	}
}

func TestVersionsAreSortedByNumber(t *testing.T) {
	for _, want := range [][]string{
		{"1045", "1037", "978"}, {"10.45", "10.9"}, {"10100", "9999"}, {"10.100", "10.99"}, {"3.24.1", "3.24", "3.9.5"}, {"1", "beta"},
		{"0900", "899"},
	} {
		got := slices.Clone(want)
		slices.Reverse(got)
		slices.SortFunc(got, func(a, b string) int { return compare(b, a) })
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The table of IBC's user guide: where IBKR's installers put what.
func TestProgramsAreFoundWhereIBKRInstallsThem(t *testing.T) {
	linux := machine("linux", "/home/trader/Jts/ibgateway/1037/jars/", "/home/trader/Jts/ibgateway/978/jars/", "/home/trader/Jts/ibgateway/1045/jars/",
		"/home/trader/Jts/ibgateway/1099/", "/home/trader/Jts/ibgateway/1046.old/jars/", "/home/trader/Jts/ibgateway/latest/jars/", "/home/trader/Jts/ibgateway/9999",
		"/home/trader/Jts/1030/jars/", "/home/trader/Jts/jars/")
	mac := machine("darwin", "/Users/trader/Applications/IB Gateway 10.9/jars/", "/Users/trader/Applications/IB Gateway 10.45/jars/",
		"/Users/trader/Applications/IB Gateway/jars/", "/Users/trader/Applications/Trader Workstation 10.37/jars/")
	windows := machine("windows", `C:\Jts\ibgateway\1037\jars\x`, `C:\Jts\ibgateway\1045\jars\x`, `C:\Jts\1030\jars\x`)
	for _, tt := range []struct {
		m             Machine
		name, twsPath string
		want          []Program
	}{
		{linux, "gateway", "/home/trader/Jts", []Program{{"gateway", "1045", "/home/trader/Jts/ibgateway/1045"},
			{"gateway", "1037", "/home/trader/Jts/ibgateway/1037"}, {"gateway", "978", "/home/trader/Jts/ibgateway/978"},
			{"gateway", "1046.old", "/home/trader/Jts/ibgateway/1046.old"}, {"gateway", "latest", "/home/trader/Jts/ibgateway/latest"}}},
		{linux, "tws", "/home/trader/Jts", []Program{{"tws", "1030", "/home/trader/Jts/1030"}}},
		{linux, "tws", "/home/trader/nowhere", nil},
		{mac, "gateway", "/Users/trader/Applications", []Program{{"gateway", "10.45", "/Users/trader/Applications/IB Gateway 10.45"},
			{"gateway", "10.9", "/Users/trader/Applications/IB Gateway 10.9"}}},
		{mac, "tws", "/Users/trader/Applications", []Program{{"tws", "10.37", "/Users/trader/Applications/Trader Workstation 10.37"}}},
		{windows, "gateway", `C:\Jts`, []Program{{"gateway", "1045", `C:\Jts\ibgateway\1045`}, {"gateway", "1037", `C:\Jts\ibgateway\1037`}}},
		{windows, "tws", `C:\Jts`, []Program{{"tws", "1030", `C:\Jts\1030`}}},
	} {
		if got, err := tt.m.Programs(tt.name, tt.twsPath); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%s, %s in %s:\n%q, %v, want\n%q", tt.m.OS, tt.name, tt.twsPath, got, err, tt.want)
		}
	}
}

func TestTheVersionThatIBCStartsIsFound(t *testing.T) {
	linux := machine("linux", "/j/ibgateway/1037/jars/", "/j/ibgateway/1045/jars/", "/j/1050/jars/", "/t/1030/jars/")
	mac := machine("darwin", "/a/IB Gateway 10.37/jars/", "/a/IB Gateway 9.78/jars/")
	for _, tt := range []struct {
		m                      Machine
		name, twsPath, version string
		want                   string // its path, or a part of the error
	}{
		{linux, "gateway", "/j", "auto", "/j/ibgateway/1045"},
		{linux, "gateway", "/j", "", "/j/ibgateway/1045"},
		{linux, "gateway", "/j", "1037", "/j/ibgateway/1037"},
		{linux, "gateway", "/j", "1050", "/j/1050"}, // IBC starts a Gateway from TWS's folder, too
		{linux, "gateway", "/t", "auto", "/t/1030"},
		{linux, "tws", "/j", "auto", "/j/1050"},
		{linux, "gateway", "/j", "10.37", `on this system it is written version = "1037"`},
		{mac, "gateway", "/a", "1037", `on this system it is written version = "10.37"`},
		{mac, "gateway", "/a", "978", `on this system it is written version = "9.78"`},
		{linux, "gateway", "/j", "1019", `IB Gateway 1019 is not installed in /j, but 1045, 1037 is; set version`},
		{linux, "gateway", "/none", "1019", `IB Gateway 1019 is not installed in /none; install its offline edition`},
		{linux, "gateway", "/none", "auto", `IB Gateway is not installed in /none; install its offline edition`},
		{linux, "tws", "/none", "auto", `Trader Workstation is not installed in /none; install its offline edition`},
	} {
		p, err := tt.m.Program(tt.name, tt.twsPath, tt.version)
		if err == nil && p.Path != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s %q in %s: %+v, %v; want %s", tt.name, tt.version, tt.twsPath, p, err, tt.want)
		}
	}
}

// IBC takes any folder that has jars: its script joins the version to the path
// and looks no further.
func TestAnyFolderWithJarsIsInstalled(t *testing.T) {
	linux := func(folders ...string) Machine { return machine("linux", folders...) }
	mac := machine("darwin", "/a/IB Gateway Latest/jars/", "/a/Trader Workstation 10.50.1d/jars/", "/a/Trader Workstation/jars/", "/a/IB Gateway -x/jars/")
	windows := machine("windows", `C:\Jts\ibgateway\stable\jars\x`, `C:\Jts\10.50.1d\jars\x`, `C:\Jts\ibgateway\10.50.1d\`)
	for _, tt := range []struct {
		name                      string
		m                         Machine
		program, twsPath, version string
		want                      string // its path, or a part of the error
	}{
		{"a minor version by name", linux("/j/ibgateway/10.50.1d/jars/"), "gateway", "/j", "10.50.1d", "/j/ibgateway/10.50.1d"},
		{"a minor version, automatically", linux("/j/ibgateway/10.50.1d/jars/"), "gateway", "/j", "auto", "/j/ibgateway/10.50.1d"},
		{"a channel's name", linux("/j/ibgateway/stable/jars/"), "gateway", "/j", "stable", "/j/ibgateway/stable"},
		{"a blank in it", linux("/j/ibgateway/my gateway/jars/"), "gateway", "/j", "my gateway", "/j/ibgateway/my gateway"},
		{"a TWS by another name", linux("/j/latest/jars/"), "tws", "/j", "latest", "/j/latest"},
		{"a Gateway in TWS's folder", linux("/j/latest/jars/"), "gateway", "/j", "latest", "/j/latest"},
		{"jars that are a file", linux("/j/ibgateway/1045/jars"), "gateway", "/j", "1045", "/j/ibgateway/1045"},
		{"a number before any other name", linux("/j/ibgateway/latest/jars/", "/j/ibgateway/978/jars/", "/j/ibgateway/10.50.1d/jars/"), "gateway", "/j", "auto", "/j/ibgateway/978"},
		{"the newest of the other names", linux("/j/ibgateway/latest/jars/", "/j/ibgateway/10.9.2a/jars/", "/j/ibgateway/10.50.1d/jars/"), "gateway", "/j", "auto", "/j/ibgateway/10.50.1d"},
		{"its own folder before the other's number", linux("/j/ibgateway/latest/jars/", "/j/1030/jars/"), "gateway", "/j", "auto", "/j/ibgateway/latest"},
		{"without jars", linux("/j/ibgateway/latest/", "/j/ibgateway/1045/data/"), "gateway", "/j", "latest", "IB Gateway latest is not installed in /j"},
		{"macOS", mac, "gateway", "/a", "auto", "/a/IB Gateway Latest"},
		{"macOS, a TWS", mac, "tws", "/a", "10.50.1d", "/a/Trader Workstation 10.50.1d"},
		{"macOS, what would be an option", mac, "tws", "/a", "auto", "/a/Trader Workstation 10.50.1d"},
		{"Windows", windows, "gateway", `C:\Jts`, "auto", `C:\Jts\ibgateway\stable`},
		{"Windows, TWS", windows, "gateway", `C:\Jts`, "10.50.1d", `C:\Jts\10.50.1d`},
	} {
		p, err := tt.m.Program(tt.program, tt.twsPath, tt.version)
		if err == nil && p.Path != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v, %v; want %s", tt.name, p, err, tt.want)
		}
	}
}

// The editions that update themselves have no version in their folder's name,
// so that nothing can be told to IBC that leads there.
func TestAnEditionThatUpdatesItselfIsFoundAndNotTakenForOneThatIBCStarts(t *testing.T) {
	for _, tt := range []struct {
		goos, twsPath string
		files         []string
		want          []string
	}{
		{"linux", "/home/trader/Jts", []string{"/home/trader/Jts/jars/"}, []string{"/home/trader/Jts"}},
		{"linux", "/home/trader/Jts", []string{"/home/trader/Jts/ibgateway/jars/"}, []string{"/home/trader/Jts/ibgateway"}},
		{"windows", `C:\Jts`, []string{`C:\Jts\jars\x`, `C:\Jts\ibgateway\jars\x`}, []string{`C:\Jts`, `C:\Jts\ibgateway`}},
		{"darwin", "/Applications", []string{"/Applications/Trader Workstation/jars/"}, []string{"/Applications/Trader Workstation"}},
		{"darwin", "/Applications", []string{"/Applications/IB Gateway/jars/"}, []string{"/Applications/IB Gateway"}},
		{"darwin", "/Applications", []string{"/Applications/IB Gateway/"}, nil},
	} {
		m := machine(tt.goos, tt.files...)
		if got := m.SelfUpdating(tt.twsPath); !slices.Equal(got, tt.want) {
			t.Errorf("%s %q: %q, want %q", tt.goos, tt.files, got, tt.want)
		}
		p, err := m.Program("gateway", tt.twsPath, "auto")
		if err == nil || tt.want != nil && !strings.Contains(err.Error(), "what is in "+strings.Join(tt.want, " and ")+" updates itself") {
			t.Errorf("%s %q: %+v, %v", tt.goos, tt.files, p, err)
		}
	}
}

func TestReleasesAreFoundNewestFirst(t *testing.T) {
	for _, tt := range []struct {
		name, goos string
		files      []string
		want       []string
	}{
		{"IBC's own place", "linux", release("/opt/ibc", "3.24.1"), []string{"/opt/ibc 3.24.1"}},
		{"where it is unpacked for a user", "linux", release("/home/trader/ibc-3.24.1", "3.24.1"), []string{"/home/trader/ibc-3.24.1 3.24.1"}},
		{"the newest by number", "linux", slices.Concat(release("/opt/ibc", "3.9.2"), release("/home/trader/IBC", "3.24.1"), release("/home/trader/ibc-3.23.0", "3.23.0")),
			[]string{"/home/trader/IBC 3.24.1", "/home/trader/ibc-3.23.0 3.23.0", "/opt/ibc 3.9.2"}},
		{"of equal ones the usual place", "darwin", slices.Concat(release("/Users/trader/ibc", "3.24.1"), release("/opt/ibc", "3.24.1")),
			[]string{"/opt/ibc 3.24.1", "/Users/trader/ibc 3.24.1"}},
		{"Homebrew", "darwin", release("/opt/homebrew/opt/ibc/libexec", "3.24.1"), []string{"/opt/homebrew/opt/ibc/libexec 3.24.1"}},
		{"a folder with the config alone is none", "darwin", []string{"/Users/trader/ibc/config.ini"}, nil},
		{"nor is half of one", "linux", release("/opt/ibc", "3.24.1")[:2], nil},
		{"Windows", "windows", slices.Concat(release(`C:\IBC`, "3.24.1"), release(`C:\Users\trader\ibc-3.25.0`, "3.25.0")),
			[]string{`C:\Users\trader\ibc-3.25.0 3.25.0`, `C:\IBC 3.24.1`}},
	} {
		var got []string
		for _, i := range machine(tt.goos, tt.files...).IBCs() {
			got = append(got, i.Path+" "+i.Version)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAMissingReleaseIsExplained(t *testing.T) {
	all := release("/opt/ibc", "3.24.1")
	notRunnable := machine("linux", all...)
	notRunnable.Files.(fstest.MapFS)["opt/ibc/scripts/ibcstart.sh"].Mode = 0o600
	for _, tt := range []struct {
		m    Machine
		want string
	}{
		{machine("linux"), `IBC is not installed in /opt/ibc: there is no file "version"; unpack a release with "gatelight ibc install FILE.zip", or set path under [gateway.ibc]`},
		{machine("linux", all[0], all[2]), "IBC is not complete: there is no /opt/ibc/IBC.jar"},
		{machine("linux", all[:2]...), "IBC is not complete: there is no /opt/ibc/scripts/ibcstart.sh"},
		{notRunnable, "chmod +x /opt/ibc/scripts/*.sh"},
	} {
		if i, err := tt.m.IBC("/opt/ibc"); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v, %v; want %s", i, err, tt.want)
		}
	}
}

func TestConfigsAreFound(t *testing.T) {
	for _, tt := range []struct {
		goos        string
		files, want []string
	}{
		{"linux", []string{"/home/trader/ibc/config.ini"}, []string{"/home/trader/ibc/config.ini"}},
		{"linux", nil, nil},
		{"linux", []string{"/home/trader/ibc/config.ini/"}, nil},
		{"darwin", append(release("/opt/ibc", "3.24.1"), "/opt/ibc/config.ini", "/Users/trader/IBC/config.ini"), []string{"/Users/trader/IBC/config.ini", "/opt/ibc/config.ini"}},
		{"windows", []string{`C:\Users\trader\Documents\IBC\config.ini`}, []string{`C:\Users\trader\Documents\IBC\config.ini`}},
	} {
		if got := machine(tt.goos, tt.files...).Configs(); !slices.Equal(got, tt.want) {
			t.Errorf("%s %q: %q, want %q", tt.goos, tt.files, got, tt.want)
		}
	}
}

func TestTheJavaOfTheGatewayIsFound(t *testing.T) {
	gateway := map[string]Program{
		"linux":   {"gateway", "1045", "/j/ibgateway/1045"},
		"darwin":  {"gateway", "10.45", "/a/IB Gateway 10.45"},
		"windows": {"gateway", "1045", `C:\Jts\ibgateway\1045`},
	}
	const jre = "/home/trader/.i4j_jres/Oda-jK0QgTEmVssfllLP/17.0.10"
	const bundle = "/a/IB Gateway 10.45/.install4j/jre.bundle/Contents/Home"
	for _, tt := range []struct {
		name, goos string
		files      []string
		want       string // or a part of the error
	}{
		{"the installer's", "linux", []string{"/j/ibgateway/1045/.install4j/inst_jre.cfg := " + jre + "\n", jre + "/bin/java"}, jre + "/bin/java"},
		{"the preferred one", "linux", []string{"/j/ibgateway/1045/.install4j/inst_jre.cfg := " + jre, jre + "/bin/java",
			"/j/ibgateway/1045/.install4j/pref_jre.cfg := /opt/zulu\nmore", "/opt/zulu/bin/java"}, "/opt/zulu/bin/java"},
		{"one that has gone is skipped", "linux", []string{"/j/ibgateway/1045/.install4j/inst_jre.cfg := " + jre, jre + "/bin/java",
			"/j/ibgateway/1045/.install4j/pref_jre.cfg := /opt/zulu"}, jre + "/bin/java"},
		{"none is there", "linux", []string{"/j/ibgateway/1045/.install4j/inst_jre.cfg := " + jre},
			"the Java that comes with IB Gateway 1045 is missing (" + jre + "/bin/java); install IB Gateway 1045 again"},
		{"none is named, and the system's does not count", "linux", []string{"/usr/bin/java"}, "/j/ibgateway/1045/.install4j names none"},
		{"macOS", "darwin", []string{bundle + "/bin/java"}, bundle + "/bin/java"},
		{"macOS, an older layout", "darwin", []string{bundle + "/jre/bin/java"}, bundle + "/jre/bin/java"},
		{"macOS, none", "darwin", []string{"/usr/bin/java"}, "install IB Gateway 10.45 again"},
		{"Windows", "windows", []string{`C:\Jts\ibgateway\1045\.install4j\inst_jre.cfg := C:\jre` + "\r\n", `C:\jre\bin\java.exe`}, `C:\jre\bin\java.exe`},
		{"Windows, Oracle's", "windows", []string{`C:\ProgramData\Oracle\Java\javapath\java.exe`}, `C:\ProgramData\Oracle\Java\javapath\java.exe`},
	} {
		m := machine(tt.goos, tt.files...)
		if tt.goos == "windows" {
			m.Getenv = func(string) string { return `C:\ProgramData` }
		}
		got, err := m.Javas().Java(gateway[tt.goos], "")
		if err == nil && got != tt.want || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %s, %v; want %s", tt.name, got, err, tt.want)
		}
	}
}
