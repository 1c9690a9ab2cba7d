package monitor

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// timedLines collects what a reporter writes, line by line, each with its time.
type timedLines struct {
	t     *testing.T
	start time.Time
	lines []string
}

func (w *timedLines) Write(text []byte) (int, error) {
	what := ""
	switch e := parseLine(text).(type) {
	case supervisor.CodeReceived:
		what = fmt.Sprint(e.Code)
	case supervisor.CodesOmitted:
		what = fmt.Sprint(e.Count, " omitted")
	case supervisor.SessionClosed:
		what = e.Why
	default:
		w.t.Errorf("unexpected line: %s", text)
	}
	w.lines = append(w.lines, fmt.Sprintf("%v %s", time.Since(w.start), what))
	return len(text), nil
}

// reported runs a script against a reporter in simulated time and gives the
// lines that it wrote.
func reported(t *testing.T, script func(r *reporter)) []string {
	t.Helper()
	var lines []string
	synctest.Test(t, func(t *testing.T) {
		w := &timedLines{t: t, start: time.Now()}
		r := newReporter(w)
		script(r)
		r.closed("over")
		lines = w.lines
	})
	return lines
}

func TestTheNewestLinkCodeIsAlwaysReported(t *testing.T) {
	for _, tt := range []struct {
		name   string
		script func(r *reporter)
		want   string
	}{
		{"a nightly outage is reported as it is", func(r *reporter) {
			for _, code := range []int{1100, 2105, 2103, 1102, 2104} {
				r.code(code, "")
			}
		}, "0s 1100, 0s 2105, 0s 2103, 0s 1102, 0s 2104, 0s over"},
		{"a repeat within a second is omitted", func(r *reporter) {
			r.code(1100, "a")
			time.Sleep(900 * time.Millisecond)
			r.code(1100, "a")
			r.code(1100, "b")
			time.Sleep(time.Second)
			r.code(1100, "b")
		}, "0s 1100, 900ms 1100, 1.9s 1100, 1.9s 1 omitted, 1.9s over"},
		{"a link that flaps is reported once a second, and how it ended", func(r *reporter) {
			for range 1000 {
				r.code(1100, "")
				r.code(1102, "")
			}
			r.code(1100, "")
			time.Sleep(3 * time.Second)
			r.code(1102, "")
		}, "0s 1100, 0s 1102, 0s 1100, 0s 1102, 1s 1100, 3s 1102, 3s 1996 omitted, 3s over"},
		{"the newest is reported also when the session ends first", func(r *reporter) {
			for range 10 {
				r.code(1100, "")
				r.code(2110, "")
			}
			r.code(1300, "")
		}, "0s 1100, 0s 2110, 0s 1100, 0s 2110, 0s 1300, 0s 16 omitted, 0s over"},
		{"back to the code reported last needs no report", func(r *reporter) {
			for range 2 {
				r.code(1100, "")
				r.code(1102, "")
			}
			r.code(1100, "")
			r.code(1102, "")
			time.Sleep(time.Minute)
		}, "0s 1100, 0s 1102, 0s 1100, 0s 1102, 30s 2 omitted, 1m0s over"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(reported(t, tt.script), ", "); got != tt.want {
				t.Errorf("reported\n %s, want\n %s", got, tt.want)
			}
		})
	}
}

// Ten seconds of 100,000 codes a second, all of them different, with the link
// lost in the middle of it.
func TestAFloodIsReportedInSums(t *testing.T) {
	t.Parallel()
	const seconds, each = 10, 10_000
	var farms, links, omitted int
	lines := reported(t, func(r *reporter) {
		for second := range seconds {
			for i := range each {
				r.code(2104, fmt.Sprint(i))
			}
			if second == 5 {
				r.code(1100, "lost")
			}
			time.Sleep(time.Second)
		}
		time.Sleep(time.Minute)
	})
	for _, line := range lines {
		var n int
		at, what, _ := strings.Cut(line, " ")
		switch {
		case what == "2104":
			farms++
		case what == "1100":
			links++
			if at != "5s" {
				t.Errorf("the link was lost after 5s and reported after %s", at)
			}
		default:
			fmt.Sscanf(what, "%d omitted", &n)
			omitted += n
		}
	}
	// A burst of 40, and 5 for each of the nine seconds that follow.
	if farms != 40+9*5 || links != 1 || farms+omitted != seconds*each {
		t.Errorf("%d codes reported, %d of the link, %d omitted; %d were sent", farms, links, omitted, seconds*each)
	}
}
