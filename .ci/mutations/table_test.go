package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Whoever changes a line that is in the table sees it here at once, and not only
// when all breaks are tried.
func TestEveryBreakFitsItsFileOnceAndNamesATest(t *testing.T) {
	t.Chdir("../..")
	if len(mutations) < 40 {
		t.Errorf("there are only %d breaks", len(mutations))
	}
	seen := map[string]bool{}
	for _, m := range mutations {
		text, err := os.ReadFile(m.file)
		if err != nil {
			t.Errorf("%s: %v", m.breaks, err)
			continue
		}
		if _, err := m.apply(string(text)); err != nil {
			t.Errorf("%s: %v", m.breaks, err)
		}
		if !hasTest(t, m) {
			t.Errorf("%s: there is no %s in %s", m.breaks, m.test, m.pkg())
		}
		if seen[m.breaks] {
			t.Errorf("%s: it is in the table twice", m.breaks)
		}
		seen[m.breaks] = true
	}
}

// hasTest reports that a test file of the package has the test.
func hasTest(t *testing.T, m mutation) bool {
	files, err := filepath.Glob(filepath.Join(m.pkg(), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func ` + m.test + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if declared.Match(text) {
			return true
		}
	}
	return false
}

func TestABreakThatFitsTwiceOrNotAtAllIsAnError(t *testing.T) {
	for text, ok := range map[string]bool{"a old b": true, "old old": false, "new": false} {
		if _, err := (mutation{old: "old", new: "new"}).apply(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := (mutation{old: "old", new: "old"}).apply("old"); err == nil {
		t.Error("a break that changes nothing is accepted")
	}
}
