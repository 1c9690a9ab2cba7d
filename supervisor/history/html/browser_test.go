//go:build browser

package html

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
	"gatelight/supervisor/testkit"
)

// These tests show pages in a real Chromium. .ci/timeline runs them, and says where
// Chromium and axe, the checker of accessibility, are. Pictures of what was checked
// are written to the folder of GATELIGHT_TEST_PICTURES.

// A browser is a Chromium without a window, with one page. It takes commands of the
// DevTools protocol through a pipe, one JSON object each, ended by a zero byte.
type browser struct {
	t       *testing.T
	out     *os.File
	answers *bufio.Reader
	session string
	lastID  int
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	fromUs, toBrowser, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	fromBrowser, toUs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// The page is our own, so that it needs no sandbox, which root cannot have.
	cmd := exec.Command(os.Getenv("GATELIGHT_TEST_CHROMIUM"), "--headless=new", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{fromUs, toUs} // they are the descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	fromUs.Close()
	toUs.Close()
	watchdog := time.AfterFunc(3*testkit.Patience, func() { _ = cmd.Process.Kill() })
	b := &browser{t: t, out: toBrowser, answers: bufio.NewReaderSize(fromBrowser, 1<<20)}
	t.Cleanup(func() {
		b.session = ""
		b.do("Browser.close", nil, nil)
		_ = cmd.Wait()
		watchdog.Stop()
		toBrowser.Close()
		fromBrowser.Close()
	})
	var target struct{ TargetID string }
	b.do("Target.createTarget", params{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.do("Target.attachToTarget", params{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	b.do("Page.enable", nil, nil)
	return b
}

type params map[string]any

// A message is an answer to a command, or an event.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
}

func (b *browser) read() message {
	b.t.Helper()
	text, err := b.answers.ReadBytes(0)
	if err != nil {
		b.t.Fatalf("Chromium has gone: %v", err)
	}
	var m message
	if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// do carries out a command, and takes its result.
func (b *browser) do(method string, p params, result any) {
	b.t.Helper()
	b.lastID++
	command := params{"id": b.lastID, "method": method}
	if p != nil {
		command["params"] = p
	}
	if b.session != "" {
		command["sessionId"] = b.session
	}
	text, err := json.Marshal(command)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.out.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	for {
		m := b.read()
		switch {
		case m.ID != b.lastID: // an event
		case m.Error != nil:
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		case result == nil:
			return
		default:
			if err := json.Unmarshal(m.Result, result); err != nil {
				b.t.Fatal(err)
			}
			return
		}
	}
}

// open opens a file, at a place in it, and waits until it is shown.
func (b *browser) open(path, place string) {
	b.t.Helper()
	b.do("Page.navigate", params{"url": "about:blank"}, nil)
	b.do("Page.navigate", params{"url": (&url.URL{Scheme: "file", Path: path, Fragment: place}).String()}, nil)
	b.eval(`new Promise(done => { const look = () => document.readyState == 'complete' && location.protocol == 'file:' ? done(true) : requestAnimationFrame(look); look() })`, nil)
}

// as sets how wide the page is, and its colours.
func (b *browser) as(width int, scheme string) {
	b.t.Helper()
	b.do("Emulation.setDeviceMetricsOverride", params{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 700}, nil)
	b.do("Emulation.setEmulatedMedia", params{"features": []params{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// eval takes the value of an expression of JavaScript, and waits for it if it is
// a promise.
func (b *browser) eval(expression string, value any) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.do("Runtime.evaluate", params{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if e := r.ExceptionDetails; e != nil {
		b.t.Fatalf("%s %s", e.Text, e.Exception.Description)
	}
	if value == nil {
		return
	}
	if err := json.Unmarshal(r.Result.Value, value); err != nil {
		b.t.Fatalf("%s: %v in %s", expression, err, r.Result.Value)
	}
}

func (b *browser) key(name string) {
	b.t.Helper()
	codes := map[string]int{"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowLeft": 37}
	p := params{"type": "keyDown", "key": name, "code": name, "windowsVirtualKeyCode": codes[name]}
	if name == "Enter" {
		p["text"] = "\r"
	}
	b.do("Input.dispatchKeyEvent", p, nil)
	b.do("Input.dispatchKeyEvent", params{"type": "keyUp", "key": name, "code": name, "windowsVirtualKeyCode": codes[name]}, nil)
}

// picture writes a picture of the whole page.
func (b *browser) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("GATELIGHT_TEST_PICTURES")
	if folder == "" {
		return
	}
	var shot struct{ Data string }
	b.do("Page.captureScreenshot", params{"format": "png", "captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// A week of three Gateways, with what a page can show.
func weekOfEvents() (all []supervisor.Entry) {
	add := func(before time.Duration, gateway string, to supervisor.State, phase supervisor.Phase, expected bool, why string) {
		all = append(all, supervisor.Entry{At: noon.Add(-before), Gateway: gateway, Kind: supervisor.EntryState, To: to, Phase: phase,
			Expected: expected, Text: why, Simulated: gateway == "demo"})
	}
	const d, h, m, s = 24 * time.Hour, time.Hour, time.Minute, time.Second
	up := func(before time.Duration, gateway string) {
		add(before, gateway, supervisor.Connected, "", false, "The API answers; 2 clients connected")
	}
	for _, gateway := range []string{"live", "paper"} {
		all = append(all, history.BeginMark(supervisor.Snapshot{Name: gateway, State: supervisor.Unknown}, noon.Add(-6*d), "v1"))
		up(6*d-2*s, gateway)
		for night := range 6 { // it restarts at a quarter to midnight
			at := time.Duration(6-night)*d - 11*h - 45*m
			add(at, gateway, supervisor.Starting, supervisor.Restarting, true, "Restarting without a new login")
			up(at-70*s, gateway)
		}
	}
	down := "It ended at 03:12:07: it was killed by SIGKILL, as the kernel does when memory is short"
	add(3*d, "live", supervisor.Down, "", false, down)
	add(3*d-2*m, "live", supervisor.Starting, supervisor.TwoFactor, true, "Approve the login in IBKR Mobile; it has waited since 12:02:00")
	up(3*d-20*m, "live")
	add(10*h, "live", supervisor.CutOff, "", true, "The API answers, but the Gateway has lost IBKR's servers (1100). It usually comes back by itself")
	up(10*h-4*m, "live")
	all = append(all, supervisor.Entry{At: noon.Add(-9*h - time.Second), Gateway: "live", Kind: supervisor.EntryExit, Text: "it was killed by SIGKILL"})
	add(9*h, "live", supervisor.Down, "", false, down)
	add(9*h-30*s, "live", supervisor.Starting, supervisor.Login, true, "IBC is logging in")
	add(9*h-2*m, "live", supervisor.Starting, supervisor.NeedsYou, false, "IBKR refused the password")
	up(8*h, "live")
	add(5*h, "live", supervisor.CutOff, "", false, "The API answers, but the Gateway has lost IBKR's servers (1100). It usually comes back by itself")
	up(4*h+30*m, "live")
	add(40*m, "live", supervisor.Silent, "", false, "Port 4001 is open, and the API has not answered since 11:19:51. A restart usually helps")

	add(20*h, "paper", supervisor.Zombies, "", false, "3 sockets stuck in CLOSE_WAIT; our own session is still answered, new ones may not be")
	up(19*h, "paper")
	all = append(all, history.EndMark(supervisor.Snapshot{Name: "paper", State: supervisor.Connected}, noon.Add(-16*h)))
	all = append(all, history.BeginMark(supervisor.Snapshot{Name: "paper", State: supervisor.Unknown}, noon.Add(-14*h), "v1"))
	up(14*h-2*s, "paper")
	add(7*h, "paper", supervisor.Down, "", true, "Stopped on purpose at 05:00:00")
	add(5*h, "paper", supervisor.Starting, supervisor.Launching, true, "IBC is launching the Gateway")
	add(5*h-m, "paper", supervisor.Listening, "", true, "Port 4002 is open; waiting for the API to answer")
	up(5*h-2*m, "paper")
	add(3*h, "paper", supervisor.Zombies, "", false, "5 sockets stuck in CLOSE_WAIT; the API has not answered for 5 s")
	all[len(all)-1].Blocking = true
	up(2*h, "paper")

	add(6*h, "demo", supervisor.Down, "", true, "Nobody listens on port 4003")
	add(4*h, "demo", supervisor.Starting, supervisor.Login, true, "IBC is logging in")
	up(3*h+50*m, "demo")
	add(50*m, "demo", supervisor.Unknown, "", false, "The port cannot be seen: the socket table of this machine cannot be read")
	for _, gateway := range []string{"live", "paper", "demo"} { // somebody watches all the time
		for at := 6 * d; at >= 0; at -= history.MarkInterval {
			if gateway == "demo" && at > 6*h || gateway == "paper" && at < 16*h && at > 14*h {
				continue
			}
			all = append(all, supervisor.Entry{At: noon.Add(-at), Gateway: gateway, Kind: supervisor.EntryNotice})
		}
	}
	slices.SortStableFunc(all, func(a, b supervisor.Entry) int { return a.At.Compare(b.At) })
	// A notice is listed, and an alive mark is not: it has the state that holds.
	last := map[string]supervisor.Snapshot{}
	for i, e := range all {
		switch {
		case e.Kind == supervisor.EntryState:
			last[e.Gateway] = supervisor.Snapshot{Name: e.Gateway, State: e.To, Phase: e.Phase, Blocking: e.Blocking,
				Expected: e.Expected && e.To == supervisor.Down, Since: e.At, Simulated: e.Simulated}
		case e.Kind == supervisor.EntryNotice:
			if g, ok := last[e.Gateway]; ok {
				all[i] = history.AliveMark(g, e.At)
			}
		}
	}
	return slices.DeleteFunc(all, func(e supervisor.Entry) bool { return e.Kind == supervisor.EntryNotice })
}

// violations are what axe finds wrong with what the page shows: by the rules of WCAG
// and by those of good practice. Those of the level AAA are left out.
func (b *browser) violations(axe string) (all []string) {
	b.t.Helper()
	b.eval(axe+";0", nil)
	b.eval(`axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}).then(r => {
		if (r.passes.length < 10) throw 'axe has checked nearly nothing'
		return r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 200) + ' ' + n.failureSummary))
	})`, &all)
	return all
}

func TestInABrowserThePageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("GATELIGHT_TEST_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	pages := map[string]string{
		"events": renderPeriods(t, []history.Lookback{day, week}, []string{"live", "paper"}, weekOfEvents()...),
		"empty":  renderPeriods(t, []history.Lookback{day}, nil),
	}
	b := newBrowser(t)
	for name, html := range pages {
		path := filepath.Join(files, name+".html")
		if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, place := range []string{"", "7days"} {
			if place != "" && !strings.Contains(html, `id="`+place+`"`) {
				continue
			}
			for _, width := range []int{375, 1280} {
				for _, scheme := range []string{"light", "dark"} {
					t.Run(fmt.Sprint(name, place, "-", width, "-", scheme), func(t *testing.T) {
						b.t = t
						defer func(outer *testing.T) { b.t = outer }(t)
						b.as(width, scheme)
						b.open(path, place)
						for _, v := range b.violations(string(axe)) {
							t.Error(v)
						}
						var scrolls struct{ Page, Lists int }
						b.eval(`({page: document.documentElement.scrollWidth,
							lists: [...document.querySelectorAll('.list')].filter(l => l.scrollWidth > l.clientWidth).length})`, &scrolls)
						if scrolls.Page > width || scrolls.Lists > 0 {
							t.Errorf("it is %d px wide, and %d lists are too wide", scrolls.Page, scrolls.Lists)
						}
						b.picture(strings.ReplaceAll(t.Name()[strings.Index(t.Name(), "/")+1:], "/", "-"))
					})
				}
			}
		}
	}
	b.t = t
}

// visible reports whether a person sees the element on a phone, and nothing on top of
// it.
const visible = `const visible = e => {
	e.scrollIntoView({block: 'center'})
	const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2
	const top = document.elementFromPoint(x, y)
	return r.width > 0 && r.left >= 0 && r.right <= 375 && (top == e || e.contains(top))
}; `

func TestInABrowserWhatHappenedIsReadOnAPhone(t *testing.T) {
	b := newBrowser(t)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(renderPeriods(t, []history.Lookback{day, week}, nil, weekOfEvents()...)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.as(375, "light")
	b.open(path, "")
	var hidden []string
	b.eval(`(() => { `+visible+` return [...document.querySelectorAll('.first td.w, .first td.w b, .first td.t')].filter(e => !visible(e)).map(e => e.textContent) })()`, &hidden)
	if len(hidden) > 0 {
		t.Errorf("nobody sees %q", hidden)
	}
	var shown string
	b.eval(`document.querySelector('main').innerText`, &shown)
	if !strings.Contains(shown, "IBKR refused the password") {
		t.Error(shown)
	}
}

func TestInABrowserTheKeyboardReachesEveryBarAndPeriod(t *testing.T) {
	b := newBrowser(t)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(renderPeriods(t, []history.Lookback{day, week}, []string{"live", "paper"}, weekOfEvents()...)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.as(1280, "light")
	b.open(path, "")
	period := func() (shown string) {
		b.eval(`[...document.querySelectorAll('.period')].filter(p => p.offsetHeight > 0).map(p => p.id + ' ' + p.querySelector('[aria-current]').textContent).join()`, &shown)
		return shown
	}
	// tip is the text beside the bar that has the focus, if it is seen.
	tip := func() (shown string) {
		b.eval(`(() => { const tip = document.activeElement.parentElement.querySelector('.tip')
			return tip && getComputedStyle(tip).clipPath == 'none' ? tip.innerText : '' })()`, &shown)
		return shown
	}
	if got := period(); got != "24h 24 h" {
		t.Errorf("at first it shows %s", got)
	}
	b.key("Tab")
	b.key("Tab")
	if got := tip(); !strings.HasPrefix(got, "connected, ") {
		t.Errorf("the first bar says %q", got)
	}
	b.key("ArrowRight")
	if got := tip(); !strings.HasPrefix(got, "restarting, planned, 1 min\n") || !strings.Contains(got, "Restarting without a new login") {
		t.Errorf("the second bar says %q", got)
	}
	b.picture("tip")
	b.key("Tab")
	if got := tip(); !strings.HasPrefix(got, "connected, ") || strings.Contains(got, "planned") {
		t.Errorf("the first bar of the next Gateway says %q", got)
	}
	b.open(path, "")
	b.key("Tab")
	b.key("Enter")
	if got := period(); got != "7days 7 days" {
		t.Errorf("after the link to the week it shows %s", got)
	}
	b.key("Tab")
	b.key("Enter")
	if got := period(); got != "24h 24 h" {
		t.Errorf("after the link to the day it shows %s", got)
	}

	// A bar says the same to the mouse, and to a screen reader.
	var box struct{ X, Y float64 }
	b.eval(`(() => { const r = document.querySelector('.first .silent').getBoundingClientRect(); return {x: r.left + 2, y: r.top + 2} })()`, &box)
	b.do("Input.dispatchMouseEvent", params{"type": "mouseMoved", "x": box.X, "y": box.Y}, nil)
	var over string
	b.eval(`[...document.querySelectorAll('.tip')].filter(t => getComputedStyle(t).clipPath == 'none').map(t => t.innerText).join()`, &over)
	if !strings.HasPrefix(over, "not responding, 40 min\n11:20:00 – 12:00:00\nPort 4001 is open") {
		t.Errorf("under the mouse it says %q", over)
	}
	var tree struct {
		Nodes []struct {
			Role, Name struct{ Value any }
		}
	}
	b.do("Accessibility.getFullAXTree", nil, &tree)
	read := map[string]bool{}
	for _, n := range tree.Nodes {
		read[fmt.Sprint(n.Role.Value, " ", n.Name.Value)] = true
	}
	if !read["radio "+strings.Join(strings.Fields(over), " ")] {
		t.Errorf("a screen reader does not read %q: %v", over, read)
	}
}

// What is printed is the period that was shown, with its colours and without what
// paper cannot do.
func TestInABrowserThePeriodThatIsShownIsPrinted(t *testing.T) {
	b := newBrowser(t)
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(renderPeriods(t, []history.Lookback{day, week}, nil, weekOfEvents()...)), 0o600); err != nil {
		t.Fatal(err)
	}
	b.as(1000, "dark")
	b.open(path, "7days")
	b.do("Emulation.setEmulatedMedia", params{"media": "print", "features": []params{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
	var got struct {
		Periods, Links, Tips int
		Paper                string
	}
	b.eval(`(() => { const seen = q => [...document.querySelectorAll(q)].filter(e => e.getClientRects().length > 0).length
		return {periods: seen('.period'), links: seen('nav a'), tips: seen('.tip'), paper: getComputedStyle(document.body).backgroundColor} })()`, &got)
	if got.Periods != 1 || got.Links != 0 || got.Tips != 0 || got.Paper != "rgb(255, 255, 255)" {
		t.Errorf("%+v", got)
	}
	b.picture("print")
}
