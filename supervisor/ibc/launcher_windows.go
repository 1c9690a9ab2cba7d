package ibc

import (
	"fmt"
	"os/exec"

	"gatelight/supervisor"
)

// LauncherCommand is the hidden command of other systems.
const LauncherCommand = "ibc-launcher"

// Launcher is for other systems: here no process can become another program.
func Launcher([]string) int { return 64 }

// spawn starts the script. Before that it writes down the command line alone,
// by which findLaunched finds the script if this Gatelight is killed before its
// pid is known.
func (r *run) spawn(script *exec.Cmd) error {
	r.StartedAt = supervisor.Now()
	if err := r.save(nil); err != nil { // no later Gatelight could adopt it, and the next start would be one more login
		return fmt.Errorf("cannot remember the Gateway, so it was not started: %w; %s", err, mendFolder)
	}
	detach(script)
	if err := startOutsideJob(script); err != nil {
		r.file.remove()
		return fmt.Errorf("cannot start %s: %w", script.Path, err)
	}
	at, err := startOf(script.Process.Pid) // its arguments are known
	if err == nil {
		r.PID, r.StartedAt = script.Process.Pid, at
		err = r.save(nil)
	}
	if err != nil {
		endGroup(script.Process)
		r.file.remove()
		return fmt.Errorf("cannot remember the Gateway, so it was not started: %w; %s", err, mendFolder)
	}
	script.Process.Release()
	return nil
}

func awaitLaunch(*runFile) error { return nil }
