//go:build unix

package ibc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
)

// LauncherCommand is the hidden command of the program that runs [Launcher].
const LauncherCommand = "ibc-launcher"

// launchTimeout is how long it may take from the start of the launcher to that
// of the script. What takes time is the disk.
const launchTimeout = 20 * time.Second

// The files that the launcher gets.
const (
	reportFile = 3 // for its error; closed without a word when the script runs
	lockFile   = 4 // is locked as long as the launcher runs
)

// Launcher writes down that this process is the run, and then becomes IBC's
// script. So there is no moment in which the script runs and the next Gatelight
// could not know of it, whenever this one is killed. args are the run file,
// IBC's log and the command line of the script. It returns an exit status, if
// at all.
func Launcher(args []string) int {
	syscall.CloseOnExec(reportFile)
	syscall.CloseOnExec(lockFile)
	report := os.NewFile(reportFile, "report")
	if report == nil || len(args) < 3 {
		return 64
	}
	path, log, argv := args[0], args[1], args[2:]
	if err := leaveUnit(strings.TrimSuffix(filepath.Base(path), ".json")); err != nil {
		fmt.Println("Gatelight:", err) // into IBC's log; that is no reason not to start it
	}
	self, err := proofOf(os.Getpid())
	self.Args = argv[1:]
	b, encodeErr := json.MarshalIndent(remembered{proof: self, Log: log}, "", "\t")
	if err = errors.Join(err, encodeErr); err == nil {
		err = atomicfile.Write(path, b, 0o600)
	}
	if err != nil { // no later Gatelight could adopt it, and the next start would be one more login
		fmt.Fprintf(report, "cannot remember the Gateway, so it was not started: %v; %s", err, mendFolder)
		return 70
	}
	err = syscall.Exec(argv[0], argv, os.Environ())
	os.Remove(path)
	fmt.Fprintf(report, "cannot start %s: %v", argv[0], err)
	return 127
}

// spawn starts the script by way of the launcher, and returns when the script
// runs.
func (r *run) spawn(script *exec.Cmd) error {
	lock, err := lockLaunch(r.file.lockPath(), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer lock.Close()
	said, report, err := os.Pipe()
	if err != nil {
		return err
	}
	defer said.Close()
	defer report.Close()
	program, err := launcherProgram()
	if err != nil {
		return err
	}
	launcher := &exec.Cmd{Path: program, Args: append([]string{"gatelight", LauncherCommand, r.file.path, r.Log}, script.Args...),
		Env: script.Env, Dir: script.Dir, Stdout: script.Stdout, Stderr: script.Stderr, ExtraFiles: []*os.File{report, lock}}
	detach(launcher)
	if err := WithCoreDumps(launcher.Start); err != nil {
		return fmt.Errorf("cannot start %s: %w", script.Path, err)
	}
	report.Close()
	lock.Close() // the launcher has it
	if err = awaitReport(said); err == nil {
		r.proof, err = proofOf(launcher.Process.Pid)
		r.Args = script.Args[1:]
	}
	if err != nil {
		endGroup(launcher.Process)
		return err
	}
	launcher.Process.Release() // reap collects its exit status
	return nil
}

// awaitReport reads the launcher's error, nil when the script runs.
func awaitReport(from *os.File) error {
	_ = from.SetReadDeadline(time.Now().Add(launchTimeout))
	text := make([]byte, 4<<10)
	n, err := io.ReadFull(from, text)
	switch {
	case n > 0:
		return errors.New(string(text[:n]))
	case errors.Is(err, io.EOF):
		return nil
	}
	return fmt.Errorf("cannot start IBC's script: the start took longer than %s: %w", supervisor.Span(launchTimeout), err)
}

// launcherProgram is the one that runs Launcher. Tests set it.
var launcherProgram = ownProgram

// ownProgram is this program. On Linux it is found after an upgrade, too, which
// has replaced the file.
func ownProgram() (string, error) {
	const link = "/proc/self/exe"
	if runtime.GOOS == "linux" {
		if _, err := os.Stat(link); err == nil {
			return link, nil
		}
	}
	program, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("cannot find the program that starts IBC's script: %w", err)
	}
	return program, nil
}

// awaitLaunch waits until a launcher that has outlived its Gatelight has become
// IBC's script. Before that the run file may not be there.
func awaitLaunch(f *runFile) error {
	lock, err := lockLaunch(f.lockPath(), syscall.LOCK_SH)
	if lock != nil {
		lock.Close()
	}
	return err
}

// lockLaunch locks a file, and waits for a launcher that has it. Only a lock for
// oneself makes the file. Without the file, or where files cannot be locked,
// there is nothing to wait for.
func lockLaunch(path string, how int) (*os.File, error) {
	flags := os.O_RDWR
	if how == syscall.LOCK_EX {
		flags |= os.O_CREATE
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, os.ErrNotExist) && how == syscall.LOCK_SH {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cannot tell whether a Gateway is being started: %w", err)
	}
	for late := time.Now().Add(launchTimeout); ; time.Sleep(10 * time.Millisecond) {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return f, nil
		}
		if time.Now().After(late) {
			f.Close()
			return nil, errors.New("an earlier Gatelight is still starting it, and does not come to an end")
		}
	}
}
