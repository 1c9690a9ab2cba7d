package cli

import (
	"encoding/json"
	"path/filepath"

	"gatelight/supervisor"
	"gatelight/supervisor/atomicfile"
	"gatelight/supervisor/regularfile"
	"gatelight/supervisor/settings"
)

// menuBarFile is where the light writes down where its icon is, for doctor.
func menuBarFile(p settings.Paths) string { return filepath.Join(p.State, "menubar.json") }

func writeMenuBar(p settings.Paths, r supervisor.MenuBarReport) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return atomicfile.Replace(menuBarFile(p), b, 0o600)
}

// readMenuBar is nil when there is no report that can be read.
func readMenuBar(p settings.Paths) *supervisor.MenuBarReport {
	b, err := regularfile.Read(menuBarFile(p), 4<<10)
	var r supervisor.MenuBarReport
	if err != nil || json.Unmarshal(b, &r) != nil {
		return nil
	}
	return &r
}
