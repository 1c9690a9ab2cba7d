package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/settings"
)

// day is when the events of the tests are: a day where the test runs.
var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.Local)

func clockTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("15:04:05", text, time.Local)
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.Local)
}

// events are a morning of two Gateways, as the log has them.
func (s *site) events() {
	paper := supervisor.Snapshot{Name: "paper", State: supervisor.Unknown}
	state := func(clock, gateway string, from, to supervisor.State, why string) supervisor.Entry {
		return supervisor.Entry{At: clockTime(s.t, clock), Gateway: gateway, Kind: "state", From: from, To: to, Text: why}
	}
	up := supervisor.Snapshot{Name: "paper", State: supervisor.Connected, Since: clockTime(s.t, "09:00:02")}
	demo := state("09:20:00", "demo", "unknown", "down", "Nobody listens on port 4003")
	demo.Simulated, demo.Expected = true, true
	var log bytes.Buffer
	for _, e := range []supervisor.Entry{
		history.BeginMark(paper, clockTime(s.t, "09:00:00"), "v1"),
		state("09:00:02", "paper", "unknown", "connected", "The API answers; 1 client connected"),
		history.AliveMark(up, clockTime(s.t, "09:10:00")),
		{At: clockTime(s.t, "09:12:00"), Gateway: "paper", Kind: "exit", Text: "it was killed\x1b[2J"},
		state("09:12:00", "paper", "connected", "down", "It ended at 09:12:00: it was killed"),
		state("09:14:30", "paper", "down", "connected", "The API answers"),
		demo,
	} {
		b, err := json.Marshal(e)
		if err != nil {
			s.t.Fatal(err)
		}
		log.Write(append(b, '\n'))
	}
	s.write("state/events.jsonl", log.String())
}

// history runs the command at half past nine.
func (s *site) history(c historyCommand) (string, error) {
	s.t.Helper()
	file, err := loadSettings(&s.env)
	if err != nil {
		s.t.Fatal(err)
	}
	out := &lockedBuffer{}
	e := s.env
	e.stdout = out
	if c.Since == 0 {
		c.Since = history.Lookback(24 * time.Hour)
	}
	err = c.print(&e, file, clockTime(s.t, "09:30:00"))
	return out.String(), err
}

func (s *site) wantHistory(c historyCommand, want string) {
	s.t.Helper()
	got, err := s.history(c)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		s.t.Error(err, diff)
	}
}

func TestHistoryPrintsEntriesAndTotals(t *testing.T) {
	s := newSite(t, "paper")
	s.events()
	s.wantHistory(historyCommand{Since: history.Lookback(time.Hour)}, `2026-11-23 09:00:00  paper  Gatelight v1 started watching
2026-11-23 09:00:02  paper  unknown -> connected after 2 s: The API answers; 1 client connected
2026-11-23 09:12:00  paper  exit: it was killed·[2J
2026-11-23 09:12:00  paper  connected -> down after 11 min: It ended at 09:12:00: it was killed
2026-11-23 09:14:30  paper  down -> connected after 2 min: The API answers
2026-11-23 09:20:00  demo (simulated)  not watched -> not running: Nobody listens on port 4003

Simulated Gateway demo in the last 1 h:
  not watched  50 min
  not running  10 min
  no drops

Gateway paper in the last 1 h:
  not watched  30 min
  connected    27 min
  down         2 min
  unknown      2 s
  1 drop, 2 min at 09:12:00
`)
}

// A part of the history knows what held when it begins.
func TestHistoryKnowsTheStateBeforeItsFirstEntry(t *testing.T) {
	s := newSite(t, "paper")
	s.events()
	s.wantHistory(historyCommand{Since: history.Lookback(19 * time.Minute), Gateway: "paper", Kind: []string{"state"}}, `2026-11-23 09:12:00  paper  connected -> down after 11 min: It ended at 09:12:00: it was killed
2026-11-23 09:14:30  paper  down -> connected after 2 min: The API answers

Gateway paper in the last 19 min:
  connected  16 min
  down       2 min
  1 drop, 2 min at 09:12:00
`)
}

func TestHistoryJSONIsWhatIsStored(t *testing.T) {
	s := newSite(t, "paper")
	s.events()
	stored, err := os.ReadFile(filepath.Join(s.dir, "state", "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(stored), "\n")
	for name, c := range map[string]struct {
		command historyCommand
		want    string
	}{
		"all of it":      {historyCommand{JSON: true}, string(stored)},
		"of one Gateway": {historyCommand{JSON: true, Gateway: "demo"}, lines[6]},
		"of two kinds":   {historyCommand{JSON: true, Gateway: "paper", Kind: []string{"exit", "supervision"}}, lines[0] + lines[2] + lines[3]},
		"of a while":     {historyCommand{JSON: true, Since: history.Lookback(16 * time.Minute)}, lines[5] + lines[6]},
		"of no time":     {historyCommand{JSON: true, Since: history.Lookback(time.Minute)}, ""},
	} {
		got, err := s.history(c.command)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Error(name, err, diff)
		}
	}
}

func TestHistoryWithoutEntriesSaysSo(t *testing.T) {
	s := newSite(t, "paper")
	got, err := s.history(historyCommand{})
	want := "Nothing was recorded in the last 24 h. Events are written while Gatelight runs, to " + filepath.Join(s.dir, "state", "events.jsonl") + "\n"
	if got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := s.history(historyCommand{Gateway: "other"}); err != exitError(exitUsage) {
		t.Errorf("a Gateway that is not there: %v", err)
	}
	if _, err := s.history(historyCommand{Gateway: "paper"}); err != nil {
		t.Errorf("a Gateway without entries: %v", err)
	}
	s.events()
	got, err = s.history(historyCommand{Since: history.Lookback(time.Minute), Gateway: "paper"})
	if err != nil || !strings.HasPrefix(got, "Nothing happened in the last 1 min.\n\nGateway paper") {
		t.Errorf("%q, %v", got, err)
	}
}

func TestHistoryReportsUnreadableLines(t *testing.T) {
	s := newSite(t, "paper")
	s.events()
	s.add("state/events.jsonl", `{"at":"2026-`)
	complaints := &lockedBuffer{}
	s.env.stderr = complaints
	if _, err := s.history(historyCommand{}); err != nil || !strings.Contains(complaints.String(), "1 of the event log's lines could not be read") {
		t.Errorf("%q, %v", complaints, err)
	}
}

func TestHistoryRefusesWrongArguments(t *testing.T) {
	if status := run([]string{"history", "--since", "yesterday"}, newSite(t, "paper").env); status != exitUsage {
		t.Errorf("exit status %d", status)
	}
	if status := run([]string{"history", "--kind", "states"}, newSite(t, "paper").env); status != exitUsage {
		t.Errorf("exit status %d", status)
	}
	if status := run([]string{"history", "--kind", "state", "--since", "7d"}, newSite(t, "paper").env); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

func TestTimelineIsWrittenAndReplaced(t *testing.T) {
	s := newSite(t, "paper")
	path := filepath.Join(s.dir, "state", "timeline.html")
	// The first one comes before any event; the second replaces it.
	for _, want := range []string{"Nothing was recorded", "It ended at 09:12:00: it was killed"} {
		s.out.b.Reset()
		file, err := loadSettings(&s.env)
		if err != nil {
			t.Fatal(err)
		}
		if err := (timelineCommand{Since: history.Lookback(time.Hour)}).write(&s.env, file, clockTime(t, "09:30:00")); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(page), want) || !strings.HasSuffix(string(page), "</html>\n") {
			t.Errorf("%v; no %q in %s", err, want, page)
		}
		if strings.Contains(string(page), logCanary) {
			t.Error("a secret is in the page")
		}
		info, err := os.Stat(path)
		if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		s.events()
	}
	if status := run([]string{"timeline", "--since", "7d"}, s.env); status != exitOK || s.out.String() != path+"\n" {
		t.Errorf("exit status %d, %q", status, s.out)
	}
	if status := run([]string{"timeline", "--gateway", "other"}, s.env); status != exitUsage {
		t.Errorf("exit status %d", status)
	}
}

// Without --since the page shows a day, and has a link to the week. With it, it
// shows that time alone.
func TestTimelineShowsADayAndAWeekOrWhatWasAskedFor(t *testing.T) {
	s := newSite(t, "paper")
	s.events()
	for since, want := range map[time.Duration][]string{0: {"7days", "24h"}, time.Hour: {"1h"}, 7 * 24 * time.Hour: {"7days"}} {
		page := s.timeline(timelineCommand{Since: history.Lookback(since)}, "09:30:00")
		var got []string
		for _, m := range regexp.MustCompile(`<section class="period[^>]* id="(.*?)"`).FindAllStringSubmatch(page, -1) {
			got = append(got, m[1])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(since, diff)
		}
	}
	if status := run([]string{"timeline"}, s.env); status != exitOK {
		t.Errorf("exit status %d", status)
	}
}

// timeline is the page of that time of the day.
func (s *site) timeline(c timelineCommand, clock string) string {
	s.t.Helper()
	file, err := loadSettings(&s.env)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := c.write(&s.env, file, clockTime(s.t, clock)); err != nil {
		s.t.Fatal(err)
	}
	page, err := os.ReadFile(s.env.paths.Timeline())
	if err != nil {
		s.t.Fatal(err)
	}
	return string(page)
}

func TestTheTimelineHasTheOrderOfTheMenu(t *testing.T) {
	file := settings.File{
		Gateway: []settings.Gateway{{Name: "b paper", Port: 4002}, {Name: "live", Port: 4001}, {Name: "a paper", Port: 4003}, {Name: "a live", Port: 4004}},
		Remote:  []settings.Remote{{Name: "vps"}, {Name: "nas"}},
	}
	file.Gateway[3].IBC.Mode = "live"
	if diff := cmp.Diff([]string{"live", "a live", "b paper", "a paper", "vps/", "nas/"}, menuOrder(file)); diff != "" {
		t.Error(diff)
	}
}

func TestEscapedJSONIsTheSameAndClean(t *testing.T) {
	text := "a\u009b\u202e\u2028b é"
	escaped := string(escapeJSON([]byte(`{"t":"` + text + `"}`)))
	var back struct{ T string }
	if err := json.Unmarshal([]byte(escaped), &back); err != nil || back.T != text || supervisor.CleanText(escaped, 0) != escaped {
		t.Errorf("%s: %q, %v", escaped, back.T, err)
	}
}
