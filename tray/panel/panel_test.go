//go:build linux && panel

package panel

import (
	"testing"
	"time"

	"gatelight/assets"
	"gatelight/supervisor/testkit"
)

func screen(t *testing.T, o Options) *Screen {
	t.Helper()
	began := time.Now()
	s, err := Start(testkit.ShortDir(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the desktop was up after %v", time.Since(began))
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Every picture is told from every other one by its pixels on the panel.
func TestPicturesAreRecognisedInThePanel(t *testing.T) {
	for name, o := range map[string]Options{
		"light": {}, "dark": {Dark: true}, "double": {Dark: true, Scale: 2},
		"LXQt": {Kind: LXQt, Dark: true}, "MATE": {Kind: MATE, Dark: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := screen(t, o)
			if found, err := s.Icon(); err == nil {
				t.Errorf("an empty panel shows %+v", found)
			}
			i, err := s.NewFakeItem(Picture{assets.Names[0], false})
			if err != nil {
				t.Fatal(err)
			}
			defer i.Close()
			if err := i.Register(); err != nil {
				t.Fatal(err)
			}
			for _, name := range assets.Names {
				for _, simulated := range []bool{false, true} {
					want := Picture{name, simulated}
					if err := i.Show(want); err != nil {
						t.Fatal(err)
					}
					if _, err := s.AwaitIcon(want); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}
