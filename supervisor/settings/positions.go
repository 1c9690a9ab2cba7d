package settings

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// A position is where a setting or table is in the file, and its kind of value.
type position struct {
	line     int
	kind     unstable.Kind
	from, to int // the bytes of the value, with its quotes
}

// isTable reports a table with a line of its own: [gateway] or [[gateway]].
func (p position) isTable() bool { return p.kind == unstable.Table || p.kind == unstable.ArrayTable }

// positions are those of all settings and tables, by names such as
// "zombie_after", "gateway.2" and "gateway.2.ibc.mode". Gateways count from 1.
type positions map[string]position

// findPositions reads as far as the file is TOML. What is not TOML is reported
// by the decoder.
func findPositions(b []byte) positions {
	ps, gateways, table := positions{}, 0, ""
	var p unstable.Parser
	p.Reset(b)
	breaks := lineBreaks(b)
	for p.NextExpression() {
		e := p.Expression()
		key, line := keyOf(breaks, e)
		if e.Kind == unstable.ArrayTable && key == "gateway" {
			gateways++
			table = fmt.Sprintf("gateway.%d", gateways)
			ps[table] = position{line: line, kind: e.Kind}
			continue
		}
		if e.Kind == unstable.KeyValue {
			key = join(table, key)
		}
		if rest, ok := strings.CutPrefix(key, "gateway."); ok && (table == "" || e.Kind != unstable.KeyValue) {
			key = fmt.Sprintf("gateway.%d.%s", max(gateways, 1), rest) // of the newest, or of the only one
		}
		if e.Kind == unstable.KeyValue {
			ps.add(breaks, key, line, e.Value())
			continue
		}
		if key == "gateway" { // a plain table is the only one
			key = "gateway.1"
		}
		table, ps[key] = key, position{line: line, kind: e.Kind}
	}
	return ps
}

// add adds a value, and the values inside it: gateway = [{port = 4002}].
func (ps positions) add(breaks []int, name string, line int, v *unstable.Node) {
	ps[name] = position{line, v.Kind, int(v.Raw.Offset), int(v.Raw.Offset + v.Raw.Length)}
	inside := v.Children()
	for i := 1; inside.Next(); i++ {
		switch n := inside.Node(); v.Kind {
		case unstable.Array:
			ps.add(breaks, fmt.Sprintf("%s.%d", name, i), line, n)
		case unstable.InlineTable:
			key, line := keyOf(breaks, n)
			ps.add(breaks, join(name, key), line, n.Value())
		}
	}
}

// bareDuration finds the first duration that is not in quotes. The decoder
// would read a bare number as nanoseconds.
func (ps positions) bareDuration() (line int, key string) {
	for name, s := range ps {
		duration := name == "zombie_after" || inGateway(name) == "heartbeat"
		if duration && s.kind != unstable.String && (key == "" || s.line < line) {
			line, key = s.line, name
			if setting := inGateway(name); setting != "" {
				key = "gateway." + setting
			}
		}
	}
	return line, key
}

// inGateway is a setting's name within its Gateway, "" when it is not in one.
func inGateway(name string) string {
	rest, ok := strings.CutPrefix(name, "gateway.")
	_, setting, inside := strings.Cut(rest, ".")
	if !ok || !inside {
		return ""
	}
	return setting
}

// at is the line of a Gateway's setting, or of its table when the file leaves
// the setting out.
func (ps positions) at(gateway int, key string) int {
	table := fmt.Sprintf("gateway.%d", gateway)
	if s, ok := ps[join(table, key)]; ok {
		return s.line
	}
	return ps[table].line
}

// keyOf is the key of an expression in lower case, since the decoder takes keys
// in either case.
func keyOf(breaks []int, n *unstable.Node) (key string, line int) {
	var parts []string
	for k := n.Key(); k.Next(); {
		parts = append(parts, strings.ToLower(string(k.Node().Data)))
		if line == 0 {
			line = 1 + sort.SearchInts(breaks, int(k.Node().Raw.Offset))
		}
	}
	return strings.Join(parts, "."), line
}

// lineBreaks are the offsets of all line breaks, in order.
func lineBreaks(b []byte) (at []int) {
	for i, char := range b {
		if char == '\n' {
			at = append(at, i)
		}
	}
	return at
}

func join(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}
