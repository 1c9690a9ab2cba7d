package ibc

import (
	"errors"
	"io/fs"
	"os"
)

// keptFiles are the files of a run, which somebody may remove while it lasts,
// perhaps with the whole state folder.
type keptFiles struct {
	run     *run
	logGone bool // it was removed, and that was said
}

// check writes the run file again if it was removed: without it the next
// Gatelight does not know that the Gateway is ours. The log cannot be made
// anew, since IBC has the removed one open. We have, too, and read on in it.
func (k *keptFiles) check(d *Driver) {
	r := k.run
	if isGone(r.file.path) {
		if err := r.save(nil); err != nil {
			return // tried again at the next reading of the log
		}
		d.progress("%s was removed, by which the next Gatelight knows this Gateway; it is written again", r.file.path)
	}
	if !k.logGone && isGone(r.Log) {
		k.logGone = true
		d.progress("%s was removed; what IBC writes until the next start is followed, but \"gatelight logs\" cannot show it", r.Log)
	}
}

func isGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
