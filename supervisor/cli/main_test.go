package cli

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/testkit"
)

// TestMain lets the test binary be its own child processes, and the program
// "gatelight" that the scripts run.
func TestMain(m *testing.M) {
	if status, ok := runChild(os.Args[1:]); ok {
		os.Exit(status)
	}
	os.Setenv("GORACE", "atexit_sleep_ms=10") // else every process of a script ends a second later
	flag.Set("test.parallel", "8")            // the scripts wait more than they compute; an argument comes after this and holds
	testscript.Main(m, map[string]func(){"gatelight": func() { os.Exit(testProgram()) }})
}

// testProgram is the program with shorter times, and without a desktop.
func testProgram() int {
	runtime.GOMAXPROCS(1) // as Main
	e, stop := newEnv()
	defer stop()
	e.times = times{tune: testPolicy, grace: ibc.Grace{Stop: 20 * time.Second, Term: 20 * time.Second}}
	if text := os.Getenv("GRACE"); text != "" {
		grace := mustParseDuration(text)
		e.times.grace = ibc.Grace{Stop: grace, Term: grace}
	}
	e.desktop = func(context.Context) (bool, error) { return false, nil }
	e.showAlert, e.showDialog = nil, nil
	return run(os.Args[1:], e)
}

// builtOrOwn is the program for tests that need neither shorter times nor the race
// detector.
func builtOrOwn() string {
	return cmp.Or(os.Getenv(testkit.BuiltProgram), "gatelight")
}

// testPolicy shortens what every script waits for. The variable POLICY sets
// single durations of a [supervisor.Policy], or all of a list:
// "StartTimeout=1s StartRetry=200ms".
func testPolicy(p *supervisor.Policy) {
	p.LookFast, p.LookSlow, p.SettleTime = 50*time.Millisecond, 100*time.Millisecond, 50*time.Millisecond
	p.ZombieAfter, p.FlapAfter = 300*time.Millisecond, 300*time.Millisecond
	p.SessionRetry = []time.Duration{100 * time.Millisecond}
	for _, field := range strings.Fields(os.Getenv("POLICY")) {
		name, text, _ := strings.Cut(field, "=")
		switch to := reflect.ValueOf(p).Elem().FieldByName(name).Addr().Interface().(type) {
		case *time.Duration:
			*to = mustParseDuration(text)
		case *[]time.Duration:
			*to = []time.Duration{mustParseDuration(text)}
		}
	}
}

func mustParseDuration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(fmt.Sprint("a duration of a script: ", err))
	}
	return d
}

// await waits until the only Gateway is as wanted.
func await(t *testing.T, s supervisor.Supervisor, what string, wanted func(supervisor.Snapshot) bool) supervisor.Snapshot {
	t.Helper()
	return testkit.Await(t, s.Watch(t.Context()), what, func(w supervisor.Status) bool { return wanted(w.Gateways[0]) }).Gateways[0]
}
