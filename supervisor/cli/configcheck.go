package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strconv"

	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/settings"
)

type configCheck struct {
	File    string `arg:"" optional:"" type:"path" help:"Which file; the settings' config otherwise."`
	Source  bool   `help:"Check config_source, before it is installed."`
	JSON    bool   `help:"Print it for scripts."`
	Gateway string `help:"Only this Gateway's, or a file for this Gateway." placeholder:"NAME"`
}

// A checkedFile is a config.ini with what is wrong with it.
type checkedFile struct {
	File     string           `json:"file"`
	Findings []config.Finding `json:"findings"`
}

func (c configCheck) Run(e *env) error {
	all, chosen, err := configGateways(e, c.Gateway, c.Source)
	if err != nil {
		return e.fail(exitUnknown, err)
	}
	if c.File != "" && len(chosen) > 1 { // whichever it is for
		all, chosen = nil, []settings.Gateway{{}}
	}
	status := exitError(exitOK)
	files := []checkedFile{}
	for _, g := range chosen {
		path, place := cmp.Or(c.File, g.IBC.Config), configPlace(all, g)
		if c.Source {
			path = g.IBC.ConfigSource
		}
		if _, err := os.Stat(e.paths.Settings); errors.Is(err, fs.ErrNotExist) {
			place = config.Place{} // no settings say anything about it
		}
		file, err := checkFile(path, place)
		if err != nil {
			status = e.fail(exitUnknown, err)
			continue
		}
		if config.Count(file.Findings, config.Error) > 0 {
			status = max(status, exitFailed)
		}
		files = append(files, file)
		if !c.JSON {
			file.print(e)
		}
	}
	if c.JSON {
		err := printJSON(e.stdout, struct {
			Schema int           `json:"schema"`
			Files  []checkedFile `json:"files"`
		}{1, files})
		if err != nil {
			return err
		}
	}
	return status
}

func checkFile(path string, p config.Place) (checkedFile, error) {
	b, err := config.Read(path)
	if err != nil {
		return checkedFile{}, cannotRead(path, err)
	}
	p.File = path
	if info, err := os.Stat(path); err == nil && runtime.GOOS != "windows" {
		p.Permissions = info.Mode().Perm()
	}
	if runtime.GOOS == "linux" {
		p.Language = config.Language(os.Getenv)
	}
	return checkedFile{path, append([]config.Finding{}, config.Check(b, p)...)}, nil
}

// print writes "file:line: severity: key: reason", as compilers do, and below it the
// line to write. What holds for several lines is written once.
func (c checkedFile) print(e *env) {
	for i, f := range c.Findings {
		at, also := c.File, ""
		if f.Line > 0 {
			at += ":" + strconv.Itoa(f.Line)
		}
		if f.Key != "" {
			f.Key += ": "
		}
		first := true
		for j, other := range c.Findings {
			if f.Line == 0 || other.Reason != f.Reason || f.Key != "" || j == i {
				continue
			}
			first = first && j > i
			also += ", " + strconv.Itoa(other.Line)
		}
		if !first {
			continue
		}
		if also != "" {
			also = " (also line " + also[2:] + ")"
		}
		if f.Write != "" {
			f.Write = "    " + f.Write + "\n"
		}
		fmt.Fprint(e.stdout, at, ": ", f.Severity, ": ", f.Key, f.Reason, also, "\n", f.Write)
	}
	counts := "nothing is wrong with it"
	if len(c.Findings) > 0 {
		counts = fmt.Sprintf("errors: %d, warnings: %d, hints: %d", config.Count(c.Findings, config.Error),
			config.Count(c.Findings, config.Warning), config.Count(c.Findings, config.Hint))
	}
	if len(c.Findings) != 1 {
		fmt.Fprintln(e.stdout, c.File+":", counts)
	}
}
