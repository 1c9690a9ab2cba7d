package packaging

import (
	"bufio"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// entrySystem is a desktop of freedesktop.org (Desktop Application Autostart
// Specification 0.5).
func entrySystem(getenv func(string) string) (form, place, error) {
	config := getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(config) { // to be ignored then: XDG Base Directory Specification
		dir, err := home(getenv)
		if err != nil {
			return form{}, nil, err
		}
		config = filepath.Join(dir, ".config")
	}
	return form{writeAutostart, readEntry}, file(filepath.Join(config, "autostart", "gatelight.desktop")), nil
}

// Entry is the desktop entry that a menu of applications shows (Desktop Entry
// Specification 1.5).
func Entry(argv []string) (string, error) {
	return writeEntry(argv, "Categories=Office;Finance;\nKeywords=IB;IBKR;TWS;IBC;Interactive Brokers;")
}

func writeAutostart(argv []string) (string, error) {
	return writeEntry(argv, "X-GNOME-Autostart-enabled=true")
}

func writeEntry(argv []string, more string) (string, error) {
	if strings.Contains(argv[0], "=") {
		return "", fmt.Errorf("a desktop entry cannot start %s, since there is a = in its path; put it somewhere else", argv[0])
	}
	exec := make([]string, len(argv))
	for i, arg := range argv {
		exec[i] = quoteExec(arg)
	}
	// Nothing tells the desktop that the start is over, as there is no window.
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
`, escapeValue(strings.Join(exec, " ")), escapeValue(argv[0]), more), nil
}

// plain are the characters that need no quotes in Exec.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+:,@="

// quoteExec makes one argument of Exec. That text is a value in turn, so that
// escapeValue has to follow.
func quoteExec(arg string) string {
	arg = strings.ReplaceAll(arg, "%", "%%")
	if arg != "" && strings.Trim(arg, plain) == "" {
		return arg
	}
	return `"` + strings.NewReplacer(`"`, `\"`, "`", "\\`", "$", `\$`, `\`, `\\`).Replace(arg) + `"`
}

var (
	valueEscapes   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	valueUnescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ")
)

func escapeValue(s string) string { return valueEscapes.Replace(s) }

// readEntry reads what a desktop goes by. The user's tools switch an entry off
// by a key in it.
func readEntry(text string) (argv []string, off string, err error) {
	keys := map[string]string{}
	group := ""
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			group = line
		}
		key, value, is := strings.Cut(line, "=")
		if is && group == "[Desktop Entry]" && !strings.HasPrefix(line, "#") {
			keys[strings.TrimSpace(key)] = valueUnescapes.Replace(strings.TrimSpace(value))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, "", err
	}
	argv, err = splitExec(keys["Exec"])
	if keys["Hidden"] == "true" || keys["X-GNOME-Autostart-enabled"] == "false" {
		off = "the desktop's own settings"
	}
	return argv, off, err
}

// splitExec takes Exec apart. Field codes stand for files that are opened with
// the program, and none are here.
func splitExec(exec string) (argv []string, err error) {
	var arg strings.Builder
	begun, quoted := false, false
	for i := 0; i < len(exec); i++ {
		c := exec[i]
		last := i+1 == len(exec)
		switch {
		case c == ' ' && !quoted:
			if begun {
				argv = append(argv, arg.String())
			}
			arg.Reset()
			begun = false
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
		begun = true
	}
	if quoted {
		return nil, errors.New("a quotation mark is missing in Exec")
	}
	if begun {
		argv = append(argv, arg.String())
	}
	return argv, nil
}
