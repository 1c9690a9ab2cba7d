package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/doctor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
)

type doctorCommand struct {
	JSON bool `help:"Print it for scripts."`
}

func (c doctorCommand) Run(e *env) error {
	machine, err := find.Here()
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find the path of this program, which has to start itself to check the socket reader: %w", err)
	}
	reader := sockets.New(socketsChild)
	sections := doctor.Run(e.ctx, doctor.Host{
		Paths: e.paths, Version: versionText(), Machine: machine,
		Sockets: reader, IsOtherProgram: ibc.IsOtherProgram, CheckSockets: func(ctx context.Context) error { return sockets.Check(ctx, reader, self, socketsChild) },
		Look: func(ctx context.Context, file settings.File) (supervisor.Status, error) {
			return lookOnce(ctx, serviceOptions{settings: file, paths: e.paths, sockets: sockets.New(socketsChild), times: e.times})
		},
		Desktop: e.desktop, Notify: e.showAlert, Alerts: e.inspectAlerts,
		Paused:   alertPauseIn(e.paths).until,
		AtLogin:  func() (bool, error) { return startsAtLogin(e.paths) },
		Mac:      macFacts(e.paths),
		LookPath: exec.LookPath, Now: time.Now,
	})
	healthy := doctor.Healthy(sections)
	if c.JSON {
		err = printJSON(e.stdout, struct {
			Schema   int              `json:"schema"`
			Version  string           `json:"version"`
			Healthy  bool             `json:"healthy"`
			Sections []doctor.Section `json:"sections"`
		}{1, versionText(), healthy, sections})
	} else {
		_, err = fmt.Fprint(e.stdout, doctor.Text(sections, colour()))
	}
	if err == nil && !healthy {
		return exitError(exitFailed)
	}
	return err
}
