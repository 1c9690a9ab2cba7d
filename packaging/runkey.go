package packaging

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// maxRunLength is the longest value of the Run key that Windows documents, in
// UTF-16 units (Run and RunOnce Registry Keys).
const maxRunLength = 260

// writeRunValue returns the value of the Run key for a command. It always
// quotes the program: without quotation marks, C:\Program Files\x.exe may start
// C:\Program.exe.
func writeRunValue(argv []string) (string, error) {
	if strings.Contains(argv[0], `"`) {
		return "", fmt.Errorf("[unexpected] the program has a quotation mark in its name: %s", argv[0])
	}
	line := `"` + argv[0] + `"`
	for _, arg := range argv[1:] {
		line += " " + quoteArgument(arg)
	}
	if n := len(utf16.Encode([]rune(line))); n > maxRunLength {
		return "", fmt.Errorf("the command has %d characters, and Windows allows %d at login; move the program or its settings to a folder with a shorter path: %s", n, maxRunLength, line)
	}
	return line, nil
}

func readRunValue(line string) (argv []string, disabledBy string, err error) {
	return splitCommandLine(line), "", nil
}

// quoteArgument quotes one argument of a command line for CommandLineToArgvW
// and the C runtime. They treat a backslash as an escape only before a
// quotation mark.
func quoteArgument(arg string) string {
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

// splitCommandLine splits a command line as Windows does. In the path of the
// program a backslash is always a backslash, and the next quotation mark ends
// the path.
func splitCommandLine(line string) (argv []string) {
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
		arg, rest = nextArgument(rest)
		argv = append(argv, arg)
	}
	return argv
}

// nextArgument cuts the first argument off a command line.
func nextArgument(line string) (arg, rest string) {
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
		case quoted && i+1 < len(line) && line[i+1] == '"': // two quotation marks are one
			b.WriteByte('"')
			i++
		default:
			quoted = !quoted
		}
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	return b.String(), ""
}

// disabledInStartupApps reads the bytes that Task Manager and Settings store
// for a value of the Run key. They are not documented. Observed: the first byte
// is even (02, 06) for enabled and odd (03, 07) for disabled, and there are
// none while nobody has used the switch.
func disabledInStartupApps(approved []byte) (disabledBy string) {
	if len(approved) > 0 && approved[0]&1 == 1 {
		return "Task Manager or Settings > Apps > Startup"
	}
	return ""
}
