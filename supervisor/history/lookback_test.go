package history

import (
	"strings"
	"testing"
)

func TestLookbackIsParsedAndPrinted(t *testing.T) {
	for text, want := range map[string]string{"24h": "24 h", "90m": "90 min", "7d": "7 days", "1d": "24 h", "1.5d": "36 h", "30s": "30s"} {
		var a Lookback
		if err := a.UnmarshalText([]byte(text)); err != nil || a.String() != want {
			t.Errorf("%s: %s, %v", text, a, err)
		}
	}
	for _, wrong := range []string{"", "d", "24", "-1h", "0", "0d", "yesterday", "NaNd", "Infd", "1e300d", "9999d"} {
		var a Lookback
		if err := a.UnmarshalText([]byte(wrong)); err == nil || !strings.Contains(err.Error(), "write 90m, 24h or 7d") {
			t.Errorf("%q: %v, %v", wrong, a, err)
		}
	}
}
