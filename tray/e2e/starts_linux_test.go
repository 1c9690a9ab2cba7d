package e2e

import (
	"flag"
	"strings"
	"testing"
	"time"

	"gatelight/tray/fakedesktop"
)

var starts = flag.Int("starts", 18, "start the tray so many times and look at its icon")

// The first picture that a panel reads of an icon is the one that some panels
// keep, so it has to be right at once, and to stay.
func TestTheIconIsRightFromTheStart(t *testing.T) {
	b := newHarness(t, quick)
	b.desktop = fakedesktop.Start(t)
	s := newFakeSupervisor(t, b, examples[0].snapshot(0))
	var took []time.Duration
	right := 0
	for n := range *starts {
		c := examples[n%len(examples)]
		s.tell(c.snapshot(2 * n))
		began := time.Now()
		tray, item := b.startTray()
		took = append(took, time.Since(began))
		first, err := item.Icon()
		ok := err == nil && sameIcon(first, c.picture)
		if !ok {
			t.Errorf("start %d: the panel was first given another picture than %s: %v", n, c.picture, err)
		}

		// What is told now comes after everything that the start has painted.
		told := c.snapshot(2*n + 1)
		s.tell(told)
		err = b.desktop.Await(t.Context(), "the menu to say "+told.Why, func() bool {
			if icon, err := item.Icon(); err != nil || !sameIcon(icon, c.picture) {
				ok = false
				t.Errorf("start %d: the icon is not %s any more: %v", n, c.picture, err)
			}
			menu, err := item.Menu()
			return err == nil && strings.Contains(fakedesktop.Text(menu), told.Why)
		})
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			right++
		}
		tray.stop()
		if err := b.desktop.Await(t.Context(), "the panel to drop the icon", func() bool { return b.desktop.Items() == 0 }); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("the right icon at %d of %d starts", right, *starts)
	report(t, "from the start to the icon", took)
}
