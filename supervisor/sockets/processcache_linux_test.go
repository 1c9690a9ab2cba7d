package sockets

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor"
	"gatelight/supervisor/testkit"
)

// A process gives itself titles, and its files any name.
func TestAProcessIsDescribedWithoutItsArgumentsAndWithoutControlCharacters(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "tr\x1b]0;PWN\a\u202e.sh")
	if err := os.WriteFile(script, []byte("read line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "s3cret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		argv []string
		want string
	}{
		"a script beside it":       {[]string{"bash", filepath.Base(script)}, "bash tr·]0;PWN··.sh"},
		"a script by its path":     {[]string{"bash", script, "s3cret"}, "bash tr·]0;PWN··.sh"},
		"a program text":           {[]string{"bash", "-c", "read line; : s3cret"}, "bash"},
		"text that is a file":      {[]string{"bash", "-s", "--", "s3cret"}, "bash"},
		"a title":                  {[]string{"trader --password=s3cret", "-c", "read line; :"}, "trader"},
		"a pipe, which is no file": {[]string{"bash", pipe}, "bash"},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("bash")
			cmd.Args, cmd.Dir = c.argv, dir
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { stdin.Close(); cmd.Process.Kill(); cmd.Wait() }()
			// A process that is just becoming its program has no command line yet, and on a
			// busy machine it may not be known in time whether the file is there.
			var got supervisor.Process
			for late := time.Now().Add(testkit.Patience); got.Command != c.want && time.Now().Before(late); {
				got = describeProcess(t.Context(), cmd.Process.Pid)
			}
			if got.Command != c.want || strings.Contains(got.Name, "s3cret") || got.Name != "bash" {
				t.Errorf("%q: %+v, want the command %q", c.argv, got, c.want)
			}
		})
	}
}

// A process is seen while it becomes its program, and once more after that.
func TestAYoungProcessWithoutACommandLineIsDescribedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		age   time.Duration
		again bool
	}{"young": {time.Second, true}, "old": {time.Minute, false}} {
		known := processCache{os.Getpid(): {PID: os.Getpid(), StartedAt: time.Now().Add(-c.age)}}
		rows := []row{{owner: supervisor.Process{PID: os.Getpid()}}}
		if err := known.identify(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		if got := rows[0].owner; (got.Command != "") != c.again {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestANameThatAProcessHasChosenIsCutAfterAWord(t *testing.T) {
	cmd := exec.Command("bash", "-c", `printf 'pw s3cret' >/proc/$$/comm; echo; read line`)
	stdin, stdout := testkit.StartWithPipes(t, cmd)
	defer func() { stdin.Close(); cmd.Wait() }()
	stdout.Read(make([]byte, 1))
	if got := describeProcess(t.Context(), cmd.Process.Pid); got.Name != "pw" {
		t.Errorf("%+v", got)
	}
}

// script is the path of a script that exists.
func script(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
