package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gatelight/supervisor/settings"

	"github.com/alecthomas/kong"
)

// pages are what people read of the program, from the folder of this package.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root := filepath.Join("..", "..")
	names := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"}
	docs, err := filepath.Glob(filepath.Join(root, "packaging", "docs", "*.md"))
	if err != nil || len(docs) < 5 {
		t.Fatal(docs, err)
	}
	for _, path := range docs {
		names = append(names, filepath.Join("packaging", "docs", filepath.Base(path)))
	}
	texts := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(b)
	}
	return texts
}

var (
	commandInText  = regexp.MustCompile("(?m)`(gatelight [^`]*)`|^    (gatelight [^#\n]*)")
	targetInText   = regexp.MustCompile("(?m)`make ([a-z0-9-]+)|^    make ([a-z0-9-]+)")
	linkInText     = regexp.MustCompile(`(?:\]\(|src=")([^)#"]*)(?:#([^)"]*))?[)"]`)
	headingInText  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	flagInText     = regexp.MustCompile("`(--[a-z-]+)")
	settingInText  = regexp.MustCompile("`([a-z_]+\\s=\\s[^`]*)`")
	tomlInText     = regexp.MustCompile("(?s)```toml\n(.*?)```")
	shellAfterward = regexp.MustCompile(` (>|&&|\|).*$`)
)

// Every command that a page names is one, with these flags.
func TestEveryCommandOfThePagesExists(t *testing.T) {
	found := 0
	for name, text := range pages(t) {
		for _, m := range commandInText.FindAllStringSubmatch(text, -1) {
			line := shellAfterward.ReplaceAllString(m[1]+m[2], "")
			args := strings.Fields(strings.NewReplacer("NAME", "paper", "…", "").Replace(line))[1:]
			parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			if len(args) > 0 && slices.Contains([]string{"help", "--help"}, args[0]) {
				continue
			}
			if _, err := parser.Parse(args); err != nil {
				t.Errorf("%s: %s: %v", name, line, err)
			}
			found++
		}
	}
	if found < 30 {
		t.Errorf("only %d commands were found", found)
	}
}

// anchors are what links to the headings of a page have behind the #.
func anchors(page string) (names []string) {
	for _, m := range headingInText.FindAllStringSubmatch(page, -1) {
		keep := func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}
		names = append(names, strings.Map(keep, m[1]))
	}
	return names
}

// Every flag that a page for people has in its text is one of some command.
func TestEveryFlagOfThePagesExists(t *testing.T) {
	parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"--help": true}
	var note func(*kong.Node)
	note = func(n *kong.Node) {
		for _, f := range n.Flags {
			known["--"+f.Name] = true
		}
		for _, child := range n.Children {
			note(child)
		}
	}
	note(parser.Model.Node)
	found := 0
	for name, text := range pages(t) {
		if name != "README.md" && !strings.HasPrefix(name, "packaging") {
			continue // CONTRIBUTING.md also names flags of other programs
		}
		for _, m := range flagInText.FindAllStringSubmatch(text, -1) {
			found++
			if !known[m[1]] {
				t.Errorf("%s: no command has %s", name, m[1])
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d flags were found", found)
	}
}

// Every setting that a page shows can be in a settings file.
func TestEverySettingOfThePagesIsOne(t *testing.T) {
	found := 0
	for name, text := range pages(t) {
		for _, m := range tomlInText.FindAllStringSubmatch(text, -1) {
			found++
			if _, err := settings.Parse(name, []byte(m[1])); err != nil {
				t.Error(err)
			}
		}
		for _, m := range settingInText.FindAllStringSubmatch(text, -1) {
			found++
			line := strings.Join(strings.Fields(m[1]), " ")
			_, above := settings.Parse(name, []byte(line))
			_, inGateway := settings.Parse(name, []byte("[[gateway]]\nname = \"paper\"\n"+line))
			if above != nil && inGateway != nil {
				t.Errorf("%s: `%s`: %v; %v", name, line, above, inGateway)
			}
		}
	}
	if found < 8 {
		t.Errorf("only %d settings were found", found)
	}
}

func TestEveryMakeTargetAndLinkOfThePagesExists(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^\.PHONY:(.*)$`).FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, strings.Fields(m[1])...)
	}
	links := 0
	all := pages(t)
	for name, text := range all {
		for _, m := range targetInText.FindAllStringSubmatch(text, -1) {
			if target := m[1] + m[2]; !slices.Contains(targets, target) {
				t.Errorf("%s: there is no make %s", name, target)
			}
		}
		for _, m := range linkInText.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			target, in := name, text
			if m[1] != "" {
				target = filepath.Join(filepath.Dir(name), m[1])
				if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				in = all[target]
			}
			if m[2] != "" && !slices.Contains(anchors(in), m[2]) {
				t.Errorf("%s: %s has no heading #%s", name, target, m[2])
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}
