package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/settings"
)

// logsCommand prints IBC's newest log and our own as one story, in the order of
// time: what we saw and did stands beside what the Gateway did then.
type logsCommand struct {
	Follow  bool   `short:"f" help:"Go on with what is added, until Ctrl-C."`
	Gateway string `help:"Only this Gateway, and Gatelight's own." placeholder:"NAME"`
	Lines   int    `short:"n" help:"How many lines to begin with; 0 for the last 1 MB of each log." default:"200"`
}

// How often the logs are read when they are followed.
const logPace = 250 * time.Millisecond

// Run prints the logs.
func (c logsCommand) Run(e *env) error {
	file, err := loadSettings(e)
	if err != nil {
		return err
	}
	gateways, err := gatewaysNamed(e, file, c.Gateway)
	if err != nil {
		return e.fail(exitUsage, err)
	}
	s := newStory(file.Gateway, gateways, e.paths)
	entries, err := s.next()
	if err != nil {
		return err
	}
	if !c.Follow {
		for _, f := range s.files {
			entries = append(entries, f.entries(f.flush())...)
		}
		s.order(entries)
	}
	if len(entries) == 0 && !c.Follow {
		fmt.Fprintln(e.stdout, "There are no logs yet in", e.paths.Logs())
		return nil
	}
	if c.Lines > 0 && len(entries) > c.Lines {
		entries = entries[len(entries)-c.Lines:]
	}
	if err := s.print(e, entries); err != nil || !c.Follow {
		return err
	}
	ticker := time.NewTicker(logPace)
	defer ticker.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return nil
		case <-ticker.C:
		}
		entries, err := s.next()
		if err == nil {
			err = s.print(e, entries)
		}
		if err != nil {
			return err
		}
	}
}

// A story is several logs as one.
type story struct {
	files   []*logFile
	width   int // of the labels
	mask    config.Mask
	secrets map[string]time.Time // files that hold secrets, by when they were read as they were then
}

// newStory tells of the logs of gateways, without the secrets of any Gateway there is.
func newStory(all, gateways []settings.Gateway, p settings.Paths) *story {
	s := &story{secrets: map[string]time.Time{}}
	for _, g := range all {
		for _, path := range []string{g.IBC.Config, g.IBC.ConfigSource} {
			if path != "" {
				s.secrets[path] = time.Time{}
			}
		}
	}
	s.files = append(s.files, &logFile{path: filepath.Join(p.Logs(), "gatelight.log"), label: "gatelight"})
	for _, g := range gateways {
		s.files = append(s.files, &logFile{path: filepath.Join(p.Logs(), "ibc-"+g.Name+".log"), label: "IBC " + g.Name})
	}
	for _, f := range s.files {
		s.width = max(s.width, len(f.label))
	}
	return s
}

// next is what has been added, in the order of time.
func (s *story) next() ([]entry, error) {
	var all []entry
	for _, f := range s.files {
		entries, err := f.read()
		if err != nil {
			return nil, fmt.Errorf("cannot read the log: %w", err)
		}
		all = append(all, entries...)
	}
	s.order(all)
	return all, nil
}

func (s *story) order(entries []entry) {
	slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
}

// print shows entries without the secrets. Those are read anew when their files
// change, right before, and without them nothing is shown.
func (s *story) print(e *env, entries []entry) error {
	if err := s.learn(); err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := fmt.Fprintf(e.stdout, "%-*s | %s\n", s.width, entry.label, harmless(s.mask.Line(entry.text))); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) learn() error {
	for path, at := range s.secrets {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.ModTime().Equal(at) {
			continue
		}
		var b []byte
		if err == nil {
			b, err = config.Read(path)
		}
		if err != nil {
			return fmt.Errorf("the logs are not shown: it is not known what in them is secret: %w", err)
		}
		s.mask.Learn(b)
		s.secrets[path] = info.ModTime()
	}
	return nil
}

// harmless takes out what would steer the terminal: titles of windows are in
// these logs, and whatever else IBC has come across.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '·'
		}
		return r
	}, text)
}
