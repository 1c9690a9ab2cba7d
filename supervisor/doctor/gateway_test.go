//go:build unix

package doctor

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A problem is one thing that is broken on a healthy machine, and what has to
// be said about it.
type problem struct {
	name    string
	breaks  func(*harness)
	check   string
	verdict Verdict
	text    string
	do      string
}

// mustBeNamed looks for the problem in what doctor has found; text is what it shows
// of that.
func (p problem) mustBeNamed(t *testing.T, sections []Section, text string) {
	t.Helper()
	for _, s := range sections {
		for _, r := range s.Results {
			if r.Check == p.check && r.Verdict == p.verdict && strings.Contains(r.Text, p.text) && strings.Contains(r.Do, p.do) {
				return
			}
		}
	}
	t.Errorf("no %s of %s with %q and %q in\n%s", p.verdict, p.check, p.text, p.do, text)
}

func testProblems(t *testing.T, problems []problem) {
	t.Helper()
	for _, tt := range problems {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			tt.breaks(h)
			sections := Run(t.Context(), h.host)
			text := Text(sections, false)
			tt.mustBeNamed(t, sections, text)
			if (tt.verdict == Error) == Healthy(sections) {
				t.Errorf("healthy: %t\n%s", Healthy(sections), text)
			}
			if strings.Contains(text, canary) {
				t.Errorf("a secret is shown:\n%s", text)
			}
			h.checkAPIPortUntouched()
		})
	}
}

func TestWhatIsInstalledIsJudgedAsIBCDoes(t *testing.T) {
	const vmoptions = "Jts/ibgateway/1045/ibgateway.vmoptions"
	moved := func(version string) func(*harness) {
		return func(h *harness) {
			if err := os.Rename(filepath.Join(h.dir, "Jts/ibgateway/1045"), filepath.Join(h.dir, "Jts/ibgateway", version)); err != nil {
				h.t.Fatal(err)
			}
			h.settings("ibc.version = '" + version + "'\n")
		}
	}
	testProblems(t, []problem{
		{"a Gateway by its minor version", moved("10.50.1d"), "program", OK, "IB Gateway 10.50.1d in", ""},
		{"a Gateway by a channel's name", moved("stable"), "program", OK, "IB Gateway stable in", ""},
		{"an IBC that cannot log in", func(h *harness) { h.write("ibc/version", "3.12.0\n") }, "ibc", Error,
			"IBC 3.12.0 in", "releases"},
		{"the last one that cannot", func(h *harness) { h.write("ibc/version", "3.16.2\n") }, "ibc", Error, "does not know the login window", ""},
		{"an IBC that waits at refused logins", func(h *harness) { h.write("ibc/version", "3.18.0\n") }, "ibc", Warning, "IBC 3.18.0 works, but it waits at a login that was refused", ""},
		{"an IBC that says too little", func(h *harness) { h.write("ibc/version", "3.23.0\n") }, "ibc", Warning,
			"its log does not say why a login fails; install IBC 3.24.0", "releases"},
		{"the first IBC that lacks nothing", func(h *harness) { h.write("ibc/version", "3.24.0\n") }, "ibc", OK, "IBC 3.24.0 in", ""},
		{"a damaged IBC.jar", func(h *harness) { h.write("ibc/IBC.jar", "half of it") }, "ibc jar", Error, "cannot read IBC.jar", "unpack the release again"},
		{"a Java for another processor", func(h *harness) {
			h.host.Machine.Arch = "arm64"
			h.write("jre/bin/java", elfFor(62))
		}, "java", Error, "it is for amd64, and this machine is arm64", ""},
		{"a Java that is too old", func(h *harness) { h.write("jre/release", "JAVA_VERSION=\"1.8.0_392\"\n") }, "java", Error,
			"is Java 1.8.0_392, and IBC 3.24.1 needs Java 17 or newer", ""},
		{"another Java that would do", func(h *harness) {
			h.write("jre/release", "JAVA_VERSION=\"11.0.2\"\n")
			h.write("jdk/release", "JAVA_VERSION=\"21.0.1\"\n")
			h.write("jdk/bin/java", "")
			h.getenv["JAVA_HOME"] = filepath.Join(h.dir, "jdk")
		}, "java", Error, "is Java 11.0.2", "/jdk/bin; set java_path to it"},
		{"a java_path", func(h *harness) {
			h.write("other/bin/java", "")
			h.settings("ibc.java_path = '" + h.dir + "/other/bin'\n")
		}, "java", OK, "/other/bin/java", ""},
		{"a java_path without Java", func(h *harness) { h.settings("ibc.java_path = '/nowhere'\n") }, "java", Error, "there is no /nowhere/java", ""},
		{"no vmoptions", func(h *harness) { h.remove(vmoptions) }, "vmoptions", Error, "IBC ends without", "install IB Gateway 1045 again"},
		{"a heap that Java refuses", func(h *harness) { h.write(vmoptions, "-Xmx2gm\n") }, "vmoptions", Error, "Java refuses to start with -Xmx2gm", "-Xmx2g"},
		{"a heap in megabytes with their unit", func(h *harness) { h.write(vmoptions, "# -Xmx2GB\r\n-Xms768MB\r\n") }, "vmoptions", Error, "with -Xms768MB", ""},
		{"a heap with a blank", func(h *harness) { h.write(vmoptions, "-Xmx 2g\n") }, "vmoptions", Error, "with -Xmx 2g", ""},
	})
}

func TestAMacIgnoresJavaPath(t *testing.T) {
	h := newHarness(t)
	h.host.Machine.OS = "darwin"
	const app = "Jts/IB Gateway 10.45/"
	h.write(app+"jars/x.jar", "")
	h.write(app+"ibgateway.vmoptions", "")
	h.write(app+".install4j/jre.bundle/Contents/Home/bin/java", "")
	h.settings("ibc.java_path = '/opt/jre/bin'\n")
	text := Text(Run(t.Context(), h.host), false)
	if !strings.Contains(text, "! IBC ignores java_path on macOS") || !strings.Contains(text, "jre.bundle/Contents/Home/bin/java") {
		t.Error(text)
	}
}

func TestADisplayForTheGatewaysWindowsIsLookedFor(t *testing.T) {
	number := func(h *harness) string { // a display of its own in the usual place
		dir := "/tmp/.X11-unix"
		if err := os.MkdirAll(dir, 0o1777); err != nil {
			h.t.Fatal(err)
		}
		name := fmt.Sprint(10000 + os.Getpid()%50000)
		path := filepath.Join(dir, "X"+name)
		l, err := net.Listen("unix", path)
		if err != nil {
			h.t.Fatal(err)
		}
		h.t.Cleanup(func() { l.Close() })
		return name
	}
	set := func(value string) func(*harness) { return func(h *harness) { h.getenv["DISPLAY"] = value } }
	testProblems(t, []problem{
		{"none", set(""), "display", Error, "DISPLAY is not set here", "Xvfb :1"},
		{"one that nobody serves", set(":64999"), "display", Error, `DISPLAY is ":64999", and nobody shows windows there`, "DISPLAY=:1"},
		{"one that has ended", func(h *harness) { h.getenv["DISPLAY"] += "-gone" }, "display", Error, "nobody shows windows there", ""},
		{"a socket whose server has crashed", func(h *harness) {
			path := filepath.Join(h.dir, "X1")
			l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
			if err != nil {
				h.t.Fatal(err)
			}
			l.SetUnlinkOnClose(false)
			l.Close()
			h.getenv["DISPLAY"] = path
		}, "display", Error, "connection refused", ""},
		{"one that ssh does not forward any more", set("localhost:59000.0"), "display", Error, "nobody shows windows there", ""},
		{"no name of one", set("0"), "display", Error, "it is no name of a display", ""},
		{"a number", func(h *harness) { h.getenv["DISPLAY"] = ":" + number(h) }, "display", OK, "is there", ""},
		{"a number with a screen", func(h *harness) { h.getenv["DISPLAY"] = "unix:" + number(h) + ".0" }, "display", OK, "is there", ""},
		{"a path with a screen", func(h *harness) { h.getenv["DISPLAY"] = "unix:" + h.getenv["DISPLAY"] + ".0" }, "display", OK, "is there", ""},
		{"a Gateway that runs has one of its own", func(h *harness) {
			set("")(h)
			h.looks(supervisor.Snapshot{State: supervisor.Listening, Listener: &supervisor.Listener{}})
		}, "display", Warning, "the one that runs has been started from elsewhere", "DISPLAY=:1"},
		{"that of the Gatelight that runs counts", func(h *harness) {
			set("")(h)
			h.knows(supervisor.Snapshot{State: supervisor.Connected, Verified: true})
		},
			"display", Warning, "a Gateway is started with that of the Gatelight that runs", "where Gatelight is started"},
	})
}

// A display over TCP may have the number of an API port, which nobody looks at
// by connecting.
func TestNoDisplayIsLookedForAtAnAPIPort(t *testing.T) {
	h := newHarness(t)
	h.getenv["DISPLAY"] = fmt.Sprintf("127.0.0.1:%d", h.ports[0]-displayPorts)
	text := Text(Run(t.Context(), h.host), false)
	if !strings.Contains(text, "is the API port of Gateway paper") {
		t.Error(text)
	}
	h.change("config.toml", fmt.Sprint("port = ", h.ports[0]), "port = 1") // nor at one that no setting names
	if text := Text(Run(t.Context(), h.host), false); !strings.Contains(text, "the X display 127.0.0.1:") {
		t.Error(text)
	}
	h.checkAPIPortUntouched()
}

// What listens may be anything, and a Gateway cannot be started beside it.
func TestAnotherProgramOnTheAPIPortIsTold(t *testing.T) {
	for other, want := range map[bool]Verdict{false: OK, true: Warning} {
		h := newHarness(t)
		h.host.IsOtherProgram = func(int) bool { return other }
		found := false
		for _, s := range Run(t.Context(), h.host) {
			for _, r := range s.Results {
				found = found || r.Check == "port" && r.Verdict == want && strings.Contains(r.Text, "listens on port "+fmt.Sprint(h.ports[0]))
			}
		}
		if !found {
			t.Errorf("%t: the port is not %v", other, want)
		}
	}
}

func TestNoDisplayIsNeededWhereNoGatewayIsStarted(t *testing.T) {
	for name, change := range map[string]func(*harness){
		"no IBC": func(h *harness) { h.remove("ibc") },
		"macOS":  func(h *harness) { h.host.Machine.OS = "darwin" },
		"demo":   func(h *harness) { h.write("ibc/version", "3.24.1-simulated\n") },
	} {
		h := newHarness(t)
		h.getenv["DISPLAY"] = ""
		change(h)
		if text := Text(Run(t.Context(), h.host), false); strings.Contains(text, "DISPLAY") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

func TestWhatBreaksARestartWithoutALoginIsNamedWithWhatToDo(t *testing.T) {
	restartFile := func(h *harness, at time.Time, path string) {
		h.write(path, "")
		if err := os.Chtimes(filepath.Join(h.dir, path), at, at); err != nil {
			h.t.Fatal(err)
		}
	}
	folder := func(h *harness, path string) {
		h.change("config.toml", "tws_settings_path = '"+h.dir+"/Jts'", "tws_settings_path = '"+path+"'")
	}
	link := func(h *harness, target, name string) {
		if err := os.Symlink(target, filepath.Join(h.dir, name)); err != nil {
			h.t.Fatal(err)
		}
	}
	mkdir := func(h *harness, name string) string {
		h.write(name+"/jts.ini", "")
		return filepath.Join(h.dir, name)
	}
	ibDir := func(h *harness, dir string) {
		h.change("ibc/config.ini", "AutoRestartTime=", "IbDir="+dir+"\nAutoRestartTime=")
	}
	sunday := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC) // 01:00 in New York, before noon
	testProblems(t, []problem{
		{"a link", func(h *harness) { link(h, h.dir+"/Jts", "link"); folder(h, h.dir+"/link") }, "settings path", Error,
			"/link is a link, which IBC's script does not follow", "/Jts\", where it leads"},
		{"a link with a slash behind it", func(h *harness) { link(h, h.dir+"/Jts", "link"); folder(h, h.dir+"/link/") }, "settings path", Error, "is a link", ""},
		{"a link to a link", func(h *harness) {
			link(h, h.dir+"/Jts", "one")
			link(h, h.dir+"/one", "two")
			folder(h, h.dir+"/two")
		}, "settings path", Error, "is a link", "/Jts\""},
		{"a blank", func(h *harness) { folder(h, mkdir(h, "my Jts")) }, "settings path", Error, "there is a space in", "without one"},
		{"a pattern", func(h *harness) { folder(h, mkdir(h, "Jts[1]")) }, "settings path", Error, "one of * ? [ ]", "without them"},
		{"a quote", func(h *harness) {
			h.settings("")
			h.change("config.toml", "tws_settings_path = '"+h.dir+"/Jts'", `tws_settings_path = "`+mkdir(h, "trader's")+`"`)
		},
			"settings path", Error, "there are quotes", ""},
		{"a slash at the end is taken away at the start", func(h *harness) { folder(h, h.dir+"/Jts/") }, "program", OK, "IB Gateway 1045", ""},
		{"two files", func(h *harness) {
			restartFile(h, noon, "Jts/abc/autorestart")
			restartFile(h, noon, "Jts/def/autorestart")
		}, "autorestart", Error, "there are 2 files named autorestart below", "different times in AutoRestartTime"},
		{"three files, one of them old", func(h *harness) {
			for _, user := range []string{"a", "b", "c"} {
				restartFile(h, noon.AddDate(0, 0, -len(user)*10), "Jts/"+user+"/autorestart")
			}
		}, "autorestart", Error, "there are 3 files", ""},
		{"a file in the folder itself", func(h *harness) { restartFile(h, noon, "Jts/autorestart") }, "autorestart", Error,
			"it starts the Gateway again after every end", "remove it: rm "},
		{"a file from before the week's login", func(h *harness) { restartFile(h, sunday.Add(-time.Minute), "Jts/abc/autorestart") }, "autorestart", Error,
			"is from before Sunday 01:00 in New York", "abc/autorestart, then the next start is a full login"},
		{"a file of last month", func(h *harness) { restartFile(h, noon.AddDate(0, -1, 0), "Jts/abc/autorestart") }, "autorestart", Error, "is from before Sunday", ""},
		{"a file of this week is good", func(h *harness) { restartFile(h, sunday.Add(time.Minute), "Jts/abc/autorestart") }, "program", OK, "IB Gateway", ""},
		{"another IbDir", func(h *harness) { ibDir(h, mkdir(h, "other")) }, "autorestart", Error, "IbDir in config.ini is another folder than tws_settings_path", "take IbDir out"},
		{"an IbDir that is not there", func(h *harness) { ibDir(h, "/nowhere") }, "autorestart", Error, "IbDir in config.ini is another folder", ""},
		{"the same IbDir", func(h *harness) { ibDir(h, h.dir+"/Jts/") }, "program", OK, "IB Gateway", ""},
		{"files where IBC does not look", func(h *harness) {
			restartFile(h, noon.AddDate(-1, 0, 0), "Jts/abc/old/autorestart")
			restartFile(h, noon.AddDate(-1, 0, 0), "Jts/def/autorestart.bak")
		}, "program", OK, "IB Gateway", ""},
	})
}

func TestTheWeekBeginsOnSundayInNewYork(t *testing.T) {
	for _, tt := range []struct{ now, want string }{
		{"2026-11-25T12:00:00Z", "2026-11-22T06:00:00Z"},
		{"2026-11-22T06:00:00Z", "2026-11-22T06:00:00Z"},
		{"2026-11-22T05:59:59Z", "2026-11-15T06:00:00Z"},
		{"2026-11-29T04:00:00Z", "2026-11-22T06:00:00Z"}, // Saturday there
		{"2026-07-05T04:30:00Z", "2026-06-28T05:00:00Z"}, // in summer
		{"2026-11-01T12:00:00Z", "2026-11-01T05:00:00Z"}, // the clocks go back an hour later
	} {
		now, err := time.Parse(time.RFC3339, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := weekBegan(now).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.now, got, tt.want)
		}
	}
}
