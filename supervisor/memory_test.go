package supervisor

import (
	"net/netip"
	"reflect"
	"testing"
	"time"
	"unsafe"
)

// observedTimes are the times that no part clamps, and why each may lie in the
// future after the clock was set back. A path leads to the field from memory,
// "[]" stands for the elements of a slice.
var observedTimes = map[string]string{
	"lastEvent": "checkClock sets it to now itself",

	"process.twoFactor.Until": "IBKR's deadline, which is shown and not waited for",

	// Times that are compared with the time of the next look, which replaces
	// them.
	"peers.closeWaits[].Since": "asCloseWait takes the look's time instead",
	"peers.closeWaits[].seen":  "the time of the look before; the next look replaces it",

	// Times that begin looks at, but only if they lie in the past.
	"process.endedUnseen": "begin ignores it",

	// Times at which something was seen or told. They are shown, not counted
	// from.
	"port.view.Listener.Process.StartedAt":      "shown as the system tells it",
	"port.view.Peers[].Client.StartedAt":        "shown as the system tells it",
	"port.view.Peers[].ClientSeen":              "shown as it was",
	"port.view.StaleClients[].Client.StartedAt": "shown as the system tells it",
	"port.view.StaleClients[].ClientSeen":       "shown as it was",
	"peers.clients[].Process.StartedAt":         "shown as the system tells it",
	"peers.clients[].Since":                     "shown as it was",
	"peers.staleClients[].Process.StartedAt":    "shown as the system tells it",
	"peers.staleClients[].Since":                "shown as it was",
	"peers.closeWaits[].Owner.StartedAt":        "shown as the system tells it",
	"peers.closeWaits[].LastSeen":               "shown as it was",
	"peers.zombies[].Since":                     "shown as it was",
	"peers.zombies[].Owner.StartedAt":           "shown as the system tells it",
	"peers.zombies[].LastSeen":                  "shown as it was",
	"session.LastCodeAt":                        "shown as it was",
	"session.Farms[].At":                        "shown as it was; withFarm only sorts by it",
	"process.StartedAt":                         "shown as the system tells it",
	"process.LastExit.At":                       "shown as it was",
	"notices.list[].At":                         "shown as it was",
	"transitions.list[].At":                     "shown as it was",
}

// A time in the future would be waited for, or counted from, for as long as the
// clock was set back by.
func TestEveryTimeOfEveryPartIsClamped(t *testing.T) {
	now := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)
	m := &memory{}
	eachTime(t, reflect.ValueOf(m).Elem(), "", func(_ string, at *time.Time) { *at = now.Add(time.Hour) })
	for _, p := range m.parts() {
		p.clampTo(now)
	}
	found := map[string]bool{}
	eachTime(t, reflect.ValueOf(m).Elem(), "", func(path string, at *time.Time) {
		found[path] = true
		reason, observed := observedTimes[path]
		switch {
		case at.After(now) && !observed:
			t.Errorf("%s is in the future: clamp it, or list it in observedTimes with the reason", path)
		case !at.After(now) && observed:
			t.Errorf("%s is clamped, though observedTimes says of it: %s", path, reason)
		}
	})
	for path := range observedTimes {
		if !found[path] {
			t.Errorf("observedTimes lists %s, which does not exist", path)
		}
	}
}

// eachTime calls visit for every time in a value of this package's types. A nil
// pointer gets a zero value, and an empty slice one element, so that the times
// in them are visited, too.
func eachTime(t *testing.T, v reflect.Value, path string, visit func(path string, at *time.Time)) {
	t.Helper()
	v = reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem() // to set unexported fields
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		visit(path, at)
		return
	case *netip.AddrPort:
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		eachTime(t, v.Elem(), path, visit)
	case reflect.Slice:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		for i := range v.Len() {
			eachTime(t, v.Index(i), path+"[]", visit)
		}
	case reflect.Struct:
		if v.Type().PkgPath() != reflect.TypeFor[memory]().PkgPath() {
			t.Fatalf("%s is a %s, in which this test finds no times", path, v.Type())
		}
		for i := range v.NumField() {
			field, inner := v.Type().Field(i), path
			if !field.Anonymous && inner != "" {
				inner += "."
			}
			if !field.Anonymous {
				inner += field.Name
			}
			eachTime(t, v.Field(i), inner, visit)
		}
	case reflect.Map, reflect.Array, reflect.Interface, reflect.Chan, reflect.Func:
		t.Fatalf("%s is a %s, in which this test finds no times", path, v.Kind())
	}
}
