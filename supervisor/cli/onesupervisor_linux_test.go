package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
	"gatelight/supervisor/testkit"
)

// Of two that start at the same moment, in sessions with and without a runtime
// folder, one supervises. The other one says so, or becomes a view of it.
func TestOfTwoThatStartAtOnceOneSupervises(t *testing.T) {
	t.Parallel()
	const rounds = 20
	port := testkit.Port(t)
	for round := range rounds {
		dir, err := os.MkdirTemp("", "gl-") // short enough for a socket
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		p := settings.Paths{State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "state")}
		if err := os.Mkdir(filepath.Join(dir, "login"), 0o700); err != nil {
			t.Fatal(err)
		}
		command := "serve"
		if round%4 == 3 {
			command = "watch"
		}
		var two []*exec.Cmd
		for _, session := range []string{"login", "none"} {
			two = append(two, startIn(t, dir, port, session, command))
		}
		supervises := 0
		for _, cmd := range two {
			testkit.Eventually(t, "it has settled: "+cmd.String(), func() bool {
				text := cmd.Stdout.(*lockedBuffer).String()
				return strings.Contains(text, "Supervising.") || strings.Contains(text, "running already (process ") ||
					strings.Contains(text, "this is a view of it") || strings.Contains(text, ": paper")
			})
			text := cmd.Stdout.(*lockedBuffer).String()
			if !strings.Contains(text, "running already") && !strings.Contains(text, "this is a view of it") {
				supervises++
			}
		}
		if supervises != 1 {
			t.Errorf("round %d: %d supervise:\n%s%s", round, supervises, two[0].Stdout, two[1].Stdout)
		}
		remote, err := status.Dial(t.Context(), p)
		if err != nil {
			t.Fatalf("round %d: %v\n%s%s", round, err, two[0].Stdout, two[1].Stdout)
		}
		remote.Close()
		for _, cmd := range two {
			cmd.Process.Signal(syscall.SIGINT)
			cmd.Wait() // 1 if it was refused
		}
	}
}

// A lock that was removed, and that another Gatelight has taken since, ends
// supervision. The Gateway lives on.
func TestServeEndsWhenAnotherOneHasItsLock(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "gl-") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	first := startIn(t, dir, testkit.Port(t), "none", "serve")
	output := first.Stdout.(*lockedBuffer)
	testkit.Eventually(t, "it supervises", func() bool { return strings.Contains(output.String(), "Supervising.") })
	second := flock.New(filepath.Join(dir, "second"))
	if got, err := second.TryLock(); !got || err != nil {
		t.Fatal(err)
	}
	defer second.Unlock()
	if err := os.Rename(second.Path(), filepath.Join(dir, "state", "lock")); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	if text := output.String(); first.ProcessState.ExitCode() != exitFailed || !strings.Contains(text, "this Gatelight has ended: the lock ") {
		t.Errorf("%v\n%s", first.ProcessState, text)
	}
}

// A command that has the lock ends soon, and nobody would supervise then.
func TestServeSupervisesAgainAfterACommandThatHadItsLock(t *testing.T) {
	t.Parallel()
	dir := testkit.ShortDir(t)
	first := startIn(t, dir, testkit.Port(t), "none", "serve")
	output := first.Stdout.(*lockedBuffer)
	supervises := func(times int) func() bool {
		return func() bool { return strings.Count(output.String(), "Supervising.") == times }
	}
	testkit.Eventually(t, "it supervises", supervises(1))
	// The lock of a command takes the place of the one that was removed.
	command := settings.Paths{State: filepath.Join(dir, "second"), Runtime: filepath.Join(dir, "second")}
	lock, err := status.TakeLock(command)
	if err != nil {
		t.Fatal(err)
	}
	if err := lock.ForCommand(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(command.Lock(), filepath.Join(dir, "state", "lock")); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "it waits for the command", func() bool { return strings.Contains(output.String(), "A command is supervising") })
	if !supervises(1)() {
		t.Errorf("two supervise\n%s", output)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "it supervises again", supervises(2))
	first.Process.Signal(syscall.SIGINT)
	if err := first.Wait(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// startIn starts a command with that state folder, in a session with that
// runtime folder.
func startIn(t *testing.T, dir string, port int, session, command string) *exec.Cmd {
	t.Helper()
	config := filepath.Join(dir, "config.toml")
	if err := os.WriteFile(config, []byte("[[gateway]]\nname = 'paper'\nmonitor = false\nport = "+fmt.Sprint(port)+"\nibc.path = '"+dir+"'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*testkit.Patience)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, builtOrOwn(), command)
	cmd.Env = append(os.Environ(), "GATELIGHT_CONFIG="+config, "GATELIGHT_STATE_DIR="+filepath.Join(dir, "state"),
		"GATELIGHT_RUNTIME_DIR=", "XDG_RUNTIME_DIR="+filepath.Join(dir, session), "TMPDIR="+dir)
	out := &lockedBuffer{}
	cmd.Stdout, cmd.Stderr, cmd.WaitDelay = out, out, time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}
