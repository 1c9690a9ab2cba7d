package settings

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// SetIBCPath returns the settings file, which was read from file as b, with the
// path under [gateway.ibc] set to dir, and the names of the Gateways for which
// it was set: the named one; or, without a name, the only Gateway, or those of
// several that have no path of their own. Every other byte stays. A change that
// is not possible so is an error, with the line to write by hand.
func SetIBCPath(file string, b []byte, name, dir string) (edited []byte, set []string, err error) {
	quoted, err := quote(dir)
	if err != nil {
		return nil, nil, err
	}
	edited, err = edit(file, b, "[gateway.ibc]: path = "+quoted, func(f *File, e *editor) error {
		chosen, err := e.chooseForPath(f, name)
		for _, i := range slices.Backward(chosen) { // from the end on, so that positions stay valid
			f.Gateway[i].IBC.Path = dir
			e.set(i, "ibc.path", quoted)
			set = append([]string{f.Gateway[i].Name}, set...)
		}
		return err
	})
	return edited, set, err
}

// SetKeepRunning returns the settings file, which was read from file as b, with
// keep_running of the named Gateway set. Every other byte stays. A change that
// is not possible so is an error, with the line to write by hand.
func SetKeepRunning(file string, b []byte, name string, keep bool) ([]byte, error) {
	value := strconv.FormatBool(keep)
	return edit(file, b, "[[gateway]]: keep_running = "+value, func(f *File, e *editor) error {
		i := slices.IndexFunc(f.Gateway, func(g Gateway) bool { return g.Name == name })
		if i < 0 {
			return noGateway(name)
		}
		if f.Gateway[i].KeepRunning != keep {
			f.Gateway[i].KeepRunning = keep
			e.set(i, "keep_running", value)
		}
		return nil
	})
}

// edit changes a settings file, which was read from file as b. The function
// changes the text with the editor, and the File to what the text has to mean
// afterwards. If it means anything else, the file is too unusual for the
// editor.
func edit(file string, b []byte, byHand string, change func(*File, *editor) error) ([]byte, error) {
	body := bytes.TrimPrefix(b, []byte("\ufeff"))
	want, err := Parse(file, body)
	if err != nil {
		return nil, err
	}
	e := editor{text: body, positions: findPositions(body)}
	if err := change(&want, &e); err != nil {
		return nil, err
	}
	got, err := Parse("", e.text)
	if err != nil || !reflect.DeepEqual(got, want) {
		return nil, fmt.Errorf("cannot change %s without touching more of it; write by hand, under %s", file, byHand)
	}
	return append(b[:len(b)-len(body):len(b)-len(body)], e.text...), nil
}

func noGateway(name string) error { return fmt.Errorf("there is no Gateway %q in the settings", name) }

// quote writes a text in TOML, in the form that needs no escapes.
func quote(s string) (string, error) {
	unprintable := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	switch {
	case strings.ContainsFunc(s, unprintable) || strings.ContainsAny(s, `"\`) && strings.Contains(s, "'"):
		return "", fmt.Errorf("cannot write %q into the settings; choose a folder with a simpler name", s)
	case strings.ContainsAny(s, `"\`):
		return "'" + s + "'", nil
	}
	return `"` + s + `"`, nil
}

// An editor changes the text of a settings file. The positions are those before
// the first change.
type editor struct {
	text      []byte
	positions positions
}

// chooseForPath has the indices of the Gateways that get the path.
func (e *editor) chooseForPath(f *File, name string) (chosen []int, err error) {
	for i, g := range f.Gateway {
		_, own := e.positions[join(tableOf(i), "ibc.path")]
		if g.Name == name || name == "" && (!own || len(f.Gateway) == 1) {
			chosen = append(chosen, i)
		}
	}
	switch {
	case len(chosen) > 0:
		return chosen, nil
	case name != "":
		return nil, noGateway(name)
	}
	return nil, errors.New("every Gateway in the settings has a path of its own; say which one to change with --gateway")
}

// set sets a setting of the Gateway with that index, where that is simple: it
// does nothing to an inline table, which is on a line with other things.
func (e *editor) set(i int, key, value string) {
	old, has := e.positions[join(tableOf(i), key)]
	ibc, hasIBC := e.positions[join(tableOf(i), "ibc")]
	gateway, inFile := e.positions[tableOf(i)]
	inIBC, isInIBC := strings.CutPrefix(key, "ibc.")
	switch {
	case has:
		e.text = slices.Concat(e.text[:old.from], []byte(value), e.text[old.to:])
	case isInIBC && hasIBC:
		if ibc.kind == unstable.Table {
			e.insert(ibc.line, inIBC+" = "+value)
		}
	case inFile:
		if gateway.kind == unstable.Table || gateway.kind == unstable.ArrayTable {
			e.insert(gateway.line, key+" = "+value)
		}
	default: // the first and only Gateway
		lines := []string{"", "[[gateway]]", key + " = " + value}
		if isInIBC {
			lines = []string{"", "[[gateway]]", "", "[gateway.ibc]", inIBC + " = " + value}
		}
		if len(e.text) == 0 {
			lines = lines[1:]
		}
		e.insert(len(slices.Collect(bytes.Lines(e.text))), lines...)
	}
}

// insert inserts lines after the given one, with the line breaks of the file.
func (e *editor) insert(after int, lines ...string) {
	end := "\n"
	if bytes.Contains(e.text, []byte("\r\n")) {
		end = "\r\n"
	}
	all := slices.Collect(bytes.Lines(e.text))
	if after > 0 && !bytes.HasSuffix(all[after-1], []byte("\n")) {
		all[after-1] = append(all[after-1], end...)
	}
	inserted := []byte(strings.Join(lines, end) + end)
	e.text = bytes.Join(slices.Insert(all, after, inserted), nil)
}
