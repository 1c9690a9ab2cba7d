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
			e.setIBCPath(i, quoted)
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
			e.setKeepRunning(i, value)
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
		_, own := e.positions[fmt.Sprintf("gateway.%d.ibc.path", i+1)]
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

// setIBCPath sets the path of the Gateway with that index, where that is
// simple.
func (e *editor) setIBCPath(i int, value string) {
	table := fmt.Sprintf("gateway.%d", i+1)
	path, has := e.positions[table+".ibc.path"]
	ibc, hasIBC := e.positions[table+".ibc"]
	gateway, inFile := e.positions[table]
	switch {
	case has:
		e.replace(path, value)
	case hasIBC && ibc.kind == unstable.Table:
		e.insertAfter(ibc.line, "path = "+value)
	case hasIBC: // an inline table, on a line with other things
	case inFile && gateway.isTable():
		e.insertAfter(gateway.line, "ibc.path = "+value)
	case !inFile:
		e.appendGateway("", "[gateway.ibc]", "path = "+value)
	}
}

// setKeepRunning sets keep_running of the Gateway with that index, where that
// is simple.
func (e *editor) setKeepRunning(i int, value string) {
	table := fmt.Sprintf("gateway.%d", i+1)
	own, has := e.positions[table+".keep_running"]
	gateway, inFile := e.positions[table]
	switch {
	case has && own.to > own.from:
		e.replace(own, value)
	case inFile && gateway.isTable():
		e.insertAfter(gateway.line, "keep_running = "+value)
	case !inFile:
		e.appendGateway("keep_running = " + value)
	}
}

func (e *editor) replace(p position, value string) {
	e.text = slices.Concat(e.text[:p.from], []byte(value), e.text[p.to:])
}

// insertAfter inserts a line after the given one, with the same line break.
func (e *editor) insertAfter(line int, text string) {
	at := 0
	for range line {
		n := bytes.IndexByte(e.text[at:], '\n')
		if n < 0 {
			e.text = append(e.text, "\n"+text+"\n"...)
			return
		}
		at += n + 1
	}
	end := "\n"
	if bytes.HasSuffix(e.text[:at], []byte("\r\n")) {
		end = "\r\n"
	}
	e.text = slices.Concat(e.text[:at], []byte(text+end), e.text[at:])
}

// appendGateway adds the first and only Gateway, with the given lines.
func (e *editor) appendGateway(lines ...string) {
	end := "\n"
	if bytes.Contains(e.text, []byte("\r\n")) {
		end = "\r\n"
	}
	text := slices.Clone(e.text)
	if len(text) > 0 && !bytes.HasSuffix(text, []byte("\n")) {
		text = append(text, end...)
	}
	if len(text) > 0 {
		text = append(text, end...)
	}
	for _, line := range append([]string{"[[gateway]]"}, lines...) {
		text = append(text, line+end...)
	}
	e.text = text
}
