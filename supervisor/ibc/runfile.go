package ibc

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sync"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/regularfile"
)

// A runFile is what is remembered of a run. It outlives us, so that the next
// Gatelight finds the Gateway again.
type runFile struct {
	path string

	mu     sync.Mutex
	sealed bool // the run has ended: what is written about it later is too late
}

// maxRunFile is far more bytes than a command line of IBC's takes.
const maxRunFile = 1 << 20

// remembered is the content of a runFile.
type remembered struct {
	proof
	Log string `json:"log"`

	// Java is the Gateway's own process, once it has outlived the script.
	Java *proof `json:"java,omitempty"`
	// StopAsked: the user has stopped it. It is written before the command is
	// sent, so that a stop during which we are killed stays one.
	StopAsked bool `json:"stop_asked,omitempty"`
	// Ended is how it ended, when nobody had asked for that. The file is kept
	// then, so that a Gatelight started anew does not take a crash for a normal
	// end.
	Ended *supervisor.Exit `json:"ended,omitempty"`
}

// save writes down the run as it is now, or how it has ended.
func (r *run) save(ended *supervisor.Exit) error {
	kept := remembered{proof: proof{r.PID, r.StartedAt, r.Args}, Log: r.Log,
		Java: r.java.Load(), StopAsked: r.stopAskedBy.Load() == theUser, Ended: ended}
	b, err := json.MarshalIndent(kept, "", "\t")
	if err != nil {
		return err
	}
	r.file.mu.Lock()
	defer r.file.mu.Unlock()
	if r.file.sealed {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(r.file.path), 0o700); err != nil { // somebody may have removed it
		return err
	}
	return atomicfile.Replace(r.file.path, b, 0o600)
}

// recall reads what is remembered of the last run; nil when nothing is.
func (o Options) recall() *run {
	r := o.newRun()
	r.adopted = true
	b, err := regularfile.Read(r.file.path, maxRunFile)
	var kept remembered
	if err != nil || json.Unmarshal(b, &kept) != nil {
		return nil
	}
	r.PID, r.StartedAt, r.Args, r.Log, r.ended = kept.PID, kept.StartedAt, kept.Args, kept.Log, kept.Ended
	r.java.Store(kept.Java)
	if kept.StopAsked {
		r.stopAskedBy.Store(theUser)
	}
	return r
}

func (f *runFile) remove() {
	f.mu.Lock()
	defer f.mu.Unlock()
	os.Remove(f.path)
}

func (f *runFile) seal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sealed = true
}
