package cli

import (
	"os"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

func TestDoctorReadsWhereTheIconIs(t *testing.T) {
	p := settings.Paths{State: t.TempDir()}
	if r := readMenuBar(p); r != nil {
		t.Errorf("without a report: %+v", r)
	}
	want := supervisor.MenuBarReport{PID: 4711, At: time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC), Visible: true, X: 10.5, Width: 40, ScreenWidth: 1512}
	if err := writeMenuBar(p, want); err != nil {
		t.Fatal(err)
	}
	if got := readMenuBar(p); got == nil || *got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if err := os.WriteFile(menuBarFile(p), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := readMenuBar(p); r != nil {
		t.Errorf("half a report: %+v", r)
	}
}
