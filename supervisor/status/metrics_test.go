package status

import (
	"os"
	"strings"
	"testing"

	"gatelight/supervisor"
)

// The names are relied on by rules and dashboards; the file says what there is.
// It is checked by promtool, too, where the Prometheus test runs.
func TestMetricsAreWrittenInTheTextFormat(t *testing.T) {
	got := string(metricsText(fullStatus(), now))
	got = goVersion(got)
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it reads\n%s", got)
	}
}

// goVersion takes out what differs from one compiler to the next.
func goVersion(text string) string {
	before, after, _ := strings.Cut(text, `goversion="`)
	_, after, _ = strings.Cut(after, `"`)
	return before + `goversion="go"` + after
}

func TestWhatIsNotKnownHasNoSample(t *testing.T) {
	text := string(metricsText(notLookedStatus(), now))
	for _, name := range []string{"gatelight_zombies{", "gatelight_clients{", "gatelight_heartbeat_seconds{", "gatelight_evidence_age_seconds{"} {
		if strings.Contains(text, name) {
			t.Errorf("there is a sample of %s\n%s", name, text)
		}
	}
	if !strings.Contains(text, `gatelight_gateway_state{gateway="paper",state="unknown"} 1`) {
		t.Errorf("unknown is no state:\n%s", text)
	}
}

func TestALabelIsEscaped(t *testing.T) {
	w := connectedStatus("hello")
	w.Gateways[0].Name = "a\"b\\c\nd"
	if text := string(metricsText(w, supervisor.Now())); !strings.Contains(text, `{gateway="a\"b\\c\nd"} 1`) {
		t.Error(text)
	}
}
