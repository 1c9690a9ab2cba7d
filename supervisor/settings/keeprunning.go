package settings

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/pelletier/go-toml/v2/unstable"
)

// SetKeepRunning returns the settings file, which was read from file as b, with
// keep_running of the named Gateway set. Every other byte stays. What cannot be
// done so is an error, which says the line to write by hand.
func SetKeepRunning(file string, b []byte, name string, keep bool) ([]byte, error) {
	const mark = "\ufeff"
	body := bytes.TrimPrefix(b, []byte(mark))
	f, err := Parse(file, body)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(f.Gateway, func(g Gateway) bool { return g.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no Gateway %q in the settings", name)
	}
	if f.Gateway[i].KeepRunning == keep {
		return b, nil
	}
	f.Gateway[i].KeepRunning = keep
	value := strconv.FormatBool(keep)
	e := editor{text: body, positions: findPositions(body)}
	e.setKeepRunning(i, value)
	got, err := Parse("", e.text)
	if err != nil || !reflect.DeepEqual(got, f) {
		return nil, fmt.Errorf("cannot change %s without touching more of it; write by hand, under [[gateway]]: keep_running = %s", file, value)
	}
	return append(b[:len(b)-len(body):len(b)-len(body)], e.text...), nil
}

// setKeepRunning sets keep_running of the Gateway with that index, as far as that is simple.
func (e *editor) setKeepRunning(i int, value string) {
	table := fmt.Sprintf("gateway.%d", i+1)
	own, has := e.positions[table+".keep_running"]
	gateway, said := e.positions[table]
	switch {
	case has && own.to > own.from:
		e.text = slices.Concat(e.text[:own.from], []byte(value), e.text[own.to:])
	case said && (gateway.kind == unstable.ArrayTable || gateway.kind == unstable.Table):
		e.insertAfter(gateway.line, "keep_running = "+value)
	case !said:
		e.appendGateway("keep_running = " + value)
	}
}
