package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// moduleIn is a module with these files.
func moduleIn(t *testing.T, path string, files map[string]string) module {
	t.Helper()
	m := module{Path: path, Version: "v1.2.3", Dir: t.TempDir()}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(m.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestLicencesAreThoseOfEveryModule(t *testing.T) {
	text, err := licenceText([]module{
		moduleIn(t, "example.com/a", map[string]string{"LICENSE": "permission of a\r\n", "NOTICE": "thanks to b", "license.go": "package a"}),
		moduleIn(t, "example.com/c", map[string]string{"COPYING.md": "permission of c"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"example.com/a v1.2.3", "permission of a\n", "thanks to b", "permission of c"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	for _, no := range []string{"\r", "package a"} {
		if strings.Contains(text, no) {
			t.Errorf("%q is there", no)
		}
	}
}

func TestAModuleWithoutLicenceIsAnError(t *testing.T) {
	_, err := licenceText([]module{moduleIn(t, "example.com/a", map[string]string{"README": "no licence"})})
	if err == nil || !strings.Contains(err.Error(), "example.com/a has no licence") {
		t.Errorf("got %v", err)
	}
}

func TestSBOMHasEveryModuleOnce(t *testing.T) {
	modules := []module{{"example.com/B", "v1.0.0", ""}, {"go", "1.26.0", ""}}
	d := document{"gatelight_1.0_linux_amd64", "1.0", "2026-11-30T04:40:00Z"}
	first, err := json.Marshal(d.spdx(modules))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pkg:golang/example.com/b@v1.0.0", "pkg:golang/stdlib@1.26.0", `"created":"2026-11-30T04:40:00Z"`} {
		if strings.Count(string(first), want) != 1 {
			t.Errorf("%s is there %d times", want, strings.Count(string(first), want))
		}
	}
	if again, _ := json.Marshal(d.spdx(modules)); string(again) != string(first) {
		t.Error("it differs from time to time")
	}
	other := document{d.name, "1.1", d.date}
	if other.spdx(modules).Namespace == d.spdx(modules).Namespace {
		t.Error("two programs have one namespace")
	}
}
