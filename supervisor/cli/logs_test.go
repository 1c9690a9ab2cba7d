package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/testkit"
)

const logCanary = "c4nary"

// A site is a settings file with an IBC config and logs.
type site struct {
	t   *testing.T
	dir string
	env env
	out *lockedBuffer
}

// A lockedBuffer may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newSite(t *testing.T, gateways ...string) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{t: t, dir: dir, out: &lockedBuffer{}}
	text := ""
	for i, name := range gateways {
		config := filepath.Join(dir, name+".ini")
		text += fmt.Sprintf("[[gateway]]\nname = '%s'\nport = %d\nibc.config = '%s'\n", name, 4002+i, config)
		s.write(name+".ini", "IbLoginId=login-"+logCanary+"\nIbPassword=p\\u0061ss-"+logCanary+"\n")
	}
	s.write("config.toml", text)
	s.env = env{ctx: t.Context(), stdout: s.out, stderr: io.Discard,
		paths: settings.Paths{Settings: filepath.Join(dir, "config.toml"), Named: true, State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")}}
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) add(name, text string) {
	s.t.Helper()
	f, err := os.OpenFile(filepath.Join(s.dir, name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// launch begins a log after the last change of config.ini.
const launch = "Starting IBC version 3.24.1 on 2036-11-23 at 14:55:55"

// logs are two hours of a Gateway, as it and we have written them.
func (s *site) logs() {
	at := func(clock string) string {
		local, _ := time.ParseInLocation("2006-01-02 15:04:05", "2036-11-23 "+clock, time.Local)
		return local.Format(time.RFC3339Nano)
	}
	s.write("state/log/gatelight.log", "time="+at("14:55:50")+" level=INFO msg=supervising\ntime="+at("14:55:58")+" level=WARN msg=\"late\"\n")
	s.write("state/log/ibc-paper.log", "Parsing arguments\n\nStarting IBC version 3.24.1 on 2036-11-23 at 14:55:55\nOperating system: Linux\n"+
		"2036-11-23 14:55:57:403 IBC: Login attempt: 1\n2036-11-23 14:55:59:000 IBC: Login has completed\nEnd")
	s.write("state/log/ibc-live.log", "2036-11-23 14:55:56:000 IBC: of the live one\n")
}

func TestLogsAreMergedByTime(t *testing.T) {
	s := newSite(t, "paper", "live")
	s.logs()
	if err := (logsCommand{Lines: 200}).Run(&s.env); err != nil {
		t.Fatal(err)
	}
	want := `gatelight | time=… level=INFO msg=supervising
IBC paper | Parsing arguments
IBC paper | 
IBC paper | Starting IBC version 3.24.1 on 2036-11-23 at 14:55:55
IBC paper | Operating system: Linux
IBC live  | 2036-11-23 14:55:56:000 IBC: of the live one
IBC paper | 2036-11-23 14:55:57:403 IBC: Login attempt: 1
gatelight | time=… level=WARN msg="late"
IBC paper | 2036-11-23 14:55:59:000 IBC: Login has completed
IBC paper | End
`
	if got := withoutTimes(s.out.String()); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// withoutTimes takes out the times of our own log, which have the zone of the
// machine.
func withoutTimes(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if head, rest, ok := strings.Cut(line, "time="); ok {
			_, rest, _ = strings.Cut(rest, " ")
			line = head + "time=… " + rest
		}
		b.WriteString(line)
	}
	return b.String()
}

func TestLogsShowOneGatewayAndTheLastLines(t *testing.T) {
	s := newSite(t, "paper", "live")
	s.logs()
	if err := (logsCommand{Gateway: "live", Lines: 2}).Run(&s.env); err != nil {
		t.Fatal(err)
	}
	want := "IBC live  | 2036-11-23 14:55:56:000 IBC: of the live one\ngatelight | time=… level=WARN msg=\"late\"\n"
	if got := withoutTimes(s.out.String()); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if err := (logsCommand{Gateway: "other"}).Run(&s.env); err != exitError(exitUsage) {
		t.Errorf("a Gateway that is not there: %v", err)
	}
	empty := newSite(t, "paper")
	if err := (logsCommand{}).Run(&empty.env); err != nil || !strings.Contains(empty.out.String(), "There are no logs yet") {
		t.Errorf("%q, %v", empty.out.String(), err)
	}
}

// Nor are control characters. Where it is not known what is secret, no log is
// shown.
func TestLogsShowNoSecret(t *testing.T) {
	s := newSite(t, "paper", "live")
	s.add("paper.ini", "IbPasswrd="+logCanary+"-misspelt\nBrandNewKey=new-"+logCanary+"\nOtherNewKey=yes\n")
	s.write("state/log/ibc-paper.log", launch+"\nyes, IbPasswrd is "+logCanary+"-misspelt, BrandNewKey new-"+logCanary+"\nlogin-"+logCanary+" p\\u0061ss-"+logCanary+" pass-"+logCanary+"\nIbPassword=an-older-one\n\x1b]0;title\a\nfine\n")
	if err := (logsCommand{Gateway: "paper"}).Run(&s.env); err != nil {
		t.Fatal(err)
	}
	got := s.out.String()
	if strings.Contains(got, logCanary) || strings.Contains(got, "older") || strings.ContainsAny(got, "\x1b\a") || !strings.Contains(got, "| fine\n") || !strings.Contains(got, "| yes, ") {
		t.Errorf("%q", got)
	}
	if err := os.Remove(filepath.Join(s.dir, "live.ini")); err != nil {
		t.Fatal(err)
	}
	s.write("live.ini/folder", "") // cannot be read
	before := s.out.String()
	if err := (logsCommand{Gateway: "paper"}).Run(&s.env); err == nil || !strings.Contains(err.Error(), "live.ini") || s.out.String() != before {
		t.Errorf("%q, %v", s.out.String(), err)
	}
}

func TestLogsAreFollowedAcrossRotation(t *testing.T) {
	s := newSite(t, "paper")
	s.write("state/log/ibc-paper.log", launch+"\none\n")
	ctx, cancel := context.WithCancel(t.Context())
	s.env.ctx = ctx
	done := make(chan error, 1)
	go func() { done <- logsCommand{Follow: true, Lines: 200}.Run(&s.env) }()
	log := filepath.Join(s.dir, "state", "log", "ibc-paper.log")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("shown: %q", s.out.String())
		}
	})
	shows := func(want ...string) {
		t.Helper()
		text := ""
		for _, w := range append([]string{launch}, want...) {
			text += "IBC paper | " + w + "\n"
		}
		testkit.Eventually(t, "the log is shown as\n"+text, func() bool { return s.out.String() == text })
	}
	shows("one")
	s.add("state/log/ibc-paper.log", "two\nhal")
	shows("one", "two")
	s.add("state/log/ibc-paper.log", "f\nlast of the old\n")
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	s.write("state/log/ibc-paper.log", "first of the new\n")
	shows("one", "two", "half", "last of the old", "first of the new")
	// The password is changed, the file is empty meanwhile, and IBC prints the new one.
	s.write("paper.ini", "")
	s.add("state/log/ibc-paper.log", "it was p\\u0061ss-"+logCanary+"\n")
	s.write("paper.ini", "IbPassword=other-"+logCanary+"-much-longer\n")
	s.add("state/log/ibc-paper.log", "it is other-"+logCanary+"-much-longer\n")
	shows("one", "two", "half", "last of the old", "first of the new", "it was •••", "it is •••")
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	s.add("state/log/ibc-paper.log", "anew\n")
	shows("one", "two", "half", "last of the old", "first of the new", "it was •••", "it is •••", "anew")
	cancel()
	if err := testkit.Await(t, done, "its end", func(error) bool { return true }); err != nil {
		t.Error(err)
	}
}

func TestLongLogsAndLongLinesAreCutShort(t *testing.T) {
	l := newLogFile(filepath.Join(t.TempDir(), "log"), "x")
	defer l.tail.Close()
	if err := os.WriteFile(l.tail.Path, []byte(strings.Repeat("a line of the past\n", 2<<20/19)+"the end\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := l.take(false)
	if err != nil || len(lines) < 1000 || len(lines) > 1<<20/19 || lines[0].text != "a line of the past" || lines[len(lines)-1].text != "the end" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	f, err := os.OpenFile(l.tail.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprintf(f, "%s\nafter it\n", strings.Repeat("x", 5<<18))
	lines, err = l.take(false)
	if err != nil || len(lines) != 2 || len(lines[0].text) > 100 || lines[1].text != "after it" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}

// What config.ini held before is not known.
func TestLogsOfALaunchBeforeConfigWasChangedAreNotShown(t *testing.T) {
	s := newSite(t, "paper", "live")
	s.write("state/log/gatelight.log", "time=2016-11-23T14:55:50Z msg=ours\n")
	const before = "Starting IBC version 3.24.1 on 2016-11-23 at 14:55:55\n2016-11-23 14:55:57:403 IBC: an-earlier-password\n"
	s.write("state/log/ibc-paper.log", "Started by Gatelight\n"+before+"2036-11-23 14:55:50:403 IBC: an-earlier-password\n"+launch+"\nfine\n")
	s.write("state/log/ibc-live.log", "an-earlier-password\n") // without a time
	if err := (logsCommand{}).Run(&s.env); err != nil {
		t.Fatal(err)
	}
	got := s.out.String()
	if strings.Contains(got, "an-earlier-password") || strings.Count(got, "(Lines are not shown here: config.ini was changed after this launch") != 2 ||
		!strings.Contains(got, "IBC paper | fine\n") || !strings.Contains(got, "msg=ours") {
		t.Errorf("%s", got)
	}
}

func TestNoLogIsShownWithoutALoginToMask(t *testing.T) {
	for what, change := range map[string]func(path string) error{
		"gone":        os.Remove,
		"empty":       func(path string) error { return os.Truncate(path, 0) },
		"all unknown": func(path string) error { return os.WriteFile(path, []byte("TradingMode=paper\nIbLoginId=\n"), 0o600) },
	} {
		s := newSite(t, "paper", "live")
		s.logs()
		path := filepath.Join(s.dir, "paper.ini")
		if err := change(path); err != nil {
			t.Fatal(err)
		}
		err := logsCommand{}.Run(&s.env)
		if err == nil || !strings.Contains(err.Error(), "not shown") || !strings.Contains(err.Error(), path) || s.out.String() != "" {
			t.Errorf("%s: %v\n%s", what, err, s.out)
		}
		if err := (logsCommand{Gateway: "live"}).Run(&s.env); err != nil || !strings.Contains(s.out.String(), "of the live one") {
			t.Errorf("%s: the other Gateway: %v\n%s", what, err, s.out)
		}
	}
}
