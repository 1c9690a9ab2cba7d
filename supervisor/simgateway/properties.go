package simgateway

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// properties are the settings of a config.ini, read as java.util.Properties
// reads them: backslash escapes, the last of two equal keys wins.
type properties map[string]string

// secretKeys are the ones that IBC masks in its log (DefaultSettings.java).
var secretKeys = []string{"FIXLoginId", "FIXPassword", "IbLoginId", "IbPassword"}

func parseProperties(text string) properties {
	p := properties{}
	for _, line := range logicalLines(text) {
		key, value := splitProperty(line)
		p[unescape(key)] = unescape(value)
	}
	return p
}

// logicalLines drops comments and blank lines and joins a line that ends in an
// odd number of backslashes with the next one.
func logicalLines(text string) []string {
	var lines []string
	joined, joining := "", false
	for line := range strings.Lines(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)) {
		line = strings.TrimLeft(strings.TrimSuffix(line, "\n"), " \t\f")
		if !joining && (line == "" || line[0] == '#' || line[0] == '!') {
			continue
		}
		body := strings.TrimRight(line, `\`)
		joining = (len(line)-len(body))%2 == 1
		if joining {
			joined += line[:len(line)-1]
			continue
		}
		lines = append(lines, joined+line)
		joined = ""
	}
	if joining {
		lines = append(lines, joined)
	}
	return lines
}

// splitProperty cuts a line at the first unescaped '=', ':' or white space.
func splitProperty(line string) (key, value string) {
	end := len(line)
	for i := 0; i < len(line); i++ {
		if line[i] == '\\' {
			i++
		} else if strings.IndexByte("=: \t\f", line[i]) >= 0 {
			end = i
			break
		}
	}
	rest := strings.TrimLeft(line[end:], " \t\f")
	if rest != "" && (rest[0] == '=' || rest[0] == ':') {
		rest = strings.TrimLeft(rest[1:], " \t\f")
	}
	return line[:end], rest
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			if s[i] != '\\' {
				b.WriteByte(s[i])
			}
			continue
		}
		i++
		switch c := s[i]; c {
		case 't', 'n', 'r', 'f':
			b.WriteByte(map[byte]byte{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f'}[c])
		case 'u':
			units, used := unicodeEscapes(s[i-1:])
			b.WriteString(string(utf16.Decode(units)))
			i += used - 2
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unicodeEscapes reads the \uXXXX units at the start of s; two may make one
// rune.
func unicodeEscapes(s string) (units []uint16, used int) {
	for strings.HasPrefix(s[used:], `\u`) && len(s) >= used+6 {
		v, err := strconv.ParseUint(s[used+2:used+6], 16, 16)
		if err != nil {
			break
		}
		units, used = append(units, uint16(v)), used+6
	}
	return units, max(used, 2)
}

// get returns the trimmed value, or byDefault where it is empty or missing.
func (p properties) get(key, byDefault string) string {
	if p[key] == "" {
		return byDefault
	}
	return strings.TrimSpace(p[key])
}

// getInt falls back to byDefault on an unreadable number, as IBC does.
func (p properties) getInt(key string, byDefault int) int {
	v, err := strconv.Atoi(p.get(key, ""))
	if err != nil {
		return byDefault
	}
	return v
}

func (p properties) getBoolOr(key string, byDefault bool) bool {
	switch strings.ToLower(p.get(key, "")) {
	case "yes", "true":
		return true
	case "no", "false":
		return false
	}
	return byDefault
}

// masked lists "key=value" as IBC prints them: sorted, secrets as three stars.
func (p properties) masked() []string {
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(p)) {
		value := p[key]
		secret := slices.ContainsFunc(secretKeys, func(s string) bool { return strings.EqualFold(s, key) })
		if secret && value != "" {
			value = "***"
		}
		lines = append(lines, key+"="+value)
	}
	return lines
}
