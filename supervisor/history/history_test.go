package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

func TestMain(m *testing.M) {
	// lumberjack has one goroutine per log, which does not end before the program.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun"))
}

// open opens the log at path. The builder gets what could not be written.
func newLog(t *testing.T, path string) (*Log, *strings.Builder) {
	t.Helper()
	var warned strings.Builder
	return New(path, slog.New(slog.NewTextHandler(&warned, nil))), &warned
}

// entries reads a log as a script would: a JSON object per line.
func entries(t *testing.T, paths ...string) (all []supervisor.Entry) {
	t.Helper()
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 20<<20)
		for lines.Scan() {
			var e supervisor.Entry
			if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
				t.Fatalf("%s: %v: %.80q", path, err, lines.Text())
			}
			all = append(all, e)
		}
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123456789, time.FixedZone("CET", 3600))

func TestEntriesAreStoredAsScriptsReadThem(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l, warned := newLog(t, path)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", From: supervisor.Starting, To: supervisor.Connected,
		Phase: supervisor.LoggedIn, Text: "The API answers", Simulated: true})
	l.Append(supervisor.Entry{At: noon.UTC(), Gateway: "paper", Kind: "command", Text: "stop, \"please\"\nnow"})
	got, err := os.ReadFile(path)
	want := `{"at":"2026-11-23T12:00:00.123456789+01:00","gateway":"paper","kind":"state","from":"starting","to":"connected","phase":"logged_in","text":"The API answers","simulated":true}
{"at":"2026-11-23T11:00:00.123456789Z","gateway":"paper","kind":"command","text":"stop, \"please\"\nnow"}
`
	if diff := cmp.Diff(want, string(got)); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if warned.Len() > 0 {
		t.Error(warned)
	}
}

func TestEntriesKeepTheirOrderAcrossRestarts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	var want []supervisor.Entry
	for range 3 {
		l, warned := newLog(t, path)
		for range 100 {
			n := len(want)
			e := supervisor.Entry{At: noon.Add(time.Duration(n) * time.Millisecond), Gateway: "paper", Kind: "notice", Text: fmt.Sprint(n)}
			l.Append(e)
			want = append(want, e)
		}
		if warned.Len() > 0 {
			t.Fatal(warned)
		}
	}
	if diff := cmp.Diff(want, entries(t, path)); diff != "" {
		t.Error(diff)
	}
}

func TestRotationLosesNoEntry(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.jsonl")
	l, warned := newLog(t, path)
	const n = 13 // of 1 MB, and a file has room for 10
	for i := range n {
		l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: fmt.Sprint(i, " ", strings.Repeat(".", 1<<20))})
	}
	if warned.Len() > 0 {
		t.Fatal(warned)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	slices.SortFunc(files, func(a, b string) int { return len(b) - len(a) }) // the rotated one has a time in its name
	got := entries(t, files...)
	for i, e := range got {
		if !strings.HasPrefix(e.Text, fmt.Sprint(i, " ")) {
			t.Errorf("entry %d is %.10q", i, e.Text)
		}
	}
	if len(got) != n {
		t.Errorf("%d entries, want %d", len(got), n)
	}
	checkPrivate(t, files...)
}

// A log that cannot be written must not keep anybody from supervising.
func TestALogThatCannotBeWrittenFromTheStartIsReportedAndSurvived(t *testing.T) {
	for name, block := range map[string]struct{ path, by string }{
		"its folder is a file":     {path: "state/events.jsonl", by: "state"},
		"a folder above is a file": {path: "above/state/events.jsonl", by: "above"},
	} {
		dir := t.TempDir()
		path, by := filepath.Join(dir, block.path), filepath.Join(dir, block.by)
		if err := os.WriteFile(by, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		wantSurvived(t, name, path, by)
	}
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	wantSurvived(t, "it is a folder itself", path, path)
}

// wantSurvived checks that a new log reports an entry that it cannot write, and that
// it writes the next one when what is in its way has been removed.
func wantSurvived(t *testing.T, name, path, inTheWay string) {
	t.Helper()
	l, warned := newLog(t, path)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "down"})
	for _, want := range []string{"level=ERROR", `msg="cannot write the event log"`, "entry=down"} {
		if !strings.Contains(warned.String(), want) {
			t.Errorf("%s: no %s in %q", name, want, warned)
		}
	}
	warned.Reset()
	testkit.Remove(t, inTheWay)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "up"})
	if got := entries(t, path); len(got) != 1 || got[0].Text != "up" || warned.Len() > 0 {
		t.Errorf("%s: %+v; %s", name, got, warned)
	}
	checkPrivate(t, path)
}

// Nor must it end the supervision.
func TestAFailingDiskIsReportedAndSurvived(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	path := filepath.Join(dir, "events.jsonl")
	l, warned := newLog(t, path)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "up"})
	// The folder is replaced by a file.
	testkit.Remove(t, dir)
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "down"})
	for _, want := range []string{"level=ERROR", `msg="cannot write the event log"`, "entry=down"} {
		if !strings.Contains(warned.String(), want) {
			t.Errorf("no %s in %q", want, warned)
		}
	}
	// When the disk is back, entries are written again.
	warned.Reset()
	testkit.Remove(t, dir)
	l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "up"})
	if got := entries(t, path); len(got) != 1 || got[0].Text != "up" || !strings.Contains(warned.String(), "it is made again") {
		t.Errorf("%+v; %s", got, warned)
	}
	checkPrivate(t, path)
}

// A crash or a full disk may leave half a line. Only that entry is lost.
func TestHalfALineLosesOneEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte(`{"at":"2026-11-`), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		l, _ := newLog(t, path)
		l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "back"})
	}
	got, err := os.ReadFile(path)
	entry := `{"at":"2026-11-23T12:00:00.123456789+01:00","gateway":"paper","kind":"state","text":"back"}` + "\n"
	if diff := cmp.Diff(`{"at":"2026-11-`+"\n"+entry+entry, string(got)); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// With a full disk the first entry is lost, and not the start of the program.
func TestHalfALineIsEndedByTheFirstEntry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	half := []byte(`{"at":"2026-11-`)
	if err := os.WriteFile(path, half, 0o600); err != nil {
		t.Fatal(err)
	}
	newLog(t, path)
	if got, err := os.ReadFile(path); !bytes.Equal(got, half) || err != nil {
		t.Errorf("New has written: %q, %v", got, err)
	}
}

// JSON has no form for a year of five digits.
func TestAnEntryThatCannotBeWrittenIsReported(t *testing.T) {
	l, warned := newLog(t, filepath.Join(t.TempDir(), "events.jsonl"))
	l.Append(supervisor.Entry{At: noon.AddDate(10000, 0, 0), Text: "far away"})
	if !strings.Contains(warned.String(), "far away") {
		t.Errorf("%q", warned)
	}
}

func TestARemovedLogIsMadeAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	path := filepath.Join(dir, "events.jsonl")
	l, warned := newLog(t, path)
	for i, remove := range []string{path, dir} {
		warned.Reset()
		l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "before"})
		testkit.Remove(t, remove)
		l.Append(supervisor.Entry{At: noon, Gateway: "paper", Kind: "state", Text: "after"})
		if got := entries(t, path); len(got) != 1 || got[0].Text != "after" || !strings.Contains(warned.String(), "the event log was removed") {
			t.Errorf("%d: %+v; %s", i, got, warned)
		}
		checkPrivate(t, dir, path)
	}
}
