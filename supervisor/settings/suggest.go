package settings

import (
	"fmt"
	"reflect"
	"strings"

	"gatelight/supervisor/spelling"
)

// suggestion says which setting was most likely meant by one that there is not: the
// same one in another table, or one that is spelled alike; else which ones there are.
func suggestion(key string) string {
	table, name := cut(key)
	best, least := "", min(len(name)/2, 3)+1
	var beside []string
	elsewhere := ""
	all := keysOf(reflect.TypeFor[File](), "")
	for i, known := range all {
		in, other := cut(known)
		isTable := i+1 < len(all) && strings.HasPrefix(all[i+1], known+".")
		switch {
		case other == name && isTable:
			return "; write it as " + heading(known)
		case other == name && in == "":
			return fmt.Sprintf("; %s belongs to the top of the file, above all tables", name)
		case other == name:
			return fmt.Sprintf("; %s belongs under %s", name, heading(in))
		}
		d := spelling.Distance(name, other, least)
		if in != table {
			if d < least && table == "" && !isTable {
				elsewhere = "; did you mean " + other + ", under " + heading(in) + "?"
			}
			continue
		}
		if !isTable {
			beside = append(beside, other)
		}
		if d < least {
			best, least = known, d
		}
	}
	switch {
	case best == "" && elsewhere != "":
		return elsewhere
	case best == "" && len(beside) == 0:
		return "; the tables are [[gateway]], [gateway.ibc] and [[remote]]"
	case best == "":
		return "; there are: " + strings.Join(beside, ", ")
	}
	_, name = cut(best)
	return "; did you mean " + name + "?"
}

// cut divides a key into its table and its name.
func cut(key string) (table, name string) {
	if i := strings.LastIndexByte(key, '.'); i >= 0 {
		return key[:i], key[i+1:]
	}
	return "", key
}

// heading is how the table's beginning is written.
func heading(table string) string {
	if strings.Contains(table, ".") {
		return "[" + table + "]"
	}
	return "[[" + table + "]]"
}

// keysOf are the keys of a table, and of those in it, tables included.
func keysOf(t reflect.Type, table string) (keys []string) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		if name == "" || name == "-" {
			continue
		}
		name = join(table, name)
		keys = append(keys, name)
		kind := f.Type
		if kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			keys = append(keys, keysOf(kind, name)...)
		}
	}
	return keys
}
