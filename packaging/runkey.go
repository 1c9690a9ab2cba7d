package packaging

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"gatelight/supervisor/lazyregexp"
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

var slashesBeforeQuote = lazyregexp.New(`(\\*)"`)

// quoteArgument quotes one argument of a command line for CommandLineToArgvW
// and the C runtime. They treat a backslash as an escape only before a
// quotation mark, and so before the one that we write at the end.
func quoteArgument(arg string) string {
	arg = slashesBeforeQuote.ReplaceAllString(arg, `$1$1\"`)
	slashesAtEnd := arg[len(strings.TrimRight(arg, `\`)):]
	return `"` + arg + slashesAtEnd + `"`
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
	quoted := false
	for {
		rest = strings.TrimLeft(line, `\`)
		slashes := line[:len(line)-len(rest)]
		if rest == "" || !quoted && (rest[0] == ' ' || rest[0] == '\t') {
			b.WriteString(slashes)
			return b.String(), rest
		}
		next := rest[0]
		line = rest[1:]
		if next != '"' {
			b.WriteString(slashes)
			b.WriteByte(next)
			continue
		}
		b.WriteString(slashes[:len(slashes)/2])
		switch {
		case len(slashes)%2 == 1: // the quotation mark is escaped
			b.WriteByte('"')
		case quoted && strings.HasPrefix(line, `"`): // two quotation marks are one
			b.WriteByte('"')
			line = line[1:]
		default:
			quoted = !quoted
		}
	}
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
