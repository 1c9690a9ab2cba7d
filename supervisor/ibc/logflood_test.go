package ibc

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

// A log that tells of a hundred thousand logins at once is read piece by piece,
// and each piece is a few events: all else would wait for a decision per line.
func TestAFloodOfLoginLinesIsCountedAndNotRepeated(t *testing.T) {
	const lines = 100_000
	line := time.Now().Format("2006-01-02 15:04:05") + ":000 IBC: Click button: Log In\n"
	l := writtenLog(t, javaOf("3.24.1")+strings.Repeat(line, lines))
	logins, events, pieces := 0, 0, 0
	for more := true; more; more = l.tail.Behind {
		pieces++
		l.readLive(func(e supervisor.Event) {
			events++
			if login, ok := e.(supervisor.LoginSeen); ok {
				logins += 1 + login.More
			}
		})
		if !l.flood {
			t.Error("the flood is not seen")
		}
	}
	if logins != lines || pieces < 2 || events > 4*pieces {
		t.Errorf("%d logins, %d events in %d pieces", logins, events, pieces)
	}
}

// What is left out is older than something of its kind, and changes nothing.
func TestOfTooManyEventsTheNewestOfEachKindCounts(t *testing.T) {
	var all logBatch
	problem := func(r supervisor.LoginReason) supervisor.Event {
		return supervisor.LoginProblemSeen{LoginProblem: supervisor.LoginProblem{Reason: r}}
	}
	for range 5000 {
		all = append(all, supervisor.LaunchSeen{}, supervisor.PhaseSeen{Phase: supervisor.Login}, supervisor.LoginSeen{},
			supervisor.PhaseSeen{Phase: supervisor.TwoFactor}, problem(supervisor.LoginRefused), problem(""))
	}
	all = append(all, supervisor.PhaseSeen{Phase: supervisor.LoggedIn}, supervisor.LaunchSeen{}, supervisor.LaunchSeen{}, supervisor.PlannedEndSeen{Why: "old"}, supervisor.PlannedEndSeen{Why: "new"})
	var got []string
	all.emit(func(e supervisor.Event) { got = append(got, fmt.Sprintf("%T%+v", e, e)) })
	want := []string{"PhaseSeen{Phase:login", "LoginSeen", "PhaseSeen{Phase:two_factor", "LoginProblemSeen{LoginProblem:{Reason:login_refused", "LoginProblemSeen{LoginProblem:{Reason: ",
		"PhaseSeen{Phase:logged_in", "LaunchSeen{More:1}", "PlannedEndSeen{Why:new"}
	if len(got) != len(want) {
		t.Fatalf("%q", got)
	}
	for i, e := range got {
		if !strings.HasPrefix(e, "supervisor."+want[i]) || want[i] == "LoginSeen" && !strings.HasSuffix(e, "More:4999}") {
			t.Errorf("%s, want %s", e, want[i])
		}
	}
	few := logBatch{supervisor.LoginSeen{}, supervisor.LoginSeen{}, supervisor.PhaseSeen{Phase: supervisor.Login}}
	if n := 0; few.emit(func(supervisor.Event) { n++ }) || n != 3 {
		t.Errorf("%d of a few events are left", n)
	}
}

func BenchmarkLoginLines(b *testing.B) {
	var l logParser
	line := "2026-11-23 14:55:57:403 IBC: Click button: Log In"
	for b.Loop() {
		l.events(line)
	}
}
