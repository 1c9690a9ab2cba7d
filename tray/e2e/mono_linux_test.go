package e2e

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"gatelight/assets"
	"gatelight/tray/fakedesktop"
)

func TestTheIconHasOneColourWhenTheSettingsSaySo(t *testing.T) {
	t.Parallel() // it waits most of the time
	b := newHarness(t, quick)
	text, err := os.ReadFile(filepath.Join(b.dir, "config.toml"))
	if err != nil {
		t.Fatal(err)
	}
	b.write("config.toml", fmt.Sprintf("icon = \"mono\"\n%s", text))
	_, item := b.startTray()
	b.awaitMono(item, "down-expected")
	b.click(item, "Start")
	b.awaitMono(item, "connected")
}

func (b *harness) awaitMono(item *fakedesktop.Item, name string) {
	b.t.Helper()
	want, err := png.Decode(bytes.NewReader(assets.TrayMono(name, true, assets.Grey)))
	if err != nil {
		b.t.Fatal(err)
	}
	err = b.desktop.Await(b.t.Context(), "the grey icon "+name, func() bool {
		icon, err := item.Icon()
		return err == nil && fakedesktop.SameIcon(icon, want)
	})
	if err != nil {
		b.t.Fatal(err)
	}
}
