package cli

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestEveryCommandHasExamples(t *testing.T) {
	tree, err := CommandTree()
	if err != nil {
		t.Fatal(err)
	}
	used := 0
	for _, n := range tree.Leaves(false) {
		count := strings.Count(n.Detail, "    gatelight ")
		if used += count; count < 1 || count > 3 {
			t.Errorf("%s has %d examples, want 1 to 3", n.FullPath(), count)
		}
	}
	// What belongs to no command would be seen nowhere.
	if all := strings.Count(examples, "\n"); used != all {
		t.Errorf("%d of %d examples are shown", used, all)
	}
}

func TestEveryExampleCanBeTyped(t *testing.T) {
	for line := range strings.Lines(examples) {
		if len(line) > 76 {
			t.Errorf("too long for a terminal: %s", line)
		}
		command, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
		for _, end := range []string{" #", " |", " >", " && "} {
			command, _, _ = strings.Cut(command, end)
		}
		parser, err := newParser(&commands{}, io.Discard, io.Discard, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(command)[1:]); err != nil {
			t.Errorf("%s: %v", command, err)
		}
	}
}

func TestHelpOfACommandIsThatOfItsOption(t *testing.T) {
	var texts [2]bytes.Buffer
	for i, args := range [][]string{{"help", "config", "check"}, {"config", "check", "--help"}} {
		if status := run(args, env{ctx: t.Context(), stdout: &texts[i], stderr: &texts[i]}); status != exitOK {
			t.Errorf("%v: status %d", args, status)
		}
	}
	if help := texts[0].String(); help != texts[1].String() || !strings.Contains(help, "Examples:\n\n    gatelight config check\n") {
		t.Errorf("help config check prints\n%s\nand config check --help\n%s", help, texts[1].String())
	}
}
