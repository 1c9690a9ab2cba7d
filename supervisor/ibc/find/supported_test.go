package find

import (
	"strings"
	"testing"
)

func TestOnlyAnIBCThatKnowsTheLoginWindowIsSupported(t *testing.T) {
	for _, tt := range []struct {
		version                string
		supported, recommended bool
	}{
		{"3.8.1", false, false},
		{"3.8.4-beta.2", false, false},
		{"3.12.0", false, false},
		{"3.16.2", false, false},
		{"3.9", false, false},
		{"3.17.0", true, false},
		{"3.18.0-Update.1", true, false},
		{"3.23.0", true, false},
		{"3.24.0", true, true},
		{"3.24.1-simulated", true, true},
		{"4.0.0", true, true},
		{"10.1", true, true},
		{"", true, true},
		{"nightly", true, true},
		{"v3.12", true, true},
	} {
		i := IBC{Path: "/opt/ibc", Version: tt.version}
		err := i.Supported()
		if (err == nil) != tt.supported || i.Recommended() != tt.recommended {
			t.Errorf("%q: %v, recommended %t; want supported %t, recommended %t", tt.version, err, i.Recommended(), tt.supported, tt.recommended)
		}
		if err != nil && (!strings.Contains(err.Error(), "IBC "+tt.version+" in /opt/ibc") || !strings.Contains(err.Error(), `install IBC 3.24.0 or newer with "gatelight ibc install FILE.zip"`)) {
			t.Errorf("%q: %v", tt.version, err)
		}
	}
}
