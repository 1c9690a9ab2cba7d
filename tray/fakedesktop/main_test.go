//go:build linux

package fakedesktop

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"fyne.io/systray"

	"gatelight/supervisor/testkit"
)

// childMark makes the test binary a tray app: the library is global, and one
// process has one tray.
const childMark = "FAKEDESKTOP_TEST_APP"

func TestMain(m *testing.M) {
	if os.Getenv(childMark) != "" {
		runApp()
		return
	}
	os.Exit(m.Run())
}

var (
	green = color.NRGBA{R: 0x20, G: 0xc0, B: 0x40, A: 0xff}
	red   = color.NRGBA{R: 0xe0, G: 0x10, B: 0x30, A: 0xff}
)

func disc(c color.Color) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 32, 24))
	draw.Draw(img, image.Rect(1, 1, 31, 23), image.NewUniform(c), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// runApp is a small tray app that does what its standard input says, a command
// a line, and writes its clicks to standard output.
func runApp() {
	look := func() {
		systray.SetTitle("Lamp")
		systray.SetIcon(disc(green))
		systray.SetTooltip("all is well")
	}
	look() // before Run too, or a start now and then has no icon
	systray.Run(func() {
		look()
		go newMenu().obey(os.Stdin)
	}, func() {})
}

type appMenu struct {
	state, stop, hidden *systray.MenuItem
	clicks              chan string
}

func newMenu() *appMenu {
	m := &appMenu{clicks: make(chan string)}
	m.state = m.add(systray.AddMenuItem("Ready", ""), "state")
	m.state.Disable()
	systray.AddSeparator()
	m.stop = m.add(systray.AddMenuItem("Stop the __lamp", ""), "stop")
	m.add(systray.AddMenuItemCheckbox("_Dim", "", true), "dim")
	more := m.add(systray.AddMenuItem("More", ""), "more")
	m.add(more.AddSubMenuItem("Restart", ""), "restart")
	m.hidden = m.add(systray.AddMenuItem("Secret", ""), "secret")
	m.hidden.Hide()
	return m
}

// add names the clicks of an entry until it is removed.
func (m *appMenu) add(item *systray.MenuItem, name string) *systray.MenuItem {
	// The library drops a click that finds nobody receiving at that moment.
	// Its channel may be replaced with one that has room.
	item.ClickedCh = make(chan struct{}, 1)
	go func() {
		for range item.ClickedCh {
			m.clicks <- name
		}
	}()
	return item
}

func (m *appMenu) obey(commands io.Reader) {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(commands); s.Scan(); {
			lines <- s.Text()
		}
	}()
	for {
		select {
		case name := <-m.clicks:
			fmt.Println("clicked", name)
		case line, ok := <-lines:
			if !ok {
				systray.Quit()
				return
			}
			m.do(line)
		}
	}
}

func (m *appMenu) do(command string) {
	verb, rest, _ := strings.Cut(command, " ")
	switch verb {
	case "tooltip":
		systray.SetTooltip(rest)
	case "state":
		m.state.SetTitle(rest)
	case "red":
		systray.SetIcon(disc(red))
	case "show":
		m.hidden.Show()
	case "rebuild":
		systray.ResetMenu()
		*m = *newMenu()
	}
	fmt.Println("did", command)
}

// An app is the tray app, running.
type app struct {
	t     *testing.T
	in    io.WriteCloser
	lines chan string
}

func startApp(t *testing.T, d *Desktop) *app {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	// A program built for the race detector sleeps a second when it ends.
	cmd.Env = append(append(os.Environ(), childMark+"=1", "GORACE=atexit_sleep_ms=0"), d.Env()...)
	cmd.Stderr = t.Output()
	in, out := testkit.StartWithPipes(t, cmd)
	a := &app{t: t, in: in, lines: make(chan string, 100)}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for s := bufio.NewScanner(out); s.Scan(); {
			a.lines <- s.Text()
		}
	}()
	t.Cleanup(func() {
		in.Close()
		<-read
		cmd.Wait() // with a dead bus it panics on its way out
	})
	return a
}

// tell returns when the command has been obeyed.
func (a *app) tell(command string) {
	a.t.Helper()
	fmt.Fprintln(a.in, command)
	a.expect("did " + command)
}

func (a *app) expect(want string) {
	a.t.Helper()
	select {
	case got := <-a.lines:
		if got != want {
			a.t.Fatalf("the app says %q, want %q", got, want)
		}
	case <-time.After(patience):
		a.t.Fatalf("the app does not say %q", want)
	}
}
