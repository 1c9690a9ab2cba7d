package packaging

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor/testkit"
)

// A fakeRegistry replaces the registry of Windows, which only Windows has.
type fakeRegistry struct {
	value    *string
	approved []byte
}

func (r *fakeRegistry) String() string { return `HKCU\…\Run\Gatelight` }

func (r *fakeRegistry) read() (string, string, error) {
	if r.value == nil {
		return "", "", fs.ErrNotExist
	}
	return *r.value, disabledInStartupApps(r.approved), nil
}

func (r *fakeRegistry) write(text string) error { r.value, r.approved = &text, nil; return nil }
func (r *fakeRegistry) remove() error           { r.value, r.approved = nil, nil; return nil }

// allSystems returns the autostart of each system, on any system.
func allSystems(t *testing.T) map[string]Autostart {
	t.Helper()
	getenv := func(name string) string { return map[string]string{"HOME": t.TempDir()}[name] }
	all := map[string]Autostart{"windows": {format: format{writeRunValue, readRunValue}, store: &fakeRegistry{}}}
	for name, system := range map[string]func(func(string) string) (format, store, error){"linux": autostartEntry, "darwin": launchAgent} {
		format, store, err := system(getenv)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = Autostart{format: format, store: store}
	}
	return all
}

// unusualPaths are paths that each of the systems quotes in its own way.
var unusualPaths = []string{
	"/opt/gatelight", "/home/trader/my programs/gatelight", `/a"b/$HOME/back\slash/` + "`id`/gatelight",
	"/50%/%f/%%u/gatelight", "/a&b<c>/it's;~*?#(x)|/gatelight", "/Börse/交易/🚦", `C:\Program Files\Gatelight\gatelight.exe`,
	`/a\`, `/a\\`, `/a\n\s\t`, "/a ",
}

func TestStartsAtLoginUntilItIsOff(t *testing.T) {
	for name, a := range allSystems(t) {
		t.Run(name, func(t *testing.T) {
			for _, path := range unusualPaths {
				if name == "windows" && strings.Contains(path, `"`) || runtime.GOOS == "windows" && strings.ContainsAny(path, `"<>|*?`) {
					continue // no file name may contain it there
				}
				a.Program, a.Args = path, []string{"--config", path + "/a b.toml", ""}
				wantStatus(t, a, Status{})
				if err := a.On(); err != nil {
					t.Fatal(err)
				}
				wantStatus(t, a, Status{State: On, Command: append([]string{path}, a.Args...), Missing: true})
				for range 2 { // the second one finds nothing and succeeds
					if err := a.Off(); err != nil {
						t.Fatal(err)
					}
				}
				wantStatus(t, a, Status{})
			}
		})
	}
}

func TestStatusTellsThisProgramFromAnother(t *testing.T) {
	self, older := writeProgram(t, "new"), writeProgram(t, "old")
	link := filepath.Join(t.TempDir(), "gatelight")
	testkit.Symlink(t, self, link)
	for name, a := range allSystems(t) {
		t.Run(name, func(t *testing.T) {
			for _, tt := range []struct {
				program string
				want    Status
			}{
				{self, Status{State: On}},
				{link, Status{State: On}},
				{older, Status{State: OtherProgram}},
				{older + "-moved", Status{State: OtherProgram, Missing: true}},
			} {
				a.Program = tt.program
				if err := a.On(); err != nil {
					t.Fatal(err)
				}
				a.Program = self
				tt.want.Command = []string{tt.program}
				wantStatus(t, a, tt.want)
			}
			if err := a.On(); err != nil {
				t.Fatal(err)
			}
			wantStatus(t, a, Status{State: On, Command: []string{self}})
		})
	}
}

func TestStatusTellsOtherArguments(t *testing.T) {
	for name, a := range allSystems(t) {
		a.Program = writeProgram(t, "gatelight")
		if err := a.On(); err != nil {
			t.Fatal(name, err)
		}
		for _, args := range [][]string{{"--config", "a.toml"}, {"--config", "b.toml"}} {
			want := Status{State: OtherArguments, Command: append([]string{a.Program}, a.Args...)}
			a.Args = args
			wantStatus(t, a, want)
			if err := a.On(); err != nil {
				t.Fatal(name, err)
			}
			wantStatus(t, a, Status{State: On, Command: append([]string{a.Program}, args...)})
		}
	}
}

// Each system has a switch of its own beside ours. On enables the program
// again.
func TestStatusSaysWhoHasDisabledTheProgram(t *testing.T) {
	for name, a := range allSystems(t) {
		a.Program = writeProgram(t, "gatelight")
		var offs []func()
		replace := func(old, new string) {
			offs = append(offs, func() {
				path := a.Where()
				text, err := os.ReadFile(path)
				if err == nil && !strings.Contains(string(text), old) {
					err = fmt.Errorf("there is no %s", old)
				}
				if err == nil {
					err = os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
		switch name {
		case "linux":
			replace("X-GNOME-Autostart-enabled=true", "X-GNOME-Autostart-enabled=false")
			replace("Terminal=", "Hidden=true\nTerminal=")
			replace("Terminal=", "Hidden = true\nTerminal=")
		case "darwin":
			replace("<key>RunAtLoad</key>\n\t<true/>", "<key>RunAtLoad</key>\n\t<false/>")
			replace("<key>RunAtLoad</key>", "<key>Disabled</key>\n\t<true/>\n\t<key>RunAtLoad</key>")
		case "windows":
			for _, first := range []byte{0x03, 0x07} {
				offs = append(offs, func() {
					a.store.(*fakeRegistry).approved = []byte{first, 0, 0, 0, 0xd4, 0x0d, 0x43, 0x8d, 0xc8, 0x3b, 0xd9, 0x01}
				})
			}
		}
		for i, off := range offs {
			t.Run(fmt.Sprint(name, i), func(t *testing.T) {
				if err := a.On(); err != nil {
					t.Fatal(err)
				}
				wantStatus(t, a, Status{State: On, Command: []string{a.Program}})
				off()
				got, err := a.Status()
				if err != nil || got.State != Off || got.DisabledBy == "" || got.Command[0] != a.Program {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
	}
	for _, enabled := range [][]byte{nil, {0x02, 0, 0, 0}, {0x06, 0, 0, 0}} {
		if by := disabledInStartupApps(enabled); by != "" {
			t.Errorf("% x: disabled by %s", enabled, by)
		}
	}
}

func TestStatusFailsWhenTheStoreCannotBeRead(t *testing.T) {
	for name, a := range allSystems(t) {
		if name == "windows" {
			a.store.(*fakeRegistry).write("  ")
		} else if err := a.store.write("\x00 no such format"); err != nil {
			t.Fatal(err)
		}
		a.Program = writeProgram(t, "gatelight")
		if s, err := a.Status(); err == nil || !strings.Contains(err.Error(), a.Where()) || !strings.Contains(err.Error(), "gatelight autostart on") {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if err := a.On(); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, a, Status{State: On, Command: []string{a.Program}})
		if name == "windows" {
			continue
		}
		if err := errors.Join(os.Remove(a.Where()), os.Mkdir(a.Where(), 0o700)); err != nil {
			t.Fatal(err)
		}
		if s, err := a.Status(); err == nil {
			t.Errorf("%s: a folder is read as %+v", name, s)
		}
	}
}

func TestOnRefusesCharactersThatCannotBeStored(t *testing.T) {
	for name, a := range allSystems(t) {
		programs := []string{"/a\nb", "/a\x01b", "/a\xffb"}
		switch name {
		case "linux":
			programs = append(programs, "/a=b/gatelight")
		case "windows":
			programs = append(programs, `C:\`+strings.Repeat("x", maxRunLength))
		}
		for _, program := range programs {
			a.Program = program
			if err := a.On(); err == nil {
				t.Errorf("%s: accepted %q", name, program)
			}
			wantStatus(t, a, Status{})
		}
	}
}

func TestOnKeepsASymbolicLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // it has no file
	}
	a := allSystems(t)["linux"]
	a.Program = writeProgram(t, "gatelight")
	real := filepath.Join(t.TempDir(), "dotfile")
	testkit.WriteFile(t, real, "")
	if err := os.MkdirAll(filepath.Dir(a.Where()), 0o700); err != nil {
		t.Fatal(err)
	}
	testkit.Symlink(t, real, a.Where())
	if err := a.On(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(real); err != nil || !strings.Contains(string(text), a.Program) {
		t.Errorf("the target of the link holds %q, %v", text, err)
	}
	if err := a.Off(); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, a, Status{})
}

func TestAppIsStartedByItsRealPath(t *testing.T) {
	const app = "/Users/trader/Applications/Gatelight.app/Contents/MacOS/gatelight"
	for _, tt := range []struct{ called, real, want string }{
		{"/Users/trader/.local/bin/gatelight", app, app},
		{app, app, app},
		{"/opt/homebrew/bin/gatelight", "/opt/homebrew/Cellar/gatelight/1.0/bin/gatelight", "/opt/homebrew/bin/gatelight"},
	} {
		if got := stableProgram(tt.called, tt.real); got != tt.want {
			t.Errorf("%s, which is %s, starts as %s", tt.called, tt.real, got)
		}
	}
}

func TestStoreFollowsTheEnvironment(t *testing.T) {
	for _, tt := range []struct {
		system func(func(string) string) (format, store, error)
		env    map[string]string
		want   string
	}{
		{autostartEntry, map[string]string{"HOME": "/home/trader"}, "/home/trader/.config/autostart/gatelight.desktop"},
		{autostartEntry, map[string]string{"HOME": "/home/trader", "XDG_CONFIG_HOME": "/etc/x"}, "/etc/x/autostart/gatelight.desktop"},
		{autostartEntry, map[string]string{"HOME": "/home/trader", "XDG_CONFIG_HOME": "x"}, "/home/trader/.config/autostart/gatelight.desktop"},
		{launchAgent, map[string]string{"HOME": "/Users/trader"}, "/Users/trader/Library/LaunchAgents/io.github.gatelight.Gatelight.plist"},
		{autostartEntry, nil, ""},
		{launchAgent, nil, ""},
	} {
		if runtime.GOOS == "windows" {
			return // no path there begins with a slash
		}
		_, store, err := tt.system(func(name string) string { return tt.env[name] })
		if (err == nil) != (tt.want != "") || err == nil && store.String() != tt.want {
			t.Errorf("%v: %v, %v, want %q", tt.env, store, err, tt.want)
		}
	}
}

func wantStatus(t *testing.T, a Autostart, want Status) {
	t.Helper()
	got, err := a.Status()
	if err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the status (-want +got):\n%s", diff)
	}
}

func writeProgram(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(name), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAProgramInAnAppIsFoundBehindALink(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inside := filepath.Join(dir, "Gatelight.app", "Contents", "MacOS", "gatelight")
	if err := errors.Join(os.MkdirAll(filepath.Dir(inside), 0o700), os.WriteFile(inside, nil, 0o700)); err != nil {
		t.Fatal(err)
	}
	link, second, plain := filepath.Join(dir, "gatelight"), filepath.Join(dir, "second"), writeProgram(t, "gatelight")
	plainLink := filepath.Join(dir, "plain")
	for to, from := range map[string]string{link: inside, second: link, plainLink: plain} {
		testkit.Symlink(t, from, to)
	}
	for called, want := range map[string]string{link: inside, second: inside, inside: "", plain: "", plainLink: "", filepath.Join(dir, "gone"): ""} {
		if got := ProgramOfApp(called); got != want {
			t.Errorf("%s: %q, want %q", called, got, want)
		}
	}
}

func TestNoConsoleStandsOpenAfterALogin(t *testing.T) {
	for _, tt := range []struct {
		program string
		there   bool
		want    string
	}{
		{`C:\Gatelight\gatelight.exe`, true, `C:\Gatelight\gatelightw.exe`},
		{`C:\Gatelight\Gatelight.EXE`, true, `C:\Gatelight\gatelightw.exe`},
		{`C:\Gatelight\gatelight.exe`, false, `C:\Gatelight\gatelight.exe`},
		{`C:\Gatelight\gatelightw.exe`, true, `C:\Gatelight\gatelightw.exe`},
		{`C:\Gatelight\trial.exe`, true, `C:\Gatelight\trial.exe`},
	} {
		if got := withoutConsole(tt.program, func(string) bool { return tt.there }); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.program, got, tt.want)
		}
	}
}
