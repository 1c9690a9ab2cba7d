package status

import (
	"bytes"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
)

// A metric is one family of the text format of Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats, 0.0.4). What is
// not known has no sample.
type metric struct {
	name, kind, help string
	samples          func(supervisor.Snapshot, time.Time) []sample
}

// A sample is a value with its labels besides the Gateway's name, in pairs.
type sample struct {
	value  float64
	labels []string
}

var metrics = []metric{
	{"gatelight_gateway_state", "gauge", "1 for the state that the Gateway is in, 0 for the others.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			var all []sample
			for _, state := range supervisor.States {
				all = append(all, sample{truth(g.State == state), []string{"state", string(state)}})
			}
			return all
		}},
	{"gatelight_gateway_usable", "gauge", "1 if the API can be used: the state is connected, proven by our own session.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return one(truth(g.State == supervisor.Connected && g.Verified))
		}},
	{"gatelight_gateway_expected_down", "gauge", "1 if the Gateway is down on purpose, or was never started.",
		func(g supervisor.Snapshot, _ time.Time) []sample { return one(truth(g.Expected)) }},
	{"gatelight_gateway_waits_for_person", "gauge", "1 if a start waits for a person: a two-factor approval, or a dialog.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return one(truth(g.Phase == supervisor.TwoFactor || g.Phase == supervisor.NeedsYou))
		}},
	{"gatelight_drops_total", "counter", "How often connected was left, but for an expected end.",
		func(g supervisor.Snapshot, _ time.Time) []sample { return one(float64(g.Drops)) }},
	{"gatelight_zombies", "gauge", "Sockets in CLOSE_WAIT that the Gateway does not close.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return ifKnown(g.LookFresh, float64(len(g.Zombies)))
		}},
	{"gatelight_zombies_blocking", "gauge", "1 if the zombies keep the API from answering.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return ifKnown(g.LookFresh, truth(g.Blocking))
		}},
	{"gatelight_clients", "gauge", "Connections to the API port, without our own session.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			n := 0
			for _, c := range g.Clients {
				if !c.Self {
					n++
				}
			}
			return ifKnown(g.LookFresh, float64(n))
		}},
	{"gatelight_heartbeat_seconds", "gauge", "How long the newest heartbeat of our session has taken.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return ifKnown(g.API.State == supervisor.SessionUp && g.API.RTT > 0, g.API.RTT.Seconds())
		}},
	{"gatelight_logins_last_hour", "gauge", "Login attempts in the last hour, IBC's own included.",
		func(g supervisor.Snapshot, _ time.Time) []sample { return one(float64(g.Logins)) }},
	{"gatelight_login_budget_spent", "gauge", "1 if only a person starts the Gateway now.",
		func(g supervisor.Snapshot, _ time.Time) []sample { return one(truth(g.BudgetSpent)) }},
	{"gatelight_look_duration_seconds", "gauge", "How long the newest look at the socket table has taken.",
		func(g supervisor.Snapshot, _ time.Time) []sample {
			return ifKnown(g.LookTook > 0, g.LookTook.Seconds())
		}},
	{"gatelight_evidence_age_seconds", "gauge", "The age of the newest evidence for the state.",
		func(g supervisor.Snapshot, now time.Time) []sample {
			return ifKnown(!g.EvidenceAt.IsZero(), max(now.Sub(g.EvidenceAt), 0).Seconds())
		}},
}

func one(value float64) []sample { return []sample{{value: value}} }

func ifKnown(known bool, value float64) []sample {
	if !known {
		return nil
	}
	return one(value)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func sendMetrics(w http.ResponseWriter, s supervisor.Supervisor) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(metricsText(s.Latest(), supervisor.Now())) // a reader that has gone needs no answer
}

// metricsText is a status in the text format of Prometheus.
func metricsText(w supervisor.Status, now time.Time) []byte {
	var b bytes.Buffer
	gateways := w.Aged(now).Gateways
	for _, m := range metrics {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", m.name, m.help, m.name, m.kind)
		for _, g := range gateways {
			for _, s := range m.samples(g, now) {
				writeSample(&b, m.name, append([]string{"gateway", g.Name}, s.labels...), s.value)
			}
		}
	}
	const info = "gatelight_build_info"
	fmt.Fprintf(&b, "# HELP %s 1, with the version of Gatelight as a label.\n# TYPE %s gauge\n", info, info)
	writeSample(&b, info, []string{"version", w.Version, "goversion", runtime.Version()}, 1)
	return b.Bytes()
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func writeSample(b *bytes.Buffer, name string, labels []string, value float64) {
	b.WriteString(name)
	for i := 0; i < len(labels); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(labels[i] + `="` + escapeLabel.Replace(labels[i+1]) + `"`)
	}
	b.WriteString("} " + strconv.FormatFloat(value, 'g', -1, 64) + "\n")
}
