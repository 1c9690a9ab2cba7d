package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/settings"
)

// logsCommand prints IBC's newest log and our own, merged in the order of time:
// what we saw and did stands beside what the Gateway did then.
type logsCommand struct {
	Follow  bool   `short:"f" help:"Go on with what is added, until Ctrl-C."`
	Gateway string `help:"Only this Gateway, and Gatelight's own." placeholder:"NAME"`
	Lines   int    `short:"n" help:"How many lines to begin with; 0 for the last 1 MB of each log." default:"200"`
}

// logPollInterval is how often the logs are read when they are followed.
const logPollInterval = 250 * time.Millisecond

func (c logsCommand) Run(e *env) error {
	if c.Lines < 0 {
		return e.fail(exitUsage, errors.New("--lines cannot be negative"))
	}
	file, err := loadSettings(e)
	if err != nil {
		return err
	}
	gateways, err := gatewaysNamed(e, file, c.Gateway)
	if err != nil {
		return e.fail(exitUsage, err)
	}
	logs := newMergedLogs(file.Gateway, gateways, e.paths)
	defer logs.close()
	lines, err := logs.next(!c.Follow)
	if err == nil && len(lines) == 0 && !c.Follow {
		fmt.Fprintln(e.stdout, "There are no logs yet in", e.paths.Logs())
		return nil
	}
	if c.Lines > 0 && len(lines) > c.Lines {
		lines = lines[len(lines)-c.Lines:]
	}
	for {
		if err == nil {
			lines, err = logs.print(e, lines, c.Follow)
		}
		if err != nil || !c.Follow || !supervisor.Sleep(e.ctx, logPollInterval) {
			return err
		}
		var more []*logLine
		more, err = logs.next(false)
		lines = append(lines, more...)
	}
}

// mergedLogs are several logs shown as one.
type mergedLogs struct {
	files   []*logFile
	width   int // of the labels
	mask    config.Mask
	secrets map[string]*secretFile // by path
	failing time.Time              // since when it is not known what is secret; zero: it is
}

// A secretFile is a config.ini as it was read.
type secretFile struct {
	changed time.Time // when it was changed last
	first   time.Time // when it had been changed last before it was read first
	login   bool      // it has one
}

// newMergedLogs are our own log and those of gateways. The secrets of all
// Gateways are masked in them.
func newMergedLogs(all, gateways []settings.Gateway, p settings.Paths) *mergedLogs {
	m := &mergedLogs{secrets: map[string]*secretFile{}}
	for _, g := range all {
		for _, path := range []string{g.IBC.Config, g.IBC.ConfigSource} {
			if path != "" {
				m.secrets[path] = &secretFile{}
			}
		}
	}
	m.files = append(m.files, newLogFile(filepath.Join(p.Logs(), "gatelight.log"), "gatelight"))
	for _, g := range gateways {
		m.files = append(m.files, newIBCLog(filepath.Join(p.Logs(), ibc.LogName(g.Name)), "IBC "+g.Name, g.IBC.Config))
	}
	for _, f := range m.files {
		m.width = max(m.width, len(f.label))
	}
	return m
}

func (m *mergedLogs) close() {
	for _, f := range m.files {
		f.tail.Close()
	}
}

// next are the lines that are new, in the order of time. last says that nothing
// will be read afterwards, so that incomplete lines count, too.
func (m *mergedLogs) next(last bool) ([]*logLine, error) {
	var all []*logLine
	for _, f := range m.files {
		lines, err := f.take(last)
		if err != nil {
			return nil, fmt.Errorf("cannot read the log: %w", err)
		}
		all = append(all, lines...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at.Before(all[j].at) })
	return all, nil
}

// maxFailing is how long the lines of logs that are followed wait for a config.ini
// that is being written.
const maxFailing = 5 * time.Second

// print shows lines without the secrets. Where these are not known it shows
// nothing, and returns an error, or the lines as long as they may wait.
func (m *mergedLogs) print(e *env, lines []*logLine, mayWait bool) (left []*logLine, err error) {
	err = m.learnSecrets(lines)
	switch {
	case err == nil:
		m.failing = time.Time{}
	case m.failing.IsZero():
		m.failing = time.Now()
	}
	if err != nil {
		if mayWait && time.Since(m.failing) < maxFailing {
			return lines, nil
		}
		return nil, fmt.Errorf("the logs are not shown, because it is not known what in them is secret: %w", err)
	}
	for _, l := range lines {
		text := supervisor.CleanText(m.mask.Line(l.text), 0)
		if m.isHidden(l) {
			if l.of.hidden {
				continue
			}
			text = "(Lines are not shown here: config.ini was changed after this launch, and what was secret before is not known. They are in " + l.of.tail.Path + ")"
		}
		l.of.hidden = m.isHidden(l)
		if _, err := fmt.Fprintf(e.stdout, "%-*s | %s\n", m.width, l.of.label, text); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// isHidden reports a line of a Gateway that was launched with another config.ini
// than the one that was read. The time of a launch has no fractions of a second.
func (m *mergedLogs) isHidden(l *logLine) bool {
	return l.of.config != "" && !l.launched.Add(time.Second).After(m.secrets[l.of.config].first)
}

// learnSecrets reads the files that hold secrets, if they have changed. The error
// is about a Gateway's lines without a login to mask, and about a file that cannot
// be read.
func (m *mergedLogs) learnSecrets(lines []*logLine) error {
	for path, s := range m.secrets {
		at, err := changedAt(path)
		if errors.Is(err, fs.ErrNotExist) {
			*s = secretFile{first: s.first}
			continue
		}
		if err == nil && at.Equal(s.changed) {
			continue
		}
		var b []byte
		if err == nil {
			b, err = config.Read(path)
		}
		if err != nil {
			return err
		}
		s.login, s.changed = m.mask.Learn(b), at
		if s.first.IsZero() {
			s.first = at
		}
	}
	for _, l := range lines {
		if l.of.config != "" && !m.secrets[l.of.config].login {
			return fmt.Errorf("there is no login in %s; put it back, leave this Gateway out with --gateway, or read %s itself", l.of.config, l.of.tail.Path)
		}
	}
	return nil
}
