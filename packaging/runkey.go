package packaging

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// longestRun is the length that Windows documents for a value there, in UTF-16
// units (Run and RunOnce Registry Keys).
const longestRun = 260

// writeRun always quotes: "C:\Program Files\x.exe" without quotes may start
// C:\Program.exe.
func writeRun(argv []string) (string, error) {
	if strings.Contains(argv[0], `"`) {
		return "", fmt.Errorf("[unexpected] the program has a quotation mark in its name: %s", argv[0])
	}
	line := `"` + argv[0] + `"`
	for _, arg := range argv[1:] {
		line += " " + quoteWindows(arg)
	}
	if n := len(utf16.Encode([]rune(line))); n > longestRun {
		return "", fmt.Errorf("its command has %d characters, and Windows takes %d at login; put it or its settings in a folder with a shorter path: %s", n, longestRun, line)
	}
	return line, nil
}

func readRun(line string) (argv []string, off string, err error) {
	return splitWindows(line), "", nil
}

// quoteWindows makes one argument of a command line, as CommandLineToArgvW and
// the C runtime take it apart: backslashes count only before a quotation mark.
func quoteWindows(arg string) string {
	var b strings.Builder
	b.WriteByte('"')
	slashes := 0
	for _, r := range arg {
		switch r {
		case '\\':
			slashes++
			continue
		case '"':
			b.WriteString(strings.Repeat(`\`, 2*slashes+1))
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes = 0
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat(`\`, 2*slashes))
	b.WriteByte('"')
	return b.String()
}

// splitWindows takes a command line apart. In the program's name a backslash
// is always one, and the next quotation mark ends it.
func splitWindows(line string) (argv []string) {
	line = strings.Trim(line, " \t")
	if line == "" {
		return nil
	}
	program, rest := line, ""
	if after, quoted := strings.CutPrefix(line, `"`); quoted {
		program, rest, _ = strings.Cut(after, `"`)
	} else if i := strings.IndexAny(line, " \t"); i >= 0 {
		program, rest = line[:i], line[i:]
	}
	argv = []string{program}
	for rest = strings.TrimLeft(rest, " \t"); rest != ""; rest = strings.TrimLeft(rest, " \t") {
		var arg string
		arg, rest = nextWindows(rest)
		argv = append(argv, arg)
	}
	return argv
}

func nextWindows(line string) (arg, rest string) {
	var b strings.Builder
	slashes, quoted := 0, false
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == '\\' {
			slashes++
			continue
		}
		if c != '"' {
			b.WriteString(strings.Repeat(`\`, slashes))
			slashes = 0
			if (c == ' ' || c == '\t') && !quoted {
				return b.String(), line[i:]
			}
			b.WriteByte(c)
			continue
		}
		b.WriteString(strings.Repeat(`\`, slashes/2))
		escaped := slashes%2 == 1
		slashes = 0
		switch {
		case escaped:
			b.WriteByte('"')
		case quoted && i+1 < len(line) && line[i+1] == '"': // two are one
			b.WriteByte('"')
			i++
		default:
			quoted = !quoted
		}
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	return b.String(), ""
}

// startupOff reads what Task Manager and Settings keep of a value in the Run
// key: undocumented, seen to be even (02, 06) for on and odd (03, 07) for off,
// and missing where nobody has touched the switch.
func startupOff(approved []byte) (by string) {
	if len(approved) > 0 && approved[0]&1 == 1 {
		return "Task Manager or Settings > Apps > Startup"
	}
	return ""
}
