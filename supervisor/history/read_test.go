package history

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
)

// texts reads a log and returns the texts of its entries.
func texts(t *testing.T, path string, since time.Time) (all []string, unreadable int) {
	t.Helper()
	unreadable, err := Read(path, since, func(line []byte, e supervisor.Entry) error {
		if !json.Valid(line) {
			t.Errorf("the line is %q", line)
		}
		all = append(all, e.Text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, unreadable
}

// line is an entry as it is stored, so many minutes after noon.
func line(minute int, text string) string {
	b, err := json.Marshal(supervisor.Entry{At: noon.Add(time.Duration(minute) * time.Minute), Gateway: "paper", Kind: "notice",
		Text: text})
	if err != nil {
		panic(err)
	}
	return string(b) + "\n"
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRotatedLogsAreReadInOrder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.jsonl")
	writeFile(t, path, line(40, "five"))
	writeFile(t, filepath.Join(dir, "events-2026-11-23T11-30-00.000-size.jsonl"), line(20, "three")) // noon is 11:00 UTC
	writeFile(t, filepath.Join(dir, "events-2026-11-23T11-30-00.000-size_1.jsonl"), line(35, "four"))
	writeFile(t, filepath.Join(dir, "events-2026-11-23T11-10-00.000-size.jsonl"), line(0, "one")+line(5, "two"))
	for _, other := range []string{"events-of-mine.jsonl", "events-2026-11-23T11-10-00.000-size.txt",
		"other-2026-11-23T11-10-00.000-size.jsonl"} {
		writeFile(t, filepath.Join(dir, other), line(50, "not ours"))
	}
	for _, c := range []struct {
		since time.Time
		want  []string
	}{
		{time.Time{}, []string{"one", "two", "three", "four", "five"}},
		{noon.Add(5 * time.Minute), []string{"two", "three", "four", "five"}},
		{noon.Add(6 * time.Minute), []string{"three", "four", "five"}},
		{noon.Add(40 * time.Minute), []string{"five"}},
		{noon.Add(41 * time.Minute), nil},
	} {
		got, unreadable := texts(t, path, c.since)
		if diff := cmp.Diff(c.want, got); diff != "" || unreadable != 0 {
			t.Errorf("since %v: %s%d unreadable", c.since, diff, unreadable)
		}
	}
}

// The names that the rotation gives are known to the reader.
func TestLogsOfTheRotationAreRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	l, _ := newLog(t, path)
	const n = 13 // of 1 MB, and a file has room for 10
	for i := range n {
		l.Append(supervisor.Entry{At: noon.Add(time.Duration(i) * time.Second), Text: fmt.Sprint(i, " ", strings.Repeat(".", 1<<20))})
	}
	got, _ := texts(t, path, noon.Add(2*time.Second))
	for i, text := range got {
		if !strings.HasPrefix(text, fmt.Sprint(i+2, " ")) {
			t.Errorf("entry %d is %.10q", i, text)
		}
	}
	if len(got) != n-2 {
		t.Errorf("%d entries, want %d", len(got), n-2)
	}
}

// A log that is rotated while it is read has both names for the reader.
func TestALogRotatedMeanwhileIsNotReadTwice(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.jsonl")
	writeFile(t, path, line(0, "one"))
	if err := os.Link(path, filepath.Join(dir, "events-2026-11-23T11-10-00.000-size.jsonl")); err != nil {
		t.Fatal(err)
	}
	if got, _ := texts(t, path, noon); !slices.Equal(got, []string{"one"}) {
		t.Errorf("%q", got)
	}
}

func TestAnUnreadableLineIsLeftOutAndCounted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	writeFile(t, path, line(0, "one")+
		`{"at":"2026-11-`+"\n"+
		"\n"+ // ignored
		`{"gateway":"paper","kind":"state","text":"it has no time"}`+"\n"+
		"\x00\x00\x00\n"+
		line(1, strings.Repeat("x", maxLine))+
		`{"at":"2026-11-23T12:02:00+01:00","kind":"of a later version","text":"two","more":{"a":[1]}}`+"\r\n"+
		line(3, strings.Repeat("y", 100<<10))+ // longer than the buffer
		strings.TrimSuffix(line(4, "a last line that has no end yet"), "\n")+
		"\n"+line(5, "three")[:40])
	got, unreadable := texts(t, path, noon)
	want := []string{"one", "two", supervisor.CleanText(strings.Repeat("y", 100<<10), supervisor.MaxText), "a last line that has no end yet"}
	if diff := cmp.Diff(want, got); diff != "" || unreadable != 5 {
		t.Errorf("%.300s; %d unreadable, want 5", diff, unreadable)
	}
}

func TestAMissingLogIsEmpty(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "events.jsonl"), filepath.Join(dir, "no", "folder", "events.jsonl")} {
		if got, unreadable := texts(t, path, time.Time{}); len(got) != 0 || unreadable != 0 {
			t.Errorf("%q, %d", got, unreadable)
		}
	}
	writeFile(t, filepath.Join(dir, "events-2026-11-23T11-10-00.000-size.jsonl"), line(0, "one")) // just rotated
	if got, _ := texts(t, filepath.Join(dir, "events.jsonl"), noon); !slices.Equal(got, []string{"one"}) {
		t.Errorf("%q", got)
	}
}

func TestALogThatCannotBeReadIsAnError(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "events.jsonl")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path, time.Time{}, nil)
	if err == nil || !strings.Contains(err.Error(), "cannot read the event log") {
		t.Error(err)
	}
}

func TestAnErrorOfTheCallbackEndsTheReading(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	writeFile(t, path, line(0, "one")+line(1, "two"))
	enough, n := errors.New("enough"), 0
	_, err := Read(path, time.Time{}, func([]byte, supervisor.Entry) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%v after %d", err, n)
	}
}

// Whatever the log holds: each line is an entry, or too old, or counted as
// unreadable, and the intervals have no gap.
func FuzzRead(f *testing.F) {
	f.Add([]byte(line(0, "one")+line(1, "two")), int64(0))
	f.Add([]byte(line(0, "one")+line(1, "torn")[:30]), int64(1))
	f.Add([]byte(`{"at":"2026-11-23T12:02:00Z","gateway":"g","kind":"state","from":"x","to":"zombies","expected":true}`+"\n"), int64(-9))
	f.Add([]byte(`{"at":"2026-11-23T12:02:00Z","gateway":"g","kind":"supervision","to":"down","since":"0001-01-01T00:00:00Z"}`+"\n\n\x00"), int64(3))
	f.Add([]byte(`{"at":"9999-11-23T12:02:00Z","gateway":"g","kind":"state","to":"down"}`+"\n"+line(0, "back")), int64(3))
	f.Fuzz(func(t *testing.T, content []byte, minutes int64) {
		since := noon.Add(time.Duration(minutes%100_000) * time.Minute)
		var timeline Timeline
		handed := 0
		unreadable, err := read(bytes.NewReader(content), since, func(line []byte, e supervisor.Entry) error {
			if handed++; e.At.Before(since) || !json.Valid(line) {
				t.Errorf("%q, which is of %v", line, e.At)
			}
			timeline.Add(e)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(content, []byte("\n")) + 1; handed+unreadable > lines {
			t.Errorf("%d entries and %d that cannot be read in %d lines", handed, unreadable, lines)
		}
		to := noon.Add(24 * time.Hour)
		for _, report := range timeline.Reports(noon, to) {
			checkNoGap(t, report, noon, to)
		}
	})
}

// checkNoGap checks that a report's intervals fill its period.
func checkNoGap(t *testing.T, report Report, from, to time.Time) {
	t.Helper()
	if len(report.Intervals) == 0 || report.Intervals[0].From.After(from) || !report.Intervals[len(report.Intervals)-1].To.Equal(to) {
		t.Fatalf("the intervals do not reach from %v to %v: %+v", from, to, report.Intervals)
	}
	for i, b := range report.Intervals {
		if b.DurationAfter(from) <= 0 || i > 0 && !b.From.Equal(report.Intervals[i-1].To) {
			t.Errorf("interval %d does not join the one before: %+v", i, report.Intervals)
		}
	}
	var sum time.Duration
	for _, total := range report.Totals {
		sum += total.Time
	}
	if sum != to.Sub(from) {
		t.Errorf("the totals make %v, not %v", sum, to.Sub(from))
	}
}

// bigLog is a full event log: 10 MB, a state, a notice or a command every
// minute.
func bigLog(b *testing.B) (path string, end time.Time) {
	var log bytes.Buffer
	kinds := []supervisor.Entry{
		{Kind: "state", From: supervisor.Connected, To: supervisor.Down, Text: "It ended at 14:02:11: it was killed by another program"},
		{Kind: "notice", Text: "Gateway paper: down: It ended at 14:02:11: it was killed by another program"},
		{Kind: "command", Text: "start, by itself"},
		{Kind: "state", From: supervisor.Down, To: supervisor.Connected, Text: "The API answers; 1 client connected"},
	}
	for i := 0; log.Len() < 10<<20; i++ {
		e := kinds[i%len(kinds)]
		e.At, e.Gateway = noon.Add(time.Duration(i)*time.Minute), "paper"
		end = e.At
		line, err := json.Marshal(e)
		if err != nil {
			b.Fatal(err)
		}
		log.Write(append(line, '\n'))
	}
	path = filepath.Join(b.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, log.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return path, end
}

func BenchmarkRead10MB(b *testing.B) {
	path, end := bigLog(b)
	for name, since := range map[string]time.Time{"all": {}, "the last day": end.Add(-24 * time.Hour)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(10 << 20)
			for b.Loop() {
				var timeline Timeline
				if _, err := Read(path, since, func(_ []byte, e supervisor.Entry) error { timeline.Add(e); return nil }); err != nil {
					b.Fatal(err)
				}
				timeline.Reports(end.Add(-24*time.Hour), end)
			}
		})
	}
}

// Another program, or an older Gatelight, may have written the log.
func TestTextsOfTheLogAreCleaned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	writeFile(t, path, `{"at":"2026-11-23T12:00:00+01:00","gateway":"a\u001b[2Jb","kind":"notice","text":"c\u202ed\u009be\nf"}`+"\n")
	_, err := Read(path, noon, func(_ []byte, e supervisor.Entry) error {
		if e.Gateway != "a·[2Jb" || e.Text != "c·d·e f" {
			t.Errorf("%q, %q", e.Gateway, e.Text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
