package release

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A file of an archive. A name that ends in a slash is a folder.
type file struct {
	name, text string
	mode       fs.FileMode
}

// linux is the layout of IBCLinux-3.24.1.zip (build.xml of IBC). The run bits
// are those that a zip made on Windows has: none.
var linux = []file{
	{name: "IBC.jar", text: "PK"}, {name: "LICENSE.txt", text: "GPL"}, {name: "README.txt"}, {name: "config.ini", text: "FIX=no\r\n"},
	{name: "commandsend.sh", text: "#!/bin/bash\n"}, {name: "gatewaystart.sh", text: "#!/bin/bash\n"}, {name: "twsstart.sh", text: "#!/bin/bash\n"},
	{name: "scripts/"}, {name: "scripts/README.txt"}, {name: "scripts/displaybannerandlaunch.sh", text: "#!/bin/bash\n"},
	{name: "scripts/ibcstart.sh", text: "#!/bin/bash\necho started\n"}, {name: "stop.sh", text: "#!/bin/bash\n"},
	{name: "userguide.pdf", text: "%PDF"}, {name: "version", text: "3.24.1"},
}

var windows = []file{
	{name: "IBC.jar"}, {name: "StartGateway.bat"}, {name: "scripts/StartIBC.bat"}, {name: "version", text: "3.24.1"},
}

// pack writes an archive.
func pack(t *testing.T, files ...file) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "IBC.zip")
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		h := &zip.FileHeader{Name: f.name, Method: zip.Deflate}
		if f.mode != 0 {
			h.SetMode(f.mode)
		}
		w, err := z.CreateHeader(h)
		if err == nil && f.text != "" {
			_, err = w.Write([]byte(f.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tree lists what is below a folder, with what is in it.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm()
		if runtime.GOOS == "windows" {
			mode = 0
		}
		fmt.Fprintf(&list, "%s %o\n", filepath.ToSlash(rel), mode)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list.String()
}

func TestInstallUnpacksOnce(t *testing.T) {
	dir := t.TempDir()
	to := filepath.Join(dir, "new", "ibc")
	got, err := install(pack(t, linux...), to, "linux")
	if want := (Installed{Path: to, Version: "3.24.1"}); err != nil || got != want {
		t.Fatalf("%+v, %v", got, err)
	}
	const want = `new 700
new/ibc 700
new/ibc/IBC.jar 600
new/ibc/LICENSE.txt 600
new/ibc/README.txt 600
new/ibc/commandsend.sh 700
new/ibc/config.ini 600
new/ibc/gatewaystart.sh 700
new/ibc/scripts 700
new/ibc/scripts/README.txt 600
new/ibc/scripts/displaybannerandlaunch.sh 700
new/ibc/scripts/ibcstart.sh 700
new/ibc/stop.sh 700
new/ibc/twsstart.sh 700
new/ibc/userguide.pdf 600
new/ibc/version 600
`
	if list := tree(t, dir); list != want && runtime.GOOS != "windows" {
		t.Errorf("got\n%s\nwant\n%s", list, want)
	}
	if b, err := os.ReadFile(filepath.Join(to, "scripts", "ibcstart.sh")); err != nil || string(b) != "#!/bin/bash\necho started\n" {
		t.Errorf("%q, %v", b, err)
	}

	// Once more is fine, and changes nothing.
	got, err = install(pack(t, linux...), to, "linux")
	if err != nil || !got.Already || got.Path != to || tree(t, dir) != want && runtime.GOOS != "windows" {
		t.Errorf("%+v, %v", got, err)
	}
	// Another version does not take its place.
	newer := append([]file{{name: "version", text: "3.25.0\n"}}, linux[:len(linux)-1]...)
	if _, err := install(pack(t, newer...), to, "linux"); err == nil || !strings.Contains(err.Error(), to+" holds IBC 3.24.1 already") {
		t.Error(err)
	}
}

func TestInstallForWindows(t *testing.T) {
	to := filepath.Join(t.TempDir(), "ibc")
	if got, err := install(pack(t, windows...), to, "windows"); err != nil || got.Version != "3.24.1" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHomeIsInTheUsersFolder(t *testing.T) {
	t.Setenv("HOME", "/home/trader")
	t.Setenv("USERPROFILE", "/home/trader")
	if dir, err := Home("3.24.1"); err != nil || dir != filepath.FromSlash("/home/trader/ibc-3.24.1") {
		t.Error(dir, err)
	}
}

// An archive that is refused leaves nothing, here and elsewhere.
func TestARefusedArchiveLeavesNothing(t *testing.T) {
	with := func(f ...file) []file { return append(append([]file{}, linux...), f...) }
	without := func(name string) (left []file) {
		for _, f := range linux {
			if f.name != name {
				left = append(left, f)
			}
		}
		return left
	}
	many := make([]file, mostFiles)
	for i := range many {
		many[i].name = fmt.Sprint("file", i)
	}
	for _, tt := range []struct {
		name  string
		files []file
		says  string
	}{
		{"upwards", with(file{name: "../evil"}), `"../evil", which is no name`},
		{"upwards inside", with(file{name: "scripts/../../evil"}), "which is no name"},
		{"absolute", with(file{name: "/tmp/evil"}), "which is no name"},
		{"from a drive", with(file{name: "C:/evil"}), "which is no name"},
		{"upwards on Windows", with(file{name: `..\evil`}), "which is no name"},
		{"a bell", with(file{name: "a\ab"}), "which is no name"},
		{"the folder itself", with(file{name: "./"}), "which is no name"},
		{"no name", with(file{name: "/"}), "which is no name"},
		{"a link", with(file{name: "scripts/link", text: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), "neither a file nor a folder"},
		{"a link for a part", append(without("version"), file{name: "version", text: "IBC.jar", mode: fs.ModeSymlink | 0o777}), "neither a file nor a folder"},
		{"a device", with(file{name: "null", mode: fs.ModeDevice | fs.ModeCharDevice | 0o666}), "neither a file nor a folder"},
		{"twice", with(file{name: "IBC.jar", text: "other"}), `"IBC.jar" twice`},
		{"twice, but for the case", with(file{name: "ibc.JAR", text: "other"}), `"ibc.JAR" twice`},
		{"a folder and a file", with(file{name: "stop.sh/"}), `"stop.sh/" twice`},
		{"a file that is a folder, too", with(file{name: "stop.sh/evil"}), "cannot unpack"},
		{"too many", with(many...), "no IBC release has more than 500"},
		{"a bomb", with(file{name: "bomb", text: strings.Repeat("\x00", mostBytes)}), "more than 16 MB"},
		{"no version", without("version"), "there is no file version in it; download IBCLinux-VERSION.zip"},
		{"no jar", without("IBC.jar"), "there is no file IBC.jar"},
		{"no script", without("scripts/ibcstart.sh"), "there is no file scripts/ibcstart.sh"},
		{"for Windows", windows, "there is no file scripts/ibcstart.sh"},
		{"the source code", []file{{name: "IBC-3.24.1/"}, {name: "IBC-3.24.1/resources/version", text: "3.24.1"}}, "download IBCLinux"},
		{"nothing", nil, "there is no file version in it"},
		{"a version that is none", append(without("version"), file{name: "version", text: "../../evil"}), "holds no version"},
		{"IBController", append(without("version"), file{name: "version", text: "2.14.0"}), "3.0 or newer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			_, err := install(pack(t, tt.files...), filepath.Join(dir, "a", "ibc"), "linux")
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if left := strings.TrimPrefix(tree(t, dir), "a 700\n"); left != "" && left != "a 0\n" {
				t.Errorf("left:\n%s", left)
			}
		})
	}
}

func TestADamagedArchiveLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text.zip")
	if err := os.WriteFile(text, []byte("not a zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := pack(t, linux...)
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("scripts/ibcstart.sh")) + len("scripts/ibcstart.sh") + 3
	b[at] ^= 0xff // in the file's content
	if err := os.WriteFile(whole, b, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(dir, "nowhere.zip"), dir, whole} {
		if _, err := install(path, filepath.Join(dir, "ibc"), "linux"); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if list := tree(t, dir); strings.Contains(list, "ibc") {
		t.Errorf("left:\n%s", list)
	}
}

// What stands in the place is left alone.
func TestInstallLeavesAForeignFolderAlone(t *testing.T) {
	to := filepath.Join(t.TempDir(), "ibc")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := install(pack(t, linux...), to, "linux"); err == nil || !strings.Contains(err.Error(), to+" is there already, and is no IBC") {
		t.Error(err)
	}
	if list := tree(t, to); list != "" {
		t.Errorf("left:\n%s", list)
	}
}

// What an unpacking that was killed has left is gone after the next one, but
// not what another one is at.
func TestInstallSweepsOldLeftovers(t *testing.T) {
	dir := t.TempDir()
	old, fresh := filepath.Join(dir, unpacking+"1"), filepath.Join(dir, unpacking+"2")
	for _, d := range []string{old, fresh} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(old, then, then); err != nil {
		t.Fatal(err)
	}
	if _, err := install(pack(t, linux...), filepath.Join(dir, "ibc"), "linux"); err != nil {
		t.Error(err)
	}
	if list := tree(t, dir); strings.Contains(list, filepath.Base(old)) || !strings.Contains(list, filepath.Base(fresh)) {
		t.Errorf("left:\n%s", list)
	}
}
