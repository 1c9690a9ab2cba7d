package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gatelight/packaging/macos/plist"
)

var example = []string{"/home/trader/my programs/gatelight", "--config", "/home/trader/50% & $more.toml"}

func TestForms(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write func([]string) (string, error)
		want  string
	}{
		{"a LaunchAgent", writeAgent, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>io.github.gatelight.Gatelight</string>
	<key>ProgramArguments</key>
	<array>
		<string>/home/trader/my programs/gatelight</string>
		<string>--config</string>
		<string>/home/trader/50% &amp; $more.toml</string>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>KeepAlive</key>
	<dict>
		<key>SuccessfulExit</key>
		<false/>
	</dict>
	<key>ThrottleInterval</key>
	<integer>30</integer>
	<key>LimitLoadToSessionType</key>
	<string>Aqua</string>
	<key>ProcessType</key>
	<string>Interactive</string>
</dict>
</plist>
`},
		{"an autostart entry", writeAutostart, `[Desktop Entry]
Type=Application
Name=Gatelight
Comment=The traffic light of an Interactive Brokers Gateway
Exec="/home/trader/my programs/gatelight" --config "/home/trader/50%% & \\$more.toml"
TryExec=/home/trader/my programs/gatelight
Icon=gatelight
Terminal=false
StartupNotify=false
X-GNOME-Autostart-enabled=true
`},
		{"a menu entry", Entry, `[Desktop Entry]
Type=Application
Name=Gatelight
Comment=The traffic light of an Interactive Brokers Gateway
Exec="/home/trader/my programs/gatelight" --config "/home/trader/50%% & \\$more.toml"
TryExec=/home/trader/my programs/gatelight
Icon=gatelight
Terminal=false
StartupNotify=false
Categories=Office;Finance;
Keywords=IB;IBKR;TWS;IBC;Interactive Brokers;
`},
		{"a value of the Run key", writeRun, `"/home/trader/my programs/gatelight" "--config" "/home/trader/50% & $more.toml"`},
	} {
		got, err := tt.write(example)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Any word of the desktops' own checker is a failure, warnings and hints too.
func TestDesktopsTakeTheEntries(t *testing.T) {
	validate := tool(t, "desktop-file-validate")
	for _, write := range []func([]string) (string, error){writeAutostart, Entry} {
		for _, path := range odd {
			text, err := write([]string{path, "--config", path})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "gatelight.desktop")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(validate, file).CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v: %s\n%s", err, out, text)
			}
		}
	}
}

// The agent goes through the binary format and back, by another's hands.
func TestAppleTakesTheAgent(t *testing.T) {
	plistutil := tool(t, "plistutil")
	for _, path := range odd {
		text, err := writeAgent([]string{path, "--config", path})
		if err != nil {
			t.Fatal(err)
		}
		for _, format := range []string{"bin", "xml"} {
			cmd := exec.Command(plistutil, "-i", "-", "-f", format)
			cmd.Stdin = strings.NewReader(text)
			var words strings.Builder
			cmd.Stderr = &words
			out, err := cmd.Output()
			if err != nil || words.Len() > 0 {
				t.Fatalf("%v: %s\n%s", err, words.String(), text)
			}
			text = string(out)
		}
		d, err := plist.Decode([]byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		want := plist.Dict{
			{Key: "KeepAlive", Value: plist.Dict{{Key: "SuccessfulExit", Value: false}}},
			{Key: "Label", Value: "io.github.gatelight.Gatelight"},
			{Key: "LimitLoadToSessionType", Value: "Aqua"},
			{Key: "ProcessType", Value: "Interactive"},
			{Key: "ProgramArguments", Value: []string{path, "--config", path}},
			{Key: "RunAtLoad", Value: true},
			{Key: "ThrottleInterval", Value: 30},
		}
		slices.SortFunc(d, func(a, b plist.Entry) int { return strings.Compare(a.Key, b.Key) })
		if diff := cmp.Diff(want, d); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// tool finds a checker; .ci/needs brings it.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return path
}

// Others write entries, too.
func TestReadsOthersEntries(t *testing.T) {
	for _, tt := range []struct {
		exec string
		want []string // nil: refused
	}{
		{`gatelight`, []string{"gatelight"}},
		{`  gatelight   --config  x %U`, []string{"gatelight", "--config", "x"}},
		{`"/a b/gatelight" %f 100%%`, []string{"/a b/gatelight", "100%"}},
		{`"/a \\"b\\" \\\\ \\$ \\` + "`" + `" ""`, []string{"/a \"b\" \\ $ `", ""}},
		{`"/a b`, nil},
		{``, nil},
	} {
		argv, off, err := readEntry("# a comment\n[Other]\nExec=no\n[Desktop Entry]\nExec[de]=nein\nExec = " + tt.exec + "\nHidden=false\n[Desktop Action x]\nExec=no\n")
		if diff := cmp.Diff(tt.want, argv); diff != "" || off != "" || err != nil && tt.want != nil {
			t.Errorf("%s: %q, %v\n%s", tt.exec, off, err, diff)
		}
	}
}

// The last five are the examples of CommandLineToArgvW's page and of "Parsing C
// Command-Line Arguments".
func TestSplitsLikeWindows(t *testing.T) {
	for _, tt := range []struct {
		line string
		want []string
	}{
		{"", nil},
		{" \t", nil},
		{`C:\x.exe`, []string{`C:\x.exe`}},
		{`"C:\Program Files\x.exe"`, []string{`C:\Program Files\x.exe`}},
		{`"C:\folder\" b`, []string{`C:\folder\`, "b"}},
		{`x "a ""b"" c"`, []string{"x", `a "b" c`}},
		{`x "a b c" d e`, []string{"x", "a b c", "d", "e"}},
		{`x "ab\"c" "\\" d`, []string{"x", `ab"c`, `\`, "d"}},
		{`x a\\\b d"e f"g h`, []string{"x", `a\\\b`, "de fg", "h"}},
		{`x a\\\"b c d`, []string{"x", `a\"b`, "c", "d"}},
		{`x a\\\\"b c" d e`, []string{"x", `a\\b c`, "d", "e"}},
	} {
		if got := splitWindows(tt.line); !slices.Equal(got, tt.want) {
			t.Errorf("%s is taken apart as %q, want %q", tt.line, got, tt.want)
		}
	}
}

// Whatever the words are, each form gives them back.
func FuzzForms(f *testing.F) {
	for _, path := range odd {
		f.Add(path, path)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		quoted := quoteExec(a) + " " + quoteExec(b)
		if got, err := splitExec(valueUnescapes.Replace(escapeValue(quoted))); err != nil || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q, %q in Exec become %q, %v", a, b, got, err)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) { // as all is that On lets through
			if got := splitWindows(`"x" ` + quoteWindows(a) + " " + quoteWindows(b)); !slices.Equal(got, []string{"x", a, b}) {
				t.Errorf("%q, %q on Windows become %q", a, b, got)
			}
		}
	})
}
