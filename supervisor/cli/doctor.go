package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"time"

	"gatelight/supervisor/doctor"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/sockets"
)

// doctorCommand checks everything on this machine.
type doctorCommand struct {
	JSON bool `help:"Print it for scripts."`
}

// Run prints the page. Exit status: 0 when nothing is broken, else 1.
func (c doctorCommand) Run(e *env) error {
	machine, err := find.Here()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot tell where this program is, to check its sight on a child: %w", err)
	}
	sections := doctor.Run(e.ctx, doctor.Host{
		Paths: e.paths, Version: versionText(), Machine: machine,
		Sockets: sockets.New(socketsChild), Child: []string{self, socketsChild},
		Desktop: e.face.Desktop, Notify: e.face.Notify, Alerts: e.face.Alerts,
		Paused:   pauseOf(e.paths).until,
		AtLogin:  func() (bool, error) { return atLogin(e.paths) },
		LookPath: exec.LookPath, Now: time.Now,
	})
	healthy := doctor.Healthy(sections)
	if c.JSON {
		out := json.NewEncoder(e.stdout)
		out.SetIndent("", "  ")
		err = out.Encode(struct {
			Schema   int              `json:"schema"`
			Version  string           `json:"version"`
			Healthy  bool             `json:"healthy"`
			Sections []doctor.Section `json:"sections"`
		}{1, versionText(), healthy, sections})
	} else {
		_, err = fmt.Fprint(e.stdout, doctor.Text(sections, colour()))
	}
	switch {
	case err != nil:
		return err
	case !healthy:
		return exit(exitFailed)
	}
	return nil
}
