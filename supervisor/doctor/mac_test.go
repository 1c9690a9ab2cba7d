//go:build unix

package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// What codesign prints of an app with an ad hoc signature, and of one of a
// developer.
const (
	adHoc = "Executable=/Users/t/Applications/Gatelight.app/Contents/MacOS/gatelight\nIdentifier=io.github.gatelight.Gatelight\n" +
		"Format=app bundle with Mach-O thin (arm64)\nCDHash=0123abcd\nSignature=adhoc\nTeamIdentifier=not set\n"
	developer = "Identifier=io.github.gatelight.Gatelight\nCDHash=0123abcd\nAuthority=Developer ID Application: T. Trader (ABC)\n" +
		"Authority=Developer ID Certification Authority\nTeamIdentifier=ABC\n"
)

func TestASignatureIsRead(t *testing.T) {
	for printed, want := range map[string]signature{
		adHoc:                                    {identifier: "io.github.gatelight.Gatelight", cdhash: "0123abcd", kind: "adhoc"},
		developer:                                {identifier: "io.github.gatelight.Gatelight", cdhash: "0123abcd", kind: "Developer ID Application: T. Trader (ABC)", team: "ABC"},
		"/x: code object is not signed at all\n": {},
		"":                                       {},
	} {
		if got := parseSignature(printed); got != want {
			t.Errorf("%q: %+v, want %+v", printed, got, want)
		}
	}
}

// aMac is one on which everything is in order.
func aMac() MacFacts {
	const app = "/Users/t/Applications/Gatelight.app"
	return MacFacts{Version: "15.4", Bundle: "io.github.gatelight.Gatelight", App: app, Signature: adHoc, Registered: []string{app},
		Copies: new(1), MenuBar: &supervisor.MenuBarReport{PID: 4711, Visible: true, X: 100, Width: 40, ScreenWidth: 1512}, MenuBarLives: true,
		Lid: new(false), WokeAt: noon}
}

func TestAMacIsDescribed(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*harness, *MacFacts)
		check   string
		verdict Verdict
		text    string
	}{
		{"its version", func(*harness, *MacFacts) {}, "macos", Note, "macOS 15.4"},
		{"a reader that sees too little", func(h *harness, _ *MacFacts) {
			h.host.CheckSockets = func(context.Context) error { return errors.New("it sees nothing") }
		}, "macos", Note, "macOS 15.4"},
		{"a signature", func(*harness, *MacFacts) {}, "signature", Note, "adhoc"},
		{"no signature", func(_ *harness, f *MacFacts) { f.Signature = "" }, "signature", Warning, "finds no signature"},
		{"no app", func(_ *harness, f *MacFacts) { f.App = "" }, "signature", Warning, "not Gatelight.app"},
		{"an app that is known", func(*harness, *MacFacts) {}, "launch services", OK, "knows /Users/t"},
		{"an app that is not known", func(_ *harness, f *MacFacts) { f.Registered = nil }, "launch services", Warning, "does not know"},
		{"an app that is known twice", func(_ *harness, f *MacFacts) { f.Registered = []string{"/a", "/b"} }, "launch services", Warning, "/a, /b"},
		{"a demo beside it", func(_ *harness, f *MacFacts) { f.Copies = new(2) }, "copies", Warning, "2 copies"},
		{"a visible icon", func(*harness, *MacFacts) {}, "icon", OK, "40 points wide"},
		{"a hidden icon", func(_ *harness, f *MacFacts) { f.MenuBar.NotchFrom, f.MenuBar.NotchTo = 90, 200 }, "icon", Warning, "notch"},
		{"no icon", func(_ *harness, f *MacFacts) { f.MenuBar = nil }, "icon", Note, "no light runs"},
		{"an end in order", func(_ *harness, f *MacFacts) { f.MenuBarLives, f.MenuBar.Ended = false, true }, "last end", OK, "in order"},
		{"an end that was none", func(_ *harness, f *MacFacts) { f.MenuBarLives = false }, "last end", Warning, "did not come to its end"},
		{"a Gateway's app", func(h *harness, _ *MacFacts) { h.app("IB Gateway 10.37/IB Gateway 10.37.app") }, "app management", Note, "may ask you"},
		{"a Gateway's app that was renamed", func(h *harness, _ *MacFacts) { h.app("IB Gateway 10.37/IB Gateway 10.37-1.app") }, "app management", OK, "macOS lets it"},
		{"an open lid", func(*harness, *MacFacts) {}, "sleep", Note, "is open"},
		{"a closed lid", func(_ *harness, f *MacFacts) { f.Lid = new(true) }, "sleep", Note, "no sound"},
		{"nothing known", func(_ *harness, f *MacFacts) { *f = MacFacts{} }, "sleep", Note, "not known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			facts := aMac()
			tt.change(h, &facts)
			h.host.Mac = func(context.Context) MacFacts { return facts }
			sections := Run(t.Context(), h.host)
			last := sections[len(sections)-1]
			found := false
			for _, r := range last.Results {
				found = found || r.Check == tt.check && r.Verdict == tt.verdict && strings.Contains(r.Text, tt.text)
				if len(r.Data) == 0 {
					t.Errorf("%s has no data", r.Check)
				}
			}
			if !found {
				t.Errorf("no %s of %s with %q in\n%s", tt.verdict, tt.check, tt.text, Text(sections, false))
			}
			if _, err := json.Marshal(sections); err != nil {
				t.Error(err)
			}
		})
	}
}

// app makes an app in the folder of the Gateways.
func (h *harness) app(name string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Join(h.dir, "Jts", name), 0o700); err != nil {
		h.t.Fatal(err)
	}
}
