//go:build panel

package e2e

import (
	"image"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/tray/fakedesktop"
	"gatelight/tray/panel"
)

// The menu on several panels. Each of them has a client of its own for menus: that of
// XFCE is libdbusmenu, that of MATE is its own in GTK, and that of LXQt is Qt's.

// onEveryPanel runs a test on all panels, beside each other.
func onEveryPanel(t *testing.T, test func(*testing.T, panel.Kind)) {
	for name, kind := range map[string]panel.Kind{"XFCE": panel.XFCE, "LXQt": panel.LXQt, "MATE": panel.MATE} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, kind)
		})
	}
}

// Whatever happens while somebody has the menu open, it stays open, says what is true,
// and no entry moves.
func TestOnAPanelAnOpenMenuStaysOpenAndRight(t *testing.T) {
	t.Parallel()
	onEveryPanel(t, func(t *testing.T, kind panel.Kind) {
		s := newPanelHarnessOf(t, kind, quick)
		s.start()
		s.startGateway()
		_, err := s.CloseNotifications()
		s.must(err)
		pid := *s.await("connected", in("connected")).Listener.PID
		where, before := s.openMenu()
		s.must(syscall.Kill(pid, syscall.SIGKILL))
		opened, err := s.Menu()
		s.must(err)
		s.awaitMenu("Down: paper (simulated)") // the panel paints another ground behind the icon of an open menu
		<-time.After(10 * time.Second)         // as long as a person reads
		after, err := s.Shot()
		s.must(err)
		s.keepShot("open-" + t.Name())
		if panel.Alike(headlineAt(before, where), headlineAt(after, where)) {
			t.Error("the words on the screen have not changed")
		}
		// The first word of the last entry, and the corner of the menu below it.
		last := image.Rect(where.Min.X, where.Max.Y-18, where.Min.X+56, where.Max.Y)
		if moved := panel.Difference(before, after, last); !moved.Empty() {
			t.Errorf("the menu was closed, or has moved: %v of %v is another", moved, last)
		}
		now, err := s.Menu()
		s.must(err)
		for i := range opened {
			if opened[i].Visible != now[i].Visible || opened[i].ID != now[i].ID {
				t.Errorf("the entry %q has become %q", opened[i].Label, now[i].Label)
			}
		}
		if stop := slices.IndexFunc(now, func(e fakedesktop.Entry) bool { return strings.HasPrefix(e.Label, "Stop") && e.Visible }); stop < 0 || now[stop].Enabled {
			t.Errorf("what cannot be done any more is not greyed out:\n%s", fakedesktop.Text(now))
		}
		s.must(s.CloseMenu())
		s.awaitMenu("Start") // which was not there while the menu was open
		again, anew := s.openMenu()
		if !panel.Alike(headlineAt(after, where), headlineAt(anew, again)) {
			t.Error("the open menu said something else than the one that was opened after it")
		}
		s.must(s.CloseMenu())
		s.choose("Start")
		s.awaitIcon("connected")
	})
}

// headlineAt is the beginning of the menu's first line. LXQt makes an open menu
// narrower when its lines get shorter; this part stays where it is.
func headlineAt(shot *image.RGBA, menu image.Rectangle) *image.RGBA {
	menu.Max.X = menu.Min.X + 280
	return panel.FirstLine(shot, menu)
}

// openMenu opens the menu, takes the pointer off it, and returns where the menu is and
// what the screen shows then.
func (s panelHarness) openMenu() (where image.Rectangle, shot *image.RGBA) {
	s.t.Helper()
	where, err := s.OpenMenu()
	s.must(err)
	s.must(s.Park())
	shot, err = s.Shot()
	s.must(err)
	return where, shot
}

// A change may come at any moment of the menu's opening: the panel asks several
// questions then.
func TestOnAPanelAMenuThatOpensDuringAChangeIsRight(t *testing.T) {
	t.Parallel()
	onEveryPanel(t, func(t *testing.T, kind panel.Kind) {
		s := newPanelHarnessOf(t, kind, quick)
		f := newFakeSupervisor(t, s.harness, examples[0].snapshot(0))
		s.start()
		s.awaitIcon("connected")
		down := example{picture: "down", state: supervisor.Down}
		for i := range 6 {
			f.tell(examples[0].snapshot(2 * i))
			s.awaitIcon("connected")
			next := down.snapshot(2*i + 1)
			told := time.AfterFunc(time.Duration(i)*40*time.Millisecond, func() { f.tell(next) })
			where, _ := s.openMenu()
			told.Stop()
			f.tell(next)
			s.awaitMenu(next.Why)
			<-time.After(500 * time.Millisecond) // for what a panel asks once more
			shot, err := s.Shot()
			s.must(err)
			s.must(s.CloseMenu())
			s.awaitIcon("down")
			again, anew := s.openMenu()
			if !panel.Alike(headlineAt(shot, where), headlineAt(anew, again)) {
				t.Errorf("opening %d: the menu was closed, or its first line is another than when it was opened again", i)
				s.keepShot("opening-" + t.Name())
			}
			s.must(s.CloseMenu())
		}
	})
}

// LXQt and MATE send a left click to the program, which tells the state then.
func TestOnAPanelALeftClickTellsTheState(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]panel.Kind{"LXQt": panel.LXQt, "MATE": panel.MATE} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newPanelHarnessOf(t, kind, quick)
			s.start()
			s.awaitIcon("down-expected")
			s.must(s.ClickIcon())
			s.awaitNotification("Not running: paper (simulated)")
			s.must(s.Park())
			s.startGateway()
			s.must(s.ClickIcon())
			if n := s.awaitNotification("Connected: paper (simulated)"); n.Urgent || !strings.Contains(n.Body, "The API answers") {
				t.Errorf("it told %+v", n)
			}
		})
	}
}

func TestOnAPanelTheLightComesBackWithThePanel(t *testing.T) {
	t.Parallel()
	onEveryPanel(t, func(t *testing.T, kind panel.Kind) {
		s := newPanelHarnessOf(t, kind, quick)
		s.start()
		s.startGateway()
		for range 3 {
			s.StopPanel()
			s.must(s.StartPanel())
			s.awaitIcon("connected")
		}
		s.StopDunst()
		g := s.await("connected", in("connected"))
		s.must(s.StartDunst())
		s.must(syscall.Kill(*g.Listener.PID, syscall.SIGKILL))
		s.awaitIcon("down")
		s.awaitNotification("Down: paper")
	})
}
