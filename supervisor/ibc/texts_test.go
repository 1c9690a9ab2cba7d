package ibc

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"gatelight/supervisor"
)

var update = flag.Bool("update", false, "write the last column of texts.tsv again")

// A textRow is a row of texts.tsv.
type textRow struct {
	text, how, source string
	versions          []string
	events            string
}

const textsFile = "texts.tsv"

// readTexts reads texts.tsv, and its lines as they stand.
func readTexts(t *testing.T) (rows map[int]textRow, lines []string) {
	t.Helper()
	b, err := os.ReadFile(textsFile)
	if err != nil {
		t.Fatal(err)
	}
	rows, lines = map[int]textRow{}, strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "text\t") {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != 5 {
			t.Fatalf("%s:%d: %d columns, not 5", textsFile, i+1, len(columns))
		}
		rows[i] = textRow{strings.ReplaceAll(columns[0], `\n`, "\n"), columns[1], columns[3], strings.Fields(columns[2]), columns[4]}
	}
	return rows, lines
}

// printed is how that version prints the text of a row.
func (r textRow) printed(version string) string {
	text := r.text
	if parseVersion(version).isBefore(3, 17, 0) {
		text = string(unicode.ToUpper(rune(text[0]))) + text[1:]
	}
	switch r.how {
	case "log":
		return stamp + text + "\n"
	case "box":
		return strings.Join([]string{stamp + "detected dialog entitled: Gateway; event=Opened", stamp + text, ""}, "\n")
	case "error":
		return errorBlock(text)
	}
	return r.text + "\n" // of the script, or of Java itself
}

// madeOf is what is made of a text that is printed right after a login attempt.
func madeOf(t *testing.T, printed, version string) string {
	t.Helper()
	l := writtenLog(t, javaOf(version)+stamp+"Click button: Log In\n"+printed)
	var events []supervisor.Event
	l.read(func(e supervisor.Event) { events = append(events, e) })
	words := []string{describe(events[4:])}
	for _, m := range []meaning{l.parser.java.failure, l.parser.script.failure} {
		if m.reason != "" {
			words = append(words, "ends: "+string(m.reason))
		}
	}
	if code := l.parser.java.code; code != 0 {
		words = append(words, "its code")
	}
	if l.status >= 0 {
		words = append(words, "its status")
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	if len(words) == 0 {
		return "-"
	}
	return strings.Join(words, "; ")
}

func TestTheTableOfTextsIsWhatIsMadeOfThem(t *testing.T) {
	rows, lines := readTexts(t)
	for i, r := range rows {
		for _, version := range r.versions {
			got := madeOf(t, r.printed(version), version)
			if *update {
				lines[i] = lines[i][:strings.LastIndex(lines[i], "\t")+1] + got
			} else if got != r.events {
				t.Errorf("%s:%d: %q of IBC %s: %q, want %q", textsFile, i+1, r.text, version, got, r.events)
			}
		}
	}
	if *update {
		if err := os.WriteFile(textsFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEachTextThatTheCodeKnowsIsInTheTable(t *testing.T) {
	rows, _ := readTexts(t)
	inTable := func(fits func(textRow) bool) bool {
		for _, r := range rows {
			if fits(r) {
				return true
			}
		}
		return false
	}
	for _, k := range ibcTexts {
		if !inTable(func(r textRow) bool { found, ok := ibcText(r.text); return ok && found.text == k.text }) {
			t.Errorf("no row of %s begins with %q", textsFile, k.text)
		}
	}
	for _, failures := range [][]failureText{configFailures, scriptFailures} {
		for _, f := range failures {
			if !inTable(func(r textRow) bool { return strings.Contains(strings.ToLower(r.text), f.text) }) {
				t.Errorf("no row of %s has %q", textsFile, f.text)
			}
		}
	}
}
