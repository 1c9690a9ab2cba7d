//go:build unix

package ibc

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// atLook calls then before a look, which fails.
type atLook struct {
	supervisor.SocketReader
	then func()
}

func (a atLook) Look(context.Context, []int) (supervisor.Table, error) {
	a.then()
	return supervisor.Table{}, errors.New("the table cannot be read")
}

// killedDuringAStop stops the Gateway and leaves the run file as it was before
// anything was sent: as if Gatelight had been killed then.
func killedDuringAStop(h *harness, stop supervisor.PerformAction) {
	h.t.Helper()
	reader, kept := h.o.Sockets, ""
	first := h.follow()
	first.startsAndLogsIn()
	first.quit()
	h.o.Sockets = atLook{reader, func() { kept = read(h.t, h.runFile()) }}
	killed := h.follow()
	if err := killed.Perform(h.t.Context(), stop); err == nil {
		h.t.Error("stopped without a look")
	}
	killed.quit()
	if strings.Contains(read(h.t, h.runFile()), "stop_asked") {
		h.t.Error("a stop that has failed is remembered")
	}
	write(h.t, h.runFile(), kept)
	h.o.Sockets = reader
}

// A line in IBC's log that tells of a STOP may have been written by anybody who
// can choose a text that is logged. A crash after it stays a crash.
func TestAStopThatOnlyTheLogTellsOfHidesNoCrash(t *testing.T) {
	for _, watched := range []bool{true, false} {
		h := install(t, simgateway.Options{})
		first := h.follow()
		first.startsAndLogsIn()
		forged := time.Now().Format("2006-01-02 15:04:05") + ":000 IBC: CommandServer received command: STOP\n"
		group := first.pid()
		if watched {
			h.appendToLog(forged)
			first.expects(after("STOP")...)
			h.control("crash")
			first.expects(after("STOP", "ended 137: it was killed")...)
			first.quit()
		} else {
			first.quit()
			h.appendToLog(forged)
			_ = syscall.Kill(-group, syscall.SIGKILL)
			_, _ = syscall.Wait4(group, nil, 0, nil)
			testkit.Eventually(t, "everything has ended", func() bool { return len(h.processes()) == 0 })
		}
		second := h.follow()
		<-second.Adopted()
		if words := second.words(); len(words) != 2 || words[0] != "LOGIN" || !strings.HasPrefix(words[1], "ended ") {
			t.Errorf("watched %t: the next Gatelight tells %q", watched, words)
		}
	}
}

func (h *harness) appendToLog(text string) {
	h.t.Helper()
	f, err := os.OpenFile(h.logFile(), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		h.t.Fatal(err)
	}
	f.Close()
}

func TestAStopOutlastsGatelight(t *testing.T) {
	user := supervisor.PerformAction{Action: supervisor.Stop}
	t.Run("the Gateway still runs, and ends later", func(t *testing.T) {
		h := install(t, simgateway.Options{})
		t.Parallel()
		killedDuringAStop(h, user)
		second := h.follow()
		second.expects("seen", "LOGIN", "logged_in", "STOP")
		h.control("crash")
		second.expects("seen", "LOGIN", "logged_in", "STOP", "ended 137: it was killed")
		if _, err := os.Stat(h.runFile()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its end is remembered as a crash: %v", err)
		}
	})
	t.Run("it ends while no Gatelight runs", func(t *testing.T) {
		h := install(t, simgateway.Options{})
		t.Parallel()
		killedDuringAStop(h, user)
		h.control("crash")
		testkit.Eventually(t, "everything has ended", func() bool { return len(h.processes()) == 0 })
		second := h.follow()
		<-second.Adopted()
		second.quit()
		if words := second.words(); !slices.Equal(words, []string{"LOGIN"}) {
			t.Errorf("%q", words)
		}
	})
	t.Run("Gatelight quits after SIGTERM", func(t *testing.T) {
		h := install(t, simgateway.Options{IgnoreTerm: true})
		t.Parallel()
		first := h.follow()
		first.startsAndLogsIn()
		ctx, cancel := context.WithCancel(t.Context())
		var stop sync.WaitGroup
		stop.Go(func() { _ = first.Perform(ctx, user) })
		testkit.Eventually(t, "SIGTERM is sent", func() bool { return strings.Contains(strings.Join(first.progress(), "\n"), "SIGTERM") })
		cancel()
		stop.Wait()
		first.quit()
		h.follow().expects("seen", "LOGIN", "logged_in", "STOP")
	})
	t.Run("the user restarts it after all", func(t *testing.T) {
		h := install(t, simgateway.Options{CommandServerPort: testkit.Port(t)})
		t.Parallel()
		killedDuringAStop(h, user)
		second := h.follow()
		second.expects("seen", "LOGIN", "logged_in", "STOP")
		second.performs(supervisor.Restart)
		second.expects("seen", "LOGIN", "logged_in", "STOP", "restarting", "logged_in")
		second.quit()
		h.follow().expects("seen", "LOGIN", "logged_in")
	})
	t.Run("Gatelight's own stop is no one's wish", func(t *testing.T) {
		h := install(t, simgateway.Options{})
		t.Parallel()
		killedDuringAStop(h, supervisor.PerformAction{Action: supervisor.Stop, Unattended: true})
		h.follow().expects("seen", "LOGIN", "logged_in")
	})
}
