package simgateway

import "os"

// killSelf ends as abruptly as Windows allows a process to end itself, with the
// status that the same scene has elsewhere.
func killSelf() { os.Exit(137) }

// ignoreBrokenPipes has nothing to do: Windows knows no SIGPIPE.
func ignoreBrokenPipes() {}

// terminate ends a child at once; there is no asking.
func terminate(p *os.Process) { _ = p.Kill() } // it may have ended already

func exitCode(state *os.ProcessState) (code int, killed bool) {
	return state.ExitCode(), state.ExitCode() == 137
}
