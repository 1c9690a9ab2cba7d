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
	"unicode"

	"gatelight/supervisor"
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
			err = logs.print(e, lines)
		}
		if err != nil || !c.Follow || !supervisor.Sleep(e.ctx, logPollInterval) {
			return err
		}
		lines, err = logs.next(false)
	}
}

// mergedLogs are several logs shown as one.
type mergedLogs struct {
	files   []*logFile
	width   int // of the labels
	mask    config.Mask
	secrets map[string]time.Time // files that hold secrets, and when the version that mask knows was written
}

// newMergedLogs are our own log and those of gateways. The secrets of all
// Gateways are masked in them.
func newMergedLogs(all, gateways []settings.Gateway, p settings.Paths) *mergedLogs {
	m := &mergedLogs{secrets: map[string]time.Time{}}
	for _, g := range all {
		for _, path := range []string{g.IBC.Config, g.IBC.ConfigSource} {
			if path != "" {
				m.secrets[path] = time.Time{}
			}
		}
	}
	m.files = append(m.files, newLogFile(filepath.Join(p.Logs(), "gatelight.log"), "gatelight"))
	for _, g := range gateways {
		m.files = append(m.files, newLogFile(filepath.Join(p.Logs(), "ibc-"+g.Name+".log"), "IBC "+g.Name))
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
func (m *mergedLogs) next(last bool) ([]logLine, error) {
	var all []logLine
	for _, f := range m.files {
		lines, err := f.take(last)
		if err != nil {
			return nil, fmt.Errorf("cannot read the log: %w", err)
		}
		all = append(all, lines...)
	}
	slices.SortStableFunc(all, func(a, b logLine) int { return a.at.Compare(b.at) })
	return all, nil
}

// print shows lines without the secrets. Without knowing these, it shows
// nothing.
func (m *mergedLogs) print(e *env, lines []logLine) error {
	if err := m.learnSecrets(); err != nil {
		return err
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(e.stdout, "%-*s | %s\n", m.width, l.label, harmless(m.mask.Line(l.text))); err != nil {
			return err
		}
	}
	return nil
}

// learnSecrets reads the files that hold secrets, if they have changed.
func (m *mergedLogs) learnSecrets() error {
	for path, at := range m.secrets {
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
		m.mask.Learn(b)
		m.secrets[path] = info.ModTime()
	}
	return nil
}

// harmless replaces the control characters, which a terminal would obey: these
// logs hold titles of windows, and other text that is not IBC's own.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' {
			return '·'
		}
		return r
	}, text)
}
