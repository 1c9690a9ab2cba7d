//go:build panel

package e2e

import (
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/status"
)

// The buttons of alerts, pressed on a real screen.

// shotsDir is where pictures of the screen are kept.
var shotsDir = flag.String("shots", "", "keep pictures of the screen in this folder")

// keepShot keeps a picture of the screen, if pictures are kept.
func (s panelHarness) keepShot(name string) {
	s.t.Helper()
	if *shotsDir == "" {
		return
	}
	img, err := s.Shot()
	s.must(err)
	f, err := os.Create(filepath.Join(*shotsDir, strings.ReplaceAll(name, "/", "-")+".png"))
	s.must(err)
	s.must(png.Encode(f, img))
	s.must(f.Close())
}

// The process is stopped where it stands: its command server does not answer
// either, so that only a signal ends it.
func TestOnAPanelTheAlertOfAHungGatewayRestartsIt(t *testing.T) {
	t.Parallel() // it waits most of the time
	s := newPanelHarness(t, quick)
	s.start()
	s.startGateway()
	before := s.await("connected", in("connected"))
	s.freezeGateway()
	s.awaitIcon("silent")
	s.awaitMenu("Not responding: paper (simulated)", "Restart")
	s.must(s.AwaitShown(1))
	s.keepShot("silent")
	s.must(s.PressButton("Restart Gateway"))
	watch := s.follow()
	_, after := watch.within(curedBy, "another Gateway", func(g supervisor.Snapshot) bool {
		return g.State == supervisor.Connected && g.Listener.Process.PID != *before.Listener.PID
	})
	s.awaitIcon("connected")
	s.awaitMenu("Connected: paper (simulated)")
	s.awaitNotification("Connected: paper")
	t.Logf("process %d instead of %d", after.Listener.Process.PID, *before.Listener.PID)
}

func TestOnAPanelTheAlertOfALoginThatWaitsStopsIt(t *testing.T) {
	o := quick
	o.LoginResult = simgateway.LoginTooMany
	s := newPanelHarness(t, o)
	s.start()
	s.awaitIcon("down-expected")
	s.choose("Start")
	s.awaitIcon("needs-you")
	s.awaitMenu("Waiting for you: paper (simulated)", "IBKR refuses logins for a while")
	s.must(s.AwaitShown(1))
	s.keepShot("needs-you")
	s.must(s.PressButton("Stop Gateway"))
	s.awaitIcon("down-expected")
	s.await("stopped", func(g status.Gateway) bool { return g.Expected && g.Process.PID == nil && g.Busy == "" })
	s.must(s.AwaitShown(0))
}
