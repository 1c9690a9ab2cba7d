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
)

// memory stands in for the place on Windows, which only Windows has.
type memory struct {
	value    *string
	approved []byte
}

func (r *memory) String() string { return `HKCU\…\Run\Gatelight` }

func (r *memory) read() (string, string, error) {
	if r.value == nil {
		return "", "", fs.ErrNotExist
	}
	return *r.value, startupOff(r.approved), nil
}

func (r *memory) write(text string) error { r.value, r.approved = &text, nil; return nil }
func (r *memory) remove() error           { r.value, r.approved = nil, nil; return nil }

// systems are all three, on any of them.
func systems(t *testing.T) map[string]Autostart {
	t.Helper()
	getenv := func(name string) string { return map[string]string{"HOME": t.TempDir()}[name] }
	all := map[string]Autostart{"windows": {form: form{writeRun, readRun}, place: &memory{}}}
	for name, system := range map[string]func(func(string) string) (form, place, error){"linux": entrySystem, "darwin": agentSystem} {
		form, place, err := system(getenv)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = Autostart{form: form, place: place}
	}
	return all
}

// odd are paths that each of the systems quotes in its own way.
var odd = []string{
	"/opt/gatelight", "/home/trader/my programs/gatelight", `/a"b/$HOME/back\slash/` + "`id`/gatelight",
	"/50%/%f/%%u/gatelight", "/a&b<c>/it's;~*?#(x)|/gatelight", "/Börse/交易/🚦", `C:\Program Files\Gatelight\gatelight.exe`,
	`/a\`, `/a\\`, `/a\n\s\t`, "/a ",
}

func TestStartsAtLoginUntilItIsOff(t *testing.T) {
	for name, a := range systems(t) {
		t.Run(name, func(t *testing.T) {
			for _, path := range odd {
				if name == "windows" && strings.Contains(path, `"`) {
					continue // no name of a file there
				}
				a.Program, a.Args = path, []string{"--config", path + "/a b.toml", ""}
				wantStatus(t, a, Status{})
				if err := a.On(); err != nil {
					t.Fatal(err)
				}
				wantStatus(t, a, Status{State: On, Command: append([]string{path}, a.Args...), Missing: true})
				for range 2 { // the second one finds nothing, and that is fine
					if err := a.Off(); err != nil {
						t.Fatal(err)
					}
				}
				wantStatus(t, a, Status{})
			}
		})
	}
}

func TestOnIsForThisProgram(t *testing.T) {
	self, older := executable(t, "new"), executable(t, "old")
	link := filepath.Join(t.TempDir(), "gatelight")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	for name, a := range systems(t) {
		t.Run(name, func(t *testing.T) {
			for _, tt := range []struct {
				program string
				want    Status
			}{
				{self, Status{State: On}},
				{link, Status{State: On}},
				{older, Status{State: Another}},
				{older + "-moved", Status{State: Another, Missing: true}},
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

func TestOtherArgumentsAreOtherSettings(t *testing.T) {
	for name, a := range systems(t) {
		a.Program = executable(t, "gatelight")
		if err := a.On(); err != nil {
			t.Fatal(name, err)
		}
		for _, args := range [][]string{{"--config", "a.toml"}, {"--config", "b.toml"}} {
			want := Status{State: Otherwise, Command: append([]string{a.Program}, a.Args...)}
			a.Args = args
			wantStatus(t, a, want)
			if err := a.On(); err != nil {
				t.Fatal(name, err)
			}
			wantStatus(t, a, Status{State: On, Command: append([]string{a.Program}, args...)})
		}
	}
}

// Each system has a switch of its own, beside ours. On turns it on again.
func TestSwitchedOffBySomebodyElse(t *testing.T) {
	for name, a := range systems(t) {
		a.Program = executable(t, "gatelight")
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
					a.place.(*memory).approved = []byte{first, 0, 0, 0, 0xd4, 0x0d, 0x43, 0x8d, 0xc8, 0x3b, 0xd9, 0x01}
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
				if err != nil || got.State != Off || got.By == "" || got.Command[0] != a.Program {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
	}
	for _, on := range [][]byte{nil, {0x02, 0, 0, 0}, {0x06, 0, 0, 0}} {
		if by := startupOff(on); by != "" {
			t.Errorf("% x: off by %s", on, by)
		}
	}
}

// What cannot be read is not off.
func TestCannotTell(t *testing.T) {
	for name, a := range systems(t) {
		if name == "windows" {
			a.place.(*memory).write("  ")
		} else if err := a.place.write("\x00 no such format"); err != nil {
			t.Fatal(err)
		}
		a.Program = executable(t, "gatelight")
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

func TestRefusesWhatItCannotWriteDown(t *testing.T) {
	for name, a := range systems(t) {
		programs := []string{"/a\nb", "/a\x01b", "/a\xffb"}
		switch name {
		case "linux":
			programs = append(programs, "/a=b/gatelight")
		case "windows":
			programs = append(programs, `C:\`+strings.Repeat("x", longestRun))
		}
		for _, program := range programs {
			a.Program = program
			if err := a.On(); err == nil {
				t.Errorf("%s: took %q", name, program)
			}
			wantStatus(t, a, Status{})
		}
	}
}

func TestKeepsALink(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // a file is no place there
	}
	a := systems(t)["linux"]
	a.Program = executable(t, "gatelight")
	real := filepath.Join(t.TempDir(), "dotfile")
	if err := errors.Join(os.WriteFile(real, nil, 0o600), os.MkdirAll(filepath.Dir(a.Where()), 0o700), os.Symlink(real, a.Where()), a.On()); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(real); err != nil || !strings.Contains(string(text), a.Program) {
		t.Errorf("behind the link is %q, %v", text, err)
	}
	if err := a.Off(); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, a, Status{})
}

func TestAnAppStartsAsAnApp(t *testing.T) {
	const app = "/Users/trader/Applications/Gatelight.app/Contents/MacOS/gatelight"
	for _, tt := range []struct{ called, real, want string }{
		{"/Users/trader/.local/bin/gatelight", app, app},
		{app, app, app},
		{"/opt/homebrew/bin/gatelight", "/opt/homebrew/Cellar/gatelight/1.0/bin/gatelight", "/opt/homebrew/bin/gatelight"},
	} {
		if got := lasting(tt.called, tt.real); got != tt.want {
			t.Errorf("%s, which is %s, starts as %s", tt.called, tt.real, got)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, tt := range []struct {
		system func(func(string) string) (form, place, error)
		env    map[string]string
		want   string
	}{
		{entrySystem, map[string]string{"HOME": "/home/trader"}, "/home/trader/.config/autostart/gatelight.desktop"},
		{entrySystem, map[string]string{"HOME": "/home/trader", "XDG_CONFIG_HOME": "/etc/x"}, "/etc/x/autostart/gatelight.desktop"},
		{entrySystem, map[string]string{"HOME": "/home/trader", "XDG_CONFIG_HOME": "x"}, "/home/trader/.config/autostart/gatelight.desktop"},
		{agentSystem, map[string]string{"HOME": "/Users/trader"}, "/Users/trader/Library/LaunchAgents/io.github.gatelight.Gatelight.plist"},
		{entrySystem, nil, ""},
		{agentSystem, nil, ""},
	} {
		if runtime.GOOS == "windows" {
			return // no path there begins with a slash
		}
		_, place, err := tt.system(func(name string) string { return tt.env[name] })
		if (err == nil) != (tt.want != "") || err == nil && place.String() != tt.want {
			t.Errorf("%v: %v, %v, want %q", tt.env, place, err, tt.want)
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

func executable(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(name), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}
