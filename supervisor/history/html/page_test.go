package html

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	unescape "html"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatelight/assets"
	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// render makes the page of the 24 hours before noon.
func render(t *testing.T, entries ...supervisor.Entry) string {
	t.Helper()
	return renderPeriods(t, []history.Lookback{day}, nil, entries...)
}

const day, week = history.Lookback(24 * time.Hour), history.Lookback(7 * 24 * time.Hour)

func renderPeriods(t *testing.T, periods []history.Lookback, order []string, entries ...supervisor.Entry) string {
	t.Helper()
	p := Page{To: noon, Zone: time.UTC, Version: "v1"}
	for _, l := range periods {
		p.AddPeriod(l)
	}
	var timeline history.Timeline
	for _, e := range entries {
		p.AddEntry(e, timeline.Add(e))
	}
	p.SetTimeline(&timeline, order)
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func state(before time.Duration, gateway string, to supervisor.State, why string) supervisor.Entry {
	return supervisor.Entry{At: noon.Add(-before), Gateway: gateway, Kind: "state", To: to, Text: why}
}

// textOf is a page's text, without tags and the space between them.
func textOf(html string) string {
	_, body, _ := strings.Cut(html, "<main>")
	text := unescape.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " "))
	return strings.Join(strings.Fields(text), " ")
}

func TestThePageHasAllFacts(t *testing.T) {
	html := render(t,
		state(90*time.Minute, "paper", supervisor.Connected, "The API answers"),
		state(70*time.Minute, "paper", supervisor.Down, "It was killed"),
		state(60*time.Minute, "paper", supervisor.Connected, "The API answers"),
		supervisor.Entry{At: noon.Add(-50 * time.Minute), Gateway: "paper", Kind: "command", Text: "stop"},
		history.AliveMark(supervisor.Snapshot{Name: "paper", State: supervisor.Connected}, noon.Add(-35*time.Minute)),
		history.AliveMark(supervisor.Snapshot{Name: "paper", State: supervisor.Connected}, noon.Add(-12*time.Minute)))
	want := "Timeline Sun 22 Nov, 12:00 – Mon 23 Nov, 12:00, UTC (UTC+00:00) " +
		"paper connected for 1 h 00 min 88.8 % connected of 1 h 30 min watched · 1 drop , 10 min " +
		"not watched not watched, 22 h 30 min Sun 22 Nov 12:00:00 – 10:30:00 " + // in the chart, and beside its bars
		"connected, 20 min 10:30:00 – 10:50:00 The API answers " +
		"down, 10 min 10:50:00 – 11:00:00 It was killed " +
		"connected, 1 h 00 min 11:00:00 – 12:00:00 The API answers " +
		"14:00 16:00 18:00 20:00 22:00 Mon 23 02:00 04:00 06:00 08:00 10:00 12:00 " +
		"not watched 22 h 30 min connected 1 h 20 min down 10 min " +
		"What went wrong When How long What 10:50:00 10 min down It was killed " +
		"What happened When What 11:10:00 command stop " +
		"11:00:00 connected The API answers was down for 10 min " +
		"10:50:00 down It was killed was connected for 20 min " +
		"10:30:00 connected The API answers " +
		"A static snapshot of Mon 23 Nov, 12:00. Open the timeline again for a newer one. Gatelight v1."
	if diff := cmp.Diff(want, textOf(html)); diff != "" {
		t.Error(diff)
	}
	for _, want := range []string{
		`<label style="--l:95.139%;--w:0.694%"><input type="radio" name="24h-0"><span class="bar down" aria-hidden="true"></span>` +
			`<span class="tip">down, 10 min` + "\n" + `10:50:00 – 11:00:00` + "\n" + `It was killed</span></label>`,
		`aria-label="States of paper: not watched 22 h 30 min; connected 1 h 20 min; down 10 min; 1 drop"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in %s", want, html)
		}
	}
}

// A bar without a class of its own would be as high as nothing.
func TestEveryPictureHasABarOfItsOwn(t *testing.T) {
	seen := map[string]string{}
	for _, name := range assets.Names {
		rule := regexp.MustCompile(`(?m)^(?:\.[a-z-]+, )*\.` + name + `(?:, \.[a-z-]+)* \{ height: .*\}$`).FindString(source)
		if rule == "" {
			t.Errorf("no height for bars of the class %s", name)
		}
		_, looks, _ := strings.Cut(rule, "{")
		if other := seen[looks]; other != "" {
			t.Errorf("the bars of %s look like those of %s", name, other)
		}
		seen[looks] = name
	}
}

func TestANightIsReadInThePage(t *testing.T) {
	waits := state(90*time.Minute, "paper", supervisor.Starting, "IBKR refuses logins for a while")
	waits.Phase = supervisor.NeedsYou
	blocked := state(40*time.Minute, "paper", supervisor.Zombies, "2 sockets stuck in CLOSE_WAIT; the API has not answered for 5 s")
	blocked.From, blocked.Blocking = supervisor.Zombies, true
	got := textOf(render(t, waits,
		state(80*time.Minute, "paper", supervisor.Connected, "The API answers"),
		state(70*time.Minute, "paper", supervisor.Silent, "Port 4002 is open, and the API has not answered since 10:49:50"),
		state(60*time.Minute, "paper", supervisor.Connected, "The API answers"),
		state(50*time.Minute, "paper", supervisor.Zombies, "2 sockets stuck in CLOSE_WAIT; our own session is still answered"),
		blocked,
		state(30*time.Minute, "paper", supervisor.Connected, "The API answers")))
	for _, want := range []string{
		"10:30:00 10 min waiting for you IBKR refuses logins for a while",
		"10:50:00 10 min not responding Port 4002 is open, and the API has not answered since 10:49:50",
		"11:10:00 20 min API blocked 2 sockets stuck in CLOSE_WAIT; the API has not answered for 5 s",
		"11:20:00 API blocked 2 sockets stuck in CLOSE_WAIT; the API has not answered for 5 s was stuck sockets for 10 min",
		"11:30:00 connected The API answers was API blocked for 10 min",
		"2 drops",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q:\n%s", want, got)
		}
	}
}

// What was planned is listed and drawn apart from what went wrong. A start that
// follows a crash is expected, too, and was not planned.
func TestPlannedBreaksStandApart(t *testing.T) {
	restart := state(70*time.Minute, "paper", supervisor.Starting, "Restarting without a new login")
	restart.Phase, restart.Expected = supervisor.Restarting, true
	stop := state(50*time.Minute, "paper", supervisor.Down, "Stopped on purpose at 11:10:00")
	start := state(40*time.Minute, "paper", supervisor.Starting, "IBC is logging in")
	again := state(25*time.Minute, "paper", supervisor.Starting, "IBC is logging in")
	stop.Expected, start.Expected, again.Expected = true, true, true
	html := render(t,
		state(90*time.Minute, "paper", supervisor.Connected, "The API answers"),
		restart, state(69*time.Minute, "paper", supervisor.Connected, "The API answers"),
		stop, start, state(39*time.Minute, "paper", supervisor.Connected, "The API answers"),
		state(30*time.Minute, "paper", supervisor.Down, "It was killed"), again,
		state(20*time.Minute, "paper", supervisor.Connected, "The API answers"))
	got := textOf(html)
	for _, want := range []string{
		"1 drop , 10 min · 2 planned breaks",
		"What went wrong When How long What 11:30:00 10 min down It was killed Planned " +
			"When How long What 11:10:00 11 min stop Stopped on purpose at 11:10:00 " +
			"10:50:00 1 min restart Restarting without a new login What happened",
		"restarting, planned 1 min", "not running, planned 10 min", "starting 6 min",
		"11:35:00 starting IBC is logging in was down",
		"11:20:00 starting IBC is logging in planned was not running",
		"10:50:00 restarting Restarting without a new login planned was connected",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q:\n%s", want, got)
		}
	}
	if n := strings.Count(html, `class="bar starting planned"`); n != 2 {
		t.Errorf("%d bars are drawn as planned starts", n)
	}
}

func TestGatewaysAreInTheGivenOrder(t *testing.T) {
	var entries []supervisor.Entry
	for _, name := range []string{"vps/paper", "a", "paper", "gone", "live"} {
		entries = append(entries, state(time.Hour, name, supervisor.Connected, "The API answers"))
	}
	html := renderPeriods(t, []history.Lookback{day}, []string{"live", "paper", "a", "vps/"}, entries...)
	var got []string
	for _, m := range regexp.MustCompile(`<div class="head">\s*<h2>(.*?)</h2>`).FindAllStringSubmatch(html, -1) {
		got = append(got, m[1])
	}
	if diff := cmp.Diff([]string{"live", "paper", "a", "vps/paper", "gone"}, got); diff != "" {
		t.Error(diff)
	}
}

// Each period has its own chart and lists, and a link to the other one. Without
// a script the address says which one is shown: the last of the file, unless
// one before it is named.
func TestAPageOfTwoPeriodsLinksThem(t *testing.T) {
	html := renderPeriods(t, []history.Lookback{day, week}, nil,
		state(50*time.Hour, "paper", supervisor.Down, "It was killed on Saturday"),
		state(49*time.Hour, "paper", supervisor.Connected, "The API answers"),
		state(time.Hour, "paper", supervisor.Silent, "It hangs today"))
	before, today, ok := strings.Cut(html, `<section class="period first" id="24h">`)
	if !ok || !strings.Contains(before, `<section class="period" id="7days">`) {
		t.Fatalf("the two periods are not there, or in another order: %s", html)
	}
	_, earlier, _ := strings.Cut(before, `<section class="period" id="7days">`)
	for _, c := range []struct {
		html, want string
		is         bool
	}{
		{today, `<b aria-current="page">24 h</b><a href="#7days">7 days</a>`, true},
		{earlier, `<a href="#24h">24 h</a><b aria-current="page">7 days</b>`, true},
		{today, "It was killed on Saturday", false}, {today, "It hangs today", true},
		{earlier, "It was killed on Saturday", true}, {earlier, "It hangs today", true},
	} {
		if strings.Contains(c.html, c.want) != c.is {
			t.Errorf("%q: want %v in %s", c.want, c.is, c.html)
		}
	}
	if strings.Contains(render(t), "<nav") {
		t.Error("a page of one period has links")
	}
}

func TestAnEmptyPageSaysSo(t *testing.T) {
	if got := textOf(render(t)); !strings.Contains(got, "Nothing was recorded in this time.") || strings.Contains(got, "What") {
		t.Error(got)
	}
	got := textOf(render(t, history.AliveMark(supervisor.Snapshot{Name: "paper", State: supervisor.Connected}, noon)))
	if !strings.Contains(got, "What went wrong Nothing did.") || !strings.Contains(got, "What happened Nothing changed.") {
		t.Error(got)
	}
}

func TestSimulatedGatewaysAreMarked(t *testing.T) {
	drop := state(time.Minute, "demo", supervisor.Zombies, "2 sockets")
	real := render(t, drop)
	drop.Simulated = true
	if got := strings.Count(textOf(render(t, drop)), "simulated"); got != 3 { // the Gateway, the incident, the event
		t.Errorf("%d marks", got)
	}
	if strings.Contains(textOf(real), "simulated") {
		t.Error("a real one is marked")
	}
}

// hostile is a text that does something if it is taken as markup.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>'--></style></table>{{.}}`

// Whatever the log holds, the page has the same tags and attributes, and loads
// nothing from elsewhere.
func TestLogTextIsNeverMarkup(t *testing.T) {
	page := func(text string) string {
		return render(t,
			supervisor.Entry{At: noon.Add(-4 * time.Minute), Gateway: text, Kind: supervisor.EntryKind(text), Text: text},
			supervisor.Entry{At: noon.Add(-3 * time.Minute), Gateway: text, Kind: "state", From: supervisor.State(text),
				To: supervisor.Connected, Text: text},
			supervisor.Entry{At: noon.Add(-2 * time.Minute), Gateway: text, Kind: "state", To: supervisor.State(text),
				Phase: supervisor.Phase(text), Text: text},
			state(time.Minute, text, supervisor.Down, text))
	}
	if diff := cmp.Diff(tags(t, page("harmless")), tags(t, page(hostile))); diff != "" {
		t.Error(diff)
	}
	for _, never := range []string{"<script", "src=", "http:", "https:", "url(", "@import", "<link", "javascript:"} {
		if strings.Contains(page("harmless"), never) {
			t.Errorf("the page has %s", never)
		}
	}
	if !strings.Contains(page("harmless"), `http-equiv="Content-Security-Policy" content="default-src 'none';`) {
		t.Error("the page may load something")
	}
}

// tags are a page's tags with the names of their attributes.
func tags(t *testing.T, html string) (all []string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			name := start.Name.Local
			for _, a := range start.Attr {
				name += " " + a.Name.Local
			}
			all = append(all, name)
		}
	}
}

// A Gateway that changes all day long must not make a page too big for a
// browser.
func TestManyEventsMakeASmallPage(t *testing.T) {
	var entries []supervisor.Entry
	for i := range 40_000 {
		to := []supervisor.State{supervisor.Connected, supervisor.Listening, supervisor.Zombies, supervisor.Down}[i%4]
		entries = append(entries, state(24*time.Hour-time.Duration(i)*2*time.Second, "paper", to, "again"))
	}
	html := render(t, entries...)
	if both := renderPeriods(t, []history.Lookback{day, week}, nil, entries...); len(both) > 2<<20 || len(html) > 1<<20 {
		t.Errorf("the page has %d bytes, and that of two periods %d", len(html), len(both))
	}
	if !strings.Contains(textOf(html), "39500 older events are not listed here") {
		t.Error("the page does not say how many events are left out")
	}
	if strings.Contains(html, `class="bar connected"`) || !strings.Contains(html, `class="bar down"`) {
		t.Error("the worst of what is too short to be seen is not shown")
	}
}

func TestTicksAreAtFullHours(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, berlin)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"a day": {"2026-11-23 12:30", "2026-11-24 12:30",
			"14:00 16:00 18:00 20:00 22:00 Tue 24 02:00 04:00 06:00 08:00 10:00 12:00"},
		"the clocks go on": {"2026-03-28 23:30", "2026-03-29 06:30",
			"Sun 29 00:30 01:00 01:30 03:00 03:30 04:00 04:30 05:00 05:30 06:00 06:30"},
		"the clocks return": {"2026-10-24 23:30", "2026-10-25 05:30", "Sun 25 01:00 02:00 03:00 04:00 05:00"},
		"an hour": {"2026-11-23 12:01", "2026-11-23 13:01",
			"12:05 12:10 12:15 12:20 12:25 12:30 12:35 12:40 12:45 12:50 12:55 13:00"},
		"a month": {"2026-10-24 12:00", "2026-11-23 12:00", "31 Oct 7 Nov 14 Nov 21 Nov"},
		"a week":  {"2026-11-16 12:00", "2026-11-23 12:00", "Tue 17 Wed 18 Thu 19 Fri 20 Sat 21 Sun 22 Mon 23"},
	} {
		p := period{Page: &Page{To: at(c.to), Zone: berlin}, from: at(c.from)}
		var got []string
		for _, tick := range p.ticks() {
			got = append(got, tick.Label)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s: %s, want %s", name, text, c.want)
		}
	}
	// 03:00 comes one hour after 01:00 on that night.
	p := period{Page: &Page{To: at("2026-03-29 11:00"), Zone: berlin}, from: at("2026-03-29 00:00")} // ten hours
	if ticks := p.ticks(); fmt.Sprint(ticks[0].Label, ticks[0].Left, ticks[1].Label, ticks[1].Left) != "01:0010.00003:0020.000" {
		t.Errorf("%+v", ticks)
	}
}
