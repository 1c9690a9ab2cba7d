package packaging

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"gatelight/packaging/checkers"
	"gatelight/packaging/macos/plist"
)

var exampleCommand = []string{"/home/trader/my programs/gatelight", "--config", "/home/trader/50% & $more.toml"}

// exampleEntry is what all desktop entries for exampleCommand begin with.
const exampleEntry = `[Desktop Entry]
Type=Application
Name=Gatelight
Comment=The traffic light of an Interactive Brokers Gateway
Exec="/home/trader/my programs/gatelight" --config "/home/trader/50%% & \\$more.toml"
TryExec=/home/trader/my programs/gatelight
Icon=gatelight
Terminal=false
StartupNotify=false
`

func TestCommandIsWrittenInTheFormatOfEachSystem(t *testing.T) {
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
	<key>AbandonProcessGroup</key>
	<true/>
	<key>AssociatedBundleIdentifiers</key>
	<string>io.github.gatelight.Gatelight</string>
</dict>
</plist>
`},
		{"an autostart entry", writeAutostart, exampleEntry + "X-GNOME-Autostart-enabled=true\n"},
		{"a menu entry", Entry, exampleEntry + "Categories=Office;Finance;\nKeywords=IB;IBKR;TWS;IBC;Interactive Brokers;\n"},
		{"a value of the Run key", writeRunValue, `"/home/trader/my programs/gatelight" "--config" "/home/trader/50% & $more.toml"`},
	} {
		got, err := tt.write(exampleCommand)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestDesktopFileValidateAcceptsOurEntries(t *testing.T) {
	for _, write := range []func([]string) (string, error){writeAutostart, Entry} {
		for _, path := range unusualPaths {
			text, err := write([]string{path, "--config", path})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "gatelight.desktop")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			checkers.DesktopEntry(t, file)
		}
	}
}

func TestPlistutilReadsOurLaunchAgent(t *testing.T) {
	for _, path := range unusualPaths {
		text, err := writeAgent([]string{path, "--config", path})
		if err != nil {
			t.Fatal(err)
		}
		d := checkers.ConvertPlist(t, []byte(text))
		want := plist.Dict{
			{Key: "AbandonProcessGroup", Value: true},
			{Key: "AssociatedBundleIdentifiers", Value: "io.github.gatelight.Gatelight"},
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

func TestDesktopEntriesOfOtherProgramsAreRead(t *testing.T) {
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
		argv, disabledBy, err := readEntry("# a comment\n[Other]\nExec=no\n[Desktop Entry]\nExec[de]=nein\nExec = " + tt.exec + "\nHidden=false\n[Desktop Action x]\nExec=no\n")
		if diff := cmp.Diff(tt.want, argv); diff != "" || disabledBy != "" || err != nil && tt.want != nil {
			t.Errorf("%s: %q, %v\n%s", tt.exec, disabledBy, err, diff)
		}
	}
}

// The last five are the examples of Microsoft's pages on CommandLineToArgvW and
// "Parsing C Command-Line Arguments".
func TestCommandLineIsSplitAsWindowsDoes(t *testing.T) {
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
		if got := splitCommandLine(tt.line); !slices.Equal(got, tt.want) {
			t.Errorf("%s is split into %q, want %q", tt.line, got, tt.want)
		}
	}
}

// Each format returns the arguments that it was given, whatever they are.
func FuzzFormats(f *testing.F) {
	for _, path := range unusualPaths {
		f.Add(path, path)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		quoted := quoteExec(a) + " " + quoteExec(b)
		if got, err := splitExec(valueUnescapes.Replace(valueEscapes.Replace(quoted))); err != nil || !slices.Equal(got, []string{a, b}) {
			t.Errorf("%q, %q in Exec become %q, %v", a, b, got, err)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) { // On refuses everything else
			if got := splitCommandLine(`"x" ` + quoteArgument(a) + " " + quoteArgument(b)); !slices.Equal(got, []string{"x", a, b}) {
				t.Errorf("%q, %q on Windows become %q", a, b, got)
			}
		}
	})
}
