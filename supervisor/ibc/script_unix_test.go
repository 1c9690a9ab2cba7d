//go:build unix

package ibc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeScript is a start script that looks for its Gateway where IBC's does, by
// the OSTYPE that bash knows, and writes down how it was called.
const fakeScript = `#!/bin/bash
%s
for arg in "$@"; do
  case $arg in --tws-path=*) tws=${arg#--tws-path=} ;; esac
done
if [[ $OSTYPE == darwin* ]]; then folder="$tws/IB Gateway $1"; else folder="$tws/ibgateway/$1"; fi
[ -d "$folder/jars" ] || exit 4
printf '%%s\0' "$0" "$@" > '%[2]s/argv'
env -0 > '%[2]s/environ'
if read -r nothing; then exit 9; fi # stdin is empty
`

// With IBC as it is released and the Gateway as IBKR's installer leaves it, the
// script gets exactly these arguments and variables.
func TestTheStartScriptGetsItsArguments(t *testing.T) {
	for _, tt := range []struct {
		os, ostype, version string
		tws, settings       string // below the home
		jars                string
	}{
		{"linux", "", "1045", "Jts", "Jts", "Jts/ibgateway/1045/jars"},
		{"darwin", "OSTYPE=darwin23", "10.45", "Applications", "Jts", "Applications/IB Gateway 10.45/jars"},
	} {
		t.Run(tt.os, func(t *testing.T) {
			home := t.TempDir()
			release, seen := filepath.Join(home, "my ibc"), filepath.Join(home, "seen")
			older := strings.NewReplacer("1045", "1037", "10.45", "10.37").Replace(tt.jars)
			for _, dir := range []string{tt.jars, older, tt.settings, "ibc", "seen", "my ibc/scripts"} {
				if err := os.MkdirAll(filepath.Join(home, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			write(t, filepath.Join(release, "version"), "3.24.1\n")
			write(t, filepath.Join(release, "IBC.jar"), "")
			write(t, filepath.Join(home, "ibc", "config.ini"), "IbPassword="+canary+"\n")
			script := filepath.Join(release, "scripts", "ibcstart.sh")
			write(t, script, fmt.Sprintf(fakeScript, tt.ostype, seen))
			if err := os.Chmod(script, 0o700); err != nil {
				t.Fatal(err)
			}

			o := Options{Gateway: "paper", Port: 4002, Program: "gateway", Path: release, Config: filepath.Join(home, "ibc", "config.ini"),
				TWSPath: filepath.Join(home, tt.tws), TWSSettingsPath: filepath.Join(home, tt.settings), Version: "auto", Mode: "paper", TwoFactorTimeout: "exit"}
			m := thisMachine(t)
			m.OS, m.Home = tt.os, home
			argv, _, err := o.argv(m)
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(argv[0], argv[1:]...)
			cmd.Env = append(environment([]string{"PATH=/usr/bin:/bin", "HOME=" + home, "LC_ALL=C", "IBPASSWORD=" + canary, "TWSPASSWORD=" + canary, "JAVA_HOME=/j"}), "IBC_VRSN=3.24.1")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			want := []string{script, tt.version, "-g",
				"--tws-path=" + filepath.Join(home, tt.tws), "--tws-settings-path=" + filepath.Join(home, tt.settings),
				"--ibc-path=" + release, "--ibc-ini=" + filepath.Join(home, "ibc", "config.ini"), "--mode=paper", "--on2fatimeout=exit"}
			if got := readNULSeparated(t, filepath.Join(seen, "argv")); !slices.Equal(got, want) {
				t.Errorf("called as\n%q, want\n%q", got, want)
			}
			var environ []string
			for _, e := range readNULSeparated(t, filepath.Join(seen, "environ")) {
				if name, _, _ := strings.Cut(e, "="); !slices.Contains([]string{"_", "SHLVL", "PWD", "OLDPWD", "OSTYPE"}, name) { // the shell's own
					environ = append(environ, e)
				}
			}
			slices.Sort(environ)
			if want := []string{"HOME=" + home, "IBC_VRSN=3.24.1", "JAVA_HOME=/j", "LC_ALL=C", "PATH=/usr/bin:/bin"}; !slices.Equal(environ, want) {
				t.Errorf("in the environment\n%q, want\n%q", environ, want)
			}
		})
	}
}

// IBC's script does not put it in quotes.
func TestASpaceInTheSettingsPathIsRefused(t *testing.T) {
	o := fakeInstallation(t, "1045")
	o.TWSSettingsPath = filepath.Join(t.TempDir(), "My Jts")
	if _, _, err := o.argv(thisMachine(t)); err == nil || !strings.Contains(err.Error(), "does not work with a space in the settings path") {
		t.Error(err)
	}
}

func readNULSeparated(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\x00"), "\x00")
}
