package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
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
	linkInText     = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)
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

func TestEveryMakeTargetAndLinkOfThePagesExists(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join("..", "..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for name, text := range pages(t) {
		for _, m := range targetInText.FindAllStringSubmatch(text, -1) {
			if target := m[1] + m[2]; !regexp.MustCompile(`(?m)^`+target+`( [a-z0-9 -]+)?:`).Match(makefile) && !strings.Contains(string(makefile), " "+target+" ") {
				t.Errorf("%s: there is no make %s", name, target)
			}
		}
		for _, m := range linkInText.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join("..", "..", filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}
