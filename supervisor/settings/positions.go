package settings

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"gatelight/supervisor/lazyregexp"
)

// A position is where a setting or table is in the file, and its kind of value.
type position struct {
	line     int
	kind     unstable.Kind
	from, to int // the bytes of the value, with its quotes
}

// positions are those of all settings and tables, by names such as
// "zombie_after", "gateway.2", "gateway.2.ibc.mode" and "remote.1". They count from 1.
type positions map[string]position

// findPositions reads as far as the file is TOML. What is not TOML is reported
// by the decoder.
func findPositions(b []byte) positions {
	ps, gateways, remotes, table := positions{}, 0, 0, ""
	var p unstable.Parser
	p.Reset(b)
	for p.NextExpression() {
		e := p.Expression()
		key, line := keyOf(&p, e)
		if e.Kind == unstable.ArrayTable && key == "gateway" {
			table = tableOf(gateways)
			ps[table] = position{line: line, kind: e.Kind}
			gateways++
			continue
		}
		if e.Kind == unstable.ArrayTable && key == "remote" {
			table = remoteTable(remotes)
			ps[table] = position{line: line, kind: e.Kind}
			remotes++
			continue
		}
		if e.Kind == unstable.KeyValue {
			key = join(table, key)
		}
		if rest, ok := strings.CutPrefix(key, "gateway."); ok && (table == "" || e.Kind != unstable.KeyValue) {
			key = join(tableOf(max(gateways-1, 0)), rest) // of the newest, or of the only one
		}
		if e.Kind == unstable.KeyValue {
			ps.add(&p, key, line, e.Value())
			continue
		}
		if key == "gateway" || key == "remote" { // a plain table is the only one
			key += ".1"
		}
		table, ps[key] = key, position{line: line, kind: e.Kind}
	}
	return ps
}

// add adds a value, and the values inside it: gateway = [{port = 4002}].
func (ps positions) add(p *unstable.Parser, name string, line int, v *unstable.Node) {
	ps[name] = position{line, v.Kind, int(v.Raw.Offset), int(v.Raw.Offset + v.Raw.Length)}
	inside := v.Children()
	for i := 1; inside.Next(); i++ {
		switch n := inside.Node(); v.Kind {
		case unstable.Array:
			ps.add(p, fmt.Sprintf("%s.%d", name, i), line, n)
		case unstable.InlineTable:
			key, line := keyOf(p, n)
			ps.add(p, join(name, key), line, n.Value())
		}
	}
}

var gatewayIndex = lazyregexp.New(`^gateway\.[0-9]+`)

// bareDuration finds a duration that is not in quotes. The decoder would read a
// bare number as nanoseconds.
func (ps positions) bareDuration() (line int, key string) {
	for _, name := range slices.Sorted(maps.Keys(ps)) {
		key := gatewayIndex.ReplaceAllString(name, "gateway")
		if (key == "zombie_after" || key == "gateway.heartbeat") && ps[name].kind != unstable.String {
			return ps[name].line, key
		}
	}
	return 0, ""
}

// line is where a setting is, or its table when the file leaves the setting out.
func (ps positions) line(table, key string) int {
	return cmp.Or(ps[join(table, key)].line, ps[table].line)
}

// tableOf is the name of the table of the Gateway with that index.
func tableOf(gateway int) string { return fmt.Sprintf("gateway.%d", gateway+1) }

func remoteTable(remote int) string { return fmt.Sprintf("remote.%d", remote+1) }

// keyOf is the key of an expression in lower case, since the decoder takes keys
// in either case.
func keyOf(p *unstable.Parser, n *unstable.Node) (key string, line int) {
	for k := n.Key(); k.Next(); {
		key = join(key, strings.ToLower(string(k.Node().Data)))
		line = cmp.Or(line, p.Shape(k.Node().Raw).Start.Line)
	}
	return key, line
}

func join(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}
