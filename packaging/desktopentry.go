package packaging

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// autostartEntry is the autostart of a Linux desktop: a desktop entry in a
// folder of its own (Desktop Application Autostart Specification 0.5).
func autostartEntry(getenv func(string) string) (format, store, error) {
	config := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) { // a relative path is to be ignored: XDG Base Directory Specification
		dir, err := homeDir(getenv)
		if err != nil {
			return format{}, nil, err
		}
		config = filepath.Join(dir, ".config")
	}
	return format{writeAutostart, readEntry}, fileStore(filepath.Join(config, "autostart", "gatelight.desktop")), nil
}

// Entry returns the desktop entry for the menu of applications (Desktop Entry
// Specification 1.5).
func Entry(argv []string) (string, error) {
	return writeEntry(argv, "Categories=Office;Finance;\nKeywords=IB;IBKR;TWS;IBC;Interactive Brokers;")
}

func writeAutostart(argv []string) (string, error) {
	return writeEntry(argv, "X-GNOME-Autostart-enabled=true")
}

func writeEntry(argv []string, more string) (string, error) {
	if strings.Contains(argv[0], "=") {
		return "", fmt.Errorf("a desktop entry cannot start %s, because its path contains a =; move it to another folder", argv[0])
	}
	exec := make([]string, len(argv))
	for i, arg := range argv {
		exec[i] = quoteExec(arg)
	}
	// StartupNotify is false because there is no window: nothing would tell the
	// desktop that the start has ended.
	return fmt.Sprintf(`[Desktop Entry]
Type=Application
Name=Gatelight
Comment=The traffic light of an Interactive Brokers Gateway
Exec=%s
TryExec=%s
Icon=gatelight
Terminal=false
StartupNotify=false
%s
`, valueEscapes.Replace(strings.Join(exec, " ")), valueEscapes.Replace(argv[0]), more), nil
}

// unquoted are the characters that need no quotation marks in Exec.
const unquoted = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+:,@="

// quoteExec quotes one argument of Exec. Exec is a value of a desktop entry, so
// the result must go through valueEscapes.
func quoteExec(arg string) string {
	arg = strings.ReplaceAll(arg, "%", "%%")
	if arg != "" && strings.Trim(arg, unquoted) == "" {
		return arg
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", "$", `\$`, `\`, `\\`).Replace(arg) + `"`
}

var (
	valueEscapes   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	valueUnescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ")
)

// readEntry reads the keys that a desktop reads. The settings of a desktop
// disable an entry by a key in it.
func readEntry(text string) (argv []string, disabledBy string, err error) {
	keys := map[string]string{}
	group := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			group = line
		}
		key, value, is := strings.Cut(line, "=")
		if is && group == "[Desktop Entry]" && !strings.HasPrefix(line, "#") {
			keys[strings.TrimSpace(key)] = valueUnescapes.Replace(strings.TrimSpace(value))
		}
	}
	argv, err = splitExec(keys["Exec"])
	if keys["Hidden"] == "true" || keys["X-GNOME-Autostart-enabled"] == "false" {
		disabledBy = "the desktop's own settings"
	}
	return argv, disabledBy, err
}

// splitExec splits Exec into its arguments. It drops field codes such as %f:
// they stand for files to open, and there are none.
func splitExec(exec string) (argv []string, err error) {
	var arg strings.Builder
	started, quoted := false, false
	for i := 0; i < len(exec); i++ {
		c := exec[i]
		last := i+1 == len(exec)
		switch {
		case c == ' ' && !quoted:
			if started {
				argv = append(argv, arg.String())
			}
			arg.Reset()
			started = false
			continue
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted && !last:
			i++
			arg.WriteByte(exec[i])
		case c == '%' && !last:
			i++
			if exec[i] != '%' {
				continue
			}
			arg.WriteByte('%')
		default:
			arg.WriteByte(c)
		}
		started = true
	}
	if quoted {
		return nil, errors.New("a quotation mark is missing in Exec")
	}
	if started {
		argv = append(argv, arg.String())
	}
	return argv, nil
}
