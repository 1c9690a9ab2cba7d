package settings

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestSetIBCPathChangesNothingButThePath(t *testing.T) {
	const path = `path = "/home/trader/ibc-3.24.1"`
	for _, tt := range []struct{ name, gateway, in, want, set string }{
		{"nothing", "", "", "[[gateway]]\n\n[gateway.ibc]\n" + path + "\n", "paper"},
		{"other things", "", "# mine\nnotify = false", "# mine\nnotify = false\n\n[[gateway]]\n\n[gateway.ibc]\n" + path + "\n", "paper"},
		{"other things, from Windows", "", "\ufeff# mine\r\nnotify = false\r\n",
			"\ufeff# mine\r\nnotify = false\r\n\r\n[[gateway]]\r\n\r\n[gateway.ibc]\r\n" + path + "\r\n", "paper"},
		{"a Gateway", "", "[[gateway]] # mine\nport = 4002\n", "[[gateway]] # mine\nibc." + path + "\nport = 4002\n", "paper"},
		{"a Gateway and no line break", "", "[[gateway]]", "[[gateway]]\nibc." + path + "\n", "paper"},
		{"a Gateway with dotted keys", "", "[[gateway]]\r\nibc.mode = 'live'\r\n",
			"[[gateway]]\r\nibc." + path + "\r\nibc.mode = 'live'\r\n", "live"},
		{"an IBC without a path", "", "[[gateway]]\n[gateway.ibc]\nmode = 'live' # really\n",
			"[[gateway]]\n[gateway.ibc]\n" + path + "\nmode = 'live' # really\n", "live"},
		{"an IBC with a path", "", "[[gateway]]\n[gateway.ibc]\r\n path  =  '/opt/ibc'# old\r\nmode = 'live'",
			"[[gateway]]\n[gateway.ibc]\r\n " + "path  =  " + path[len("path = "):] + "# old\r\nmode = 'live'", "live"},
		{"a long text", "", "[[gateway]]\nibc.path = '''\n/opt/ibc'''\n", "[[gateway]]\nibc." + path + "\n", "paper"},
		{"an inline path", "", "[[gateway]]\nibc = { mode = 'live', path = '/opt/ibc' }\n",
			"[[gateway]]\nibc = { mode = 'live', " + path + " }\n", "live"},
		{"an inline Gateway with a path", "", "gateway = [{ ibc = { path = '' } }]\n", "gateway = [{ ibc = { " + path + " } }]\n", "paper"},
		{"the same path", "", "[[gateway]]\nibc." + path + "\n", "[[gateway]]\nibc." + path + "\n", "paper"},
		{"several without", "", "[[gateway]]\n[[gateway]]\n[gateway.ibc]\nmode = 'live'\n",
			"[[gateway]]\nibc." + path + "\n[[gateway]]\n[gateway.ibc]\n" + path + "\nmode = 'live'\n", "paper live"},
		{"one of several without", "", "[[gateway]]\nibc.path = '/opt/ibc'\n[[gateway]]\nibc.mode = 'live'\n",
			"[[gateway]]\nibc.path = '/opt/ibc'\n[[gateway]]\nibc." + path + "\nibc.mode = 'live'\n", "live"},
		{"one by name", "paper", "[[gateway]]\nibc.path = '/opt/ibc'\n[[gateway]]\nibc.mode = 'live'\n",
			"[[gateway]]\nibc." + path + "\n[[gateway]]\nibc.mode = 'live'\n", "paper"},
	} {
		got, set, err := SetIBCPath("config.toml", []byte(tt.in), tt.gateway, "/home/trader/ibc-3.24.1")
		if err != nil || string(got) != tt.want || strings.Join(set, " ") != tt.set {
			t.Errorf("%s: got\n%q for %v, %v; want\n%q for %s", tt.name, got, set, err, tt.want, tt.set)
		}
	}
}

// A change that is not simple is left to the user, with the line to write.
func TestSetIBCPathRefusesWhatIsNotSimple(t *testing.T) {
	for _, tt := range []struct{ name, gateway, in, dir, says string }{
		{"an inline IBC", "", "[[gateway]]\nibc = {mode = 'live'}\n", "/ibc", `write by hand, under [gateway.ibc]: path = "/ibc"`},
		{"an inline Gateway", "", "gateway = [{port = 4002}]\n", "/ibc", `write by hand, under [gateway.ibc]: path = "/ibc"`},
		{"no Gateways in a list", "", "gateway = []\n", "/ibc", "write by hand"},
		{"every one has its own", "", "[[gateway]]\nibc.path = 'a'\n[[gateway]]\nibc.path = 'b'\nibc.mode = 'live'\n", "/ibc",
			"say which one to change with --gateway"},
		{"nobody of that name", "live", "", "/ibc", `there is no Gateway "live"`},
		{"a mistake in it", "", "port = 4002\n", "/ibc", `config.toml:1: there is no setting "port"; port belongs under [[gateway]]`},
		{"a strange folder", "", "", "/i'b\"c", "a simpler name"},
		{"a folder with a line break", "", "", "/i\nbc", "a simpler name"},
	} {
		if got, _, err := SetIBCPath("config.toml", []byte(tt.in), tt.gateway,
			tt.dir); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.says)
		}
	}
}

func TestSetIBCPathQuotesAPathOfWindows(t *testing.T) {
	got, _, err := SetIBCPath("config.toml", []byte("[[gateway]]\r\n"), "", `C:\Users\trader\ibc-3.24.1`)
	if want := "[[gateway]]\r\nibc.path = 'C:\\Users\\trader\\ibc-3.24.1'\r\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}

// Whatever the file is: an edit keeps every line but the path, in order.
func FuzzSetIBCPath(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(documentedDefaults))
	f.Add([]byte("[[gateway]]\r\nibc = { path = '' }"))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := slices.Clone(b)
		got, set, err := SetIBCPath("config.toml", b, "", "/new")
		if !bytes.Equal(before, b) {
			t.Error("the file that was handed in has changed")
		}
		if err != nil {
			return
		}
		if len(set) == 0 {
			t.Error("set for nobody")
		}
		if bytes.Contains(b, []byte("'''")) || bytes.Contains(b, []byte(`"""`)) {
			return // a path can take several lines
		}
		left := string(got)
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimRight(line, "\r\n"); strings.Contains(line, "=") {
				continue // maybe the path
			}
			_, behind, ok := strings.Cut(left, line)
			if !ok {
				t.Fatalf("%q has no line %q any more", got, line)
			}
			left = behind
		}
	})
}
