package cli

import (
	"encoding/json"
	"testing"
)

func TestConfigCheckSaysTheSameOnce(t *testing.T) {
	d := newUserFolder(t, "")
	d.write("config.ini", login+"First=1\nSecond=2\n"+rest+"Third=3\n")
	d.want(0, `~/config.ini:3: warning: IBC knows no setting of this name, and ignores the line; take it out, or look for the name in IBC's user guide (also line 4, 13)
~/config.ini: errors: 0, warnings: 3, hints: 0
`, "config", "check", d.path("config.ini"))
}

func TestConfigCheckTellsScripts(t *testing.T) {
	d := newUserFolder(t, "")
	d.write("config.ini", login+rest+"readonlyapi=no\n")
	var got struct {
		Schema int
		Files  []checkedFile
	}
	check := func(want int, args ...string) {
		t.Helper()
		d.out.Reset()
		status := run(append([]string{"config", "check", "--json"}, args...), d.env)
		if err := json.Unmarshal(d.out.Bytes(), &got); err != nil || status != want {
			t.Fatalf("status %d, want %d: %v\n%s", status, want, err, d.out.String())
		}
	}
	check(exitFailed, d.path("config.ini"))
	if f := got.Files; got.Schema != 1 || len(f) != 1 || f[0].File != d.path("config.ini") || len(f[0].Findings) != 1 || f[0].Findings[0].Line != 11 || f[0].Findings[0].Key != "ReadOnlyApi" {
		t.Errorf("got %+v", got)
	}
	d.write("config.ini", login+rest)
	check(exitOK, d.path("config.ini"))
	if f := got.Files; len(f) != 1 || f[0].Findings == nil || len(f[0].Findings) != 0 {
		t.Errorf("nothing is wrong, but: %+v", got)
	}
}

func TestVersionTellsScripts(t *testing.T) {
	d := newUserFolder(t, "")
	run([]string{"version", "--json"}, d.env)
	var got struct {
		Schema       int
		Version      string
		Commit, Time *string
	}
	if err := json.Unmarshal(d.out.Bytes(), &got); err != nil || got.Schema != 1 || got.Version != versionText() || got.Commit != nil && *got.Commit == "" {
		t.Errorf("%v: %s", err, d.out.String())
	}
}
