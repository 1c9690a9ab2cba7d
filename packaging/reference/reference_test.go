package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"gatelight/supervisor/cli"
)

func tree(t *testing.T) *kong.Application {
	t.Helper()
	app, err := cli.CommandTree()
	if err != nil {
		t.Fatal(err)
	}
	return app
}

func TestManPageHasEveryCommandAndOption(t *testing.T) {
	app := tree(t)
	page := manPage(app, "2026-11-30", "v1.0")
	walk(app.Node, nil, func(n *kong.Node, words []string) {
		if len(children(n)) > 0 && len(words) > 0 {
			return
		}
		if heading := ".SS " + roff("gatelight "+strings.Join(words, " ")); len(words) > 0 && !strings.Contains(page, heading) {
			t.Errorf("the page lacks %s", heading)
		}
		if example := "\n" + roff("gatelight "+strings.Join(words, " ")); len(words) > 0 && !strings.Contains(page, example) {
			t.Errorf("the page lacks an example of %s", words)
		}
		for _, f := range flags(n) {
			if !strings.Contains(page, roff("--"+f.Name)) {
				t.Errorf("the page lacks --%s", f.Name)
			}
		}
	})
	for _, hidden := range []string{"monitor", "simgateway", "sockets-child"} {
		if strings.Contains(page, "gatelight "+hidden) {
			t.Errorf("the page has the hidden command %s", hidden)
		}
	}
}

func TestTextOfAManPageIsNoRequest(t *testing.T) {
	if got, want := roff(".TH a-b\n'x \\n"), "\\&.TH a\\-b\n\\&'x \\en"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBashCompletesCommandsOptionsAndValues(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the completions are for Unix")
	}
	bashPath, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := write(dir, "2026-11-30", "v1.0"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ words, want string }{
		{"sta", "status start"},
		{"config ch", "check"},
		{"autostart ", "on off status --help --config --version"},
		{"status --j", "--json"},
		{"demo --scenario dr", "drop"},
		{"status --conf", "--config"},
		{"config check /tmp/ch", ""},
		{"help wa", "wait watch"},
	} {
		words := strings.Split("gatelight "+tt.words, " ")
		script := `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gatelight; echo "${COMPREPLY[*]}"`
		cmd := exec.Command(bashPath, append([]string{"-c", script, filepath.Join(dir, "gatelight.bash")}, words...)...)
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != tt.want {
			t.Errorf("%q: got %q, want %q; %v", tt.words, got, tt.want, err)
		}
	}
}

// A description stands between apostrophes, in shells that read two of them in
// different ways.
func TestDescriptionsHaveNoApostrophe(t *testing.T) {
	for name, script := range map[string]string{"zsh": zsh(tree(t)), "fish": fish(tree(t))} {
		for line := range strings.Lines(script) {
			if strings.Count(line, "'")%2 != 0 {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

func TestHelpInAListIsItsFirstSentence(t *testing.T) {
	for text, want := range map[string]string{
		"Print the state. Exit status: 0 connected.": "Print the state",
		"Stop the Gateway.":                          "Stop the Gateway",
		"Write config.ini to begin with":             "Write config.ini to begin with",
		"Where to; the settings' config otherwise.":  "Where to",
	} {
		if got := help(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
