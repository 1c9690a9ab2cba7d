package ibc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	kept := remembered{proof: r.proof, Log: r.Log,
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

// recall reads what is remembered of the last run; nil when there is no file.
// Any other file that is not one of ours is an error: it may be about a Gateway
// that runs.
func (o Options) recall() (*run, error) {
	r := o.newRun()
	r.adopted = true
	b, err := regularfile.Read(r.file.path, maxRunFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var kept remembered
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	if err == nil && (kept.PID < 0 || kept.PID == 1 || kept.StartedAt.IsZero() || len(kept.Args) == 0 || kept.Log == "") {
		err = errors.New("it does not name a process")
	}
	if err != nil {
		return nil, fmt.Errorf("the file that says which Gateway Gatelight has started cannot be used: %w; if no Gateway runs, remove %s", err, r.file.path)
	}
	r.proof, r.Log, r.ended = kept.proof, kept.Log, kept.Ended
	r.java.Store(kept.Java)
	if kept.StopAsked {
		r.stopAskedBy.Store(theUser)
	}
	return r, nil
}

// lockPath is the file that is locked while a launcher is about to become the
// script.
func (f *runFile) lockPath() string { return strings.TrimSuffix(f.path, ".json") + ".lock" }

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
