package main

import "os"

// checkLog compares the event log with what was told. Where the log was damaged,
// nothing is promised of it.
func (w *world) checkLog() {
	if w.logBroken {
		return
	}
	b, err := os.ReadFile(w.paths.Events())
	if err != nil {
		w.note("the event log has it all", err.Error())
		return
	}
	for _, g := range w.gateways {
		w.stream.mu.Lock()
		seen := w.stream.told[g.name]
		w.stream.mu.Unlock()
		for _, wrong := range checkEvents(string(b), g.name, seen, toSupervisors{two: w.lockGone, kills: w.kills}) {
			w.note("the event log has it all", wrong)
		}
	}
	if out, err := os.ReadFile(w.dir + "/light.out"); err == nil {
		w.checkOutput("the program", string(out))
	}
}
