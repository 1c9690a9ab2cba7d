package settings

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// A position is where a setting stands in the file, and what kind of value it has.
type position struct {
	line     int
	kind     unstable.Kind
	from, to int // the bytes of a text, with its quotes
}

// A positions finds the settings in the file, by names such as "zombie_after",
// "gateway.2" and "gateway.2.ibc.mode". Tables count from 1.
type positions map[string]position

// findPositions reads as far as the file is TOML; what is not is the decoder's to report.
func findPositions(b []byte) positions {
	c, gateways, table := positions{}, 0, ""
	var p unstable.Parser
	p.Reset(b)
	breaks := lineBreaks(b)
	for p.NextExpression() {
		e := p.Expression()
		key, line := keyOf(breaks, e)
		if e.Kind == unstable.ArrayTable && key == "gateway" {
			gateways++
			table = fmt.Sprintf("gateway.%d", gateways)
			c[table] = position{line: line, kind: e.Kind}
			continue
		}
		if e.Kind == unstable.KeyValue {
			key = join(table, key)
		}
		if rest, ok := strings.CutPrefix(key, "gateway."); ok && (table == "" || e.Kind != unstable.KeyValue) {
			key = fmt.Sprintf("gateway.%d.%s", max(gateways, 1), rest) // of the newest, or of an only one
		}
		if e.Kind == unstable.KeyValue {
			c.add(breaks, key, line, e.Value())
			continue
		}
		if key == "gateway" { // a plain table is an only one
			key = "gateway.1"
		}
		table, c[key] = key, position{line: line, kind: e.Kind}
	}
	return c
}

// add notes a value, and what stands inside of it: gateway = [{port = 4002}].
func (c positions) add(breaks []int, name string, line int, v *unstable.Node) {
	c[name] = position{line, v.Kind, int(v.Raw.Offset), int(v.Raw.Offset + v.Raw.Length)}
	inside := v.Children()
	for i := 1; inside.Next(); i++ {
		switch n := inside.Node(); v.Kind {
		case unstable.Array:
			c.add(breaks, fmt.Sprintf("%s.%d", name, i), line, n)
		case unstable.InlineTable:
			key, line := keyOf(breaks, n)
			c.add(breaks, join(name, key), line, n.Value())
		}
	}
}

// bareDuration finds the first duration that is not a text: the decoder would
// take a bare number for nanoseconds.
func (c positions) bareDuration() (line int, key string) {
	for name, s := range c {
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
func (c positions) at(gateway int, key string) int {
	table := fmt.Sprintf("gateway.%d", gateway)
	if s, ok := c[join(table, key)]; ok {
		return s.line
	}
	return c[table].line
}

// keyOf is the key of an expression. The decoder takes keys in either case, and so does this.
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

// lineBreaks are the places of all line breaks, in order.
func lineBreaks(b []byte) (at []int) {
	for i, c := range b {
		if c == '\n' {
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
