package tray

import (
	"testing"

	"golang.org/x/sys/windows/registry"

	"gatelight/assets"
)

func TestTheIconIsBlackOnALightTaskbarAlone(t *testing.T) {
	const path = `Software\Gatelight-test`
	if got := shadeIn(path); got != assets.White {
		t.Errorf("without a key: %x, want white", got)
	}
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	defer registry.DeleteKey(registry.CURRENT_USER, path)
	defer key.Close()
	if got := shadeIn(path); got != assets.White {
		t.Errorf("without a value: %x, want white", got)
	}
	for value, want := range map[uint32]assets.Shade{0: assets.White, 1: assets.Black} {
		if err := key.SetDWordValue("SystemUsesLightTheme", value); err != nil {
			t.Fatal(err)
		}
		if got := shadeIn(path); got != want {
			t.Errorf("%d: %x, want %x", value, got, want)
		}
	}
}
