package settings

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// SetIBCPath returns the settings file, which was read from file as b, with the
// path under [gateway.ibc] set to dir, and the names of the Gateways that it is
// set for: the one that is named; or, with no name, an only Gateway, or those of
// several that have no path of their own. Every other byte stays. What cannot be
// done so is an error, which says the line to write by hand.
func SetIBCPath(file string, b []byte, name, dir string) (edited []byte, set []string, err error) {
	const mark = "\ufeff"
	body := bytes.TrimPrefix(b, []byte(mark))
	f, err := Parse(file, body)
	if err != nil {
		return nil, nil, err
	}
	quoted, err := quote(dir)
	if err != nil {
		return nil, nil, err
	}
	e := editor{text: body, positions: findPositions(body), path: "path = " + quoted, value: quoted}
	want, err := e.choose(&f, name, dir)
	if err != nil {
		return nil, nil, err
	}
	for _, i := range slices.Backward(want) { // from the end on, so that places stay
		e.setIBCPath(i)
		set = append([]string{f.Gateway[i].Name}, set...)
	}
	got, err := Parse("", e.text)
	if err != nil || !reflect.DeepEqual(got, f) {
		return nil, nil, fmt.Errorf("cannot change %s without touching more of it; write by hand, under [gateway.ibc]: %s", file, e.path)
	}
	return append(b[:len(b)-len(body):len(b)-len(body)], e.text...), set, nil
}

// quote writes a text in TOML, in the form that needs no escapes.
func quote(s string) (string, error) {
	odd := func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }
	switch {
	case strings.ContainsFunc(s, odd) || strings.ContainsAny(s, `"\`) && strings.Contains(s, "'"):
		return "", fmt.Errorf("cannot write %q into the settings; choose a folder with a simpler name", s)
	case strings.ContainsAny(s, `"\`):
		return "'" + s + "'", nil
	}
	return `"` + s + `"`, nil
}

type editor struct {
	text  []byte
	positions positions
	path  string // the line to put in
	value string // its value
}

// choose picks the Gateways, and sets their path in f, which becomes what the
// edited file has to mean.
func (e *editor) choose(f *File, name, dir string) (want []int, err error) {
	for i, g := range f.Gateway {
		_, own := e.positions[fmt.Sprintf("gateway.%d.ibc.path", i+1)]
		if g.Name == name || name == "" && (!own || len(f.Gateway) == 1) {
			want = append(want, i)
			f.Gateway[i].IBC.Path = dir
		}
	}
	switch {
	case len(want) > 0:
		return want, nil
	case name != "":
		return nil, fmt.Errorf("there is no Gateway %q in the settings", name)
	}
	return nil, errors.New("every Gateway in the settings has a path of its own; say which one to change with --gateway")
}

// setIBCPath sets the path of the Gateway with that index, as far as that is simple.
func (e *editor) setIBCPath(i int) {
	table := fmt.Sprintf("gateway.%d", i+1)
	path, has := e.positions[table+".ibc.path"]
	ibc, hasTable := e.positions[table+".ibc"]
	gateway, said := e.positions[table]
	switch {
	case has:
		e.text = slices.Concat(e.text[:path.from], []byte(e.value), e.text[path.to:])
	case hasTable && ibc.kind == unstable.Table:
		e.insertAfter(ibc.line, e.path)
	case hasTable: // inline, on a line with other things
	case said && (gateway.kind == unstable.ArrayTable || gateway.kind == unstable.Table):
		e.insertAfter(gateway.line, "ibc."+e.path)
	case !said:
		e.appendGateway("", "[gateway.ibc]", e.path)
	}
}

// insertAfter puts a line behind that one, ended as that one is.
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

// appendGateway adds the only Gateway, of those lines.
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
