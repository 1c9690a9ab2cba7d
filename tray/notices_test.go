package tray

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gatelight/supervisor"
)

// A paper is a poster that can fail; the test reads what was posted, and with a
// "-" what was taken back.
type paper struct {
	mu     sync.Mutex
	fails  error
	spurns string // a title that it does not take
	posted []string
	came   chan struct{}
}

func (p *paper) post(_ context.Context, a alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spurns == a.Notice.Title && p.spurns != "" {
		return refusal{errors.New("not that one")}
	}
	if p.fails == nil {
		p.posted = append(p.posted, a.Notice.Title)
	}
	return p.fails
}

func (p *paper) withdraw(_ context.Context, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails == nil {
		p.posted = append(p.posted, "-"+key)
	}
	return p.fails
}

func (p *paper) who(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "paper", p.fails
}

func (p *paper) ready() <-chan struct{} { return p.came }
func (p *paper) close()                 {}

func (p *paper) fail(err error) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fails = err
}

func (p *paper) read() string {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.posted, ", ")
}

// announced runs an announcer alone, in simulated time, on a supervisor that
// looks every two seconds, as a real one does.
func announced(t *testing.T, o Options, test func(a *announcer, s *stand, p *paper)) {
	synctest.Test(t, func(t *testing.T) {
		s, p := newStand(now(supervisor.Connected)), &paper{}
		o.Notify, o.Supervisor, o.Log = true, s, slog.New(slog.DiscardHandler)
		a := newAnnouncer(o, time.Time{}, nil, func(context.Context, func(*Program)) {})
		a.open = func(func(Command)) poster { return p }
		ctx, quit := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { a.run(ctx) })
		wg.Go(func() {
			look := time.NewTicker(2 * time.Second)
			defer look.Stop()
			for {
				select {
				case <-look.C:
					s.set(s.Latest().Gateways...)
				case <-ctx.Done():
					return
				}
			}
		})
		synctest.Wait()
		test(a, s, p)
		quit()
		wg.Wait()
		for _, up := range a.up {
			if p.fails == nil && !slices.Contains(p.posted, "-"+up.Key) {
				t.Errorf("in the end %q is left on the screen, where nobody keeps it true", up.Notice.Title)
			}
		}
	})
}

func TestThePauseEndsByItself(t *testing.T) {
	announced(t, Options{}, func(a *announcer, s *stand, p *paper) {
		a.pause(context.Background(), supervisor.Now().Add(30*time.Minute))
		for _, n := range []supervisor.Notice{drop(1, "down"), drop(2, "zombies"), recovery(2, "up"), drop(1, "still down")} {
			s.tell(now(supervisor.Zombies), n)
			time.Sleep(time.Minute) // simulated
		}
		if got := p.read(); got != "" {
			t.Errorf("in the pause it shows %s", got)
		}
		time.Sleep(26*time.Minute + time.Millisecond)
		if got := p.read(); got != "still down" {
			t.Errorf("after the pause it shows %q", got)
		}
		s.tell(now(supervisor.Zombies), drop(3, "next"))
		if got := p.read(); got != "still down, next, -paper/1" { // a Gateway has one incident at a time
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestWhatCouldNotBeShownIsTriedAgainWhileLooksComeAllTheTime(t *testing.T) {
	announced(t, Options{}, func(_ *announcer, s *stand, p *paper) {
		p.fail(errors.New("it hangs"))
		s.tell(now(supervisor.Zombies), drop(1, "zombies"))
		time.Sleep(time.Minute) // simulated
		if got := p.read(); got != "" {
			t.Errorf("it shows %q", got)
		}
		p.fail(nil)
		time.Sleep(again + time.Second)
		if got := p.read(); got != "zombies" {
			t.Errorf("%v after the service has come to itself it shows %q", again, got)
		}
		s.tell(now(supervisor.Zombies), drop(2, "next"))
		if got := p.read(); got != "zombies, next, -paper/1" {
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestAWindowOpensAfterAPauseEvenIfAReminderCameLast(t *testing.T) {
	announced(t, Options{Dialog: true}, func(a *announcer, s *stand, p *paper) {
		var mu sync.Mutex
		var opened []string
		a.windows.show = func(ctx context.Context, n supervisor.Notice) error {
			mu.Lock()
			opened = append(opened, n.Title)
			mu.Unlock()
			<-ctx.Done()
			return nil
		}
		p.fail(errors.New("nobody shows alerts")) // a window is all there is then
		a.pause(context.Background(), supervisor.Now().Add(10*time.Minute))
		s.tell(now(supervisor.Zombies), drop(1, "zombies"))
		reminder := drop(1, "still zombies")
		reminder.Kind = supervisor.NoticeReminder
		time.Sleep(5 * time.Minute) // simulated
		s.tell(now(supervisor.Zombies), reminder)
		time.Sleep(6 * time.Minute)
		reminder.Title = "still"
		s.tell(now(supervisor.Zombies), reminder)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(opened, []string{"still zombies"}) {
			t.Errorf("windows %q, want the one that nobody had seen", opened)
		}
	})
}

func TestWhatWasMissedIsShownInItsOrderAndNothingThatHasBeenOvertaken(t *testing.T) {
	announced(t, Options{}, func(_ *announcer, s *stand, p *paper) {
		p.fail(errors.New("nobody shows alerts"))
		failed := supervisor.Notice{ID: 9, Kind: supervisor.NoticeFailed, Title: "failed", Urgent: true}
		for _, step := range []struct {
			state supervisor.State
			n     supervisor.Notice
		}{
			{supervisor.Zombies, failed},
			{supervisor.Down, drop(1, "down")},
			{supervisor.Connected, recovery(1, "up")},
			{supervisor.Down, drop(2, "down again")},
		} {
			s.tell(now(step.state), step.n)
			time.Sleep(3 * again) // simulated
		}
		p.fail(nil)
		time.Sleep(again)
		if got := p.read(); got != "failed, down again" {
			t.Errorf("it shows %q", got)
		}
	})
}

func TestAnAlertThatIsNotTakenKeepsNoOthers(t *testing.T) {
	announced(t, Options{}, func(a *announcer, s *stand, p *paper) {
		p.spurns = "odd"
		s.tell(now(supervisor.Down), supervisor.Notice{ID: 1, Kind: supervisor.NoticeFailed, Title: "odd", Urgent: true})
		s.tell(now(supervisor.Down), drop(2, "down"))
		if got := p.read(); got != "down" { // at once
			t.Errorf("it shows %q", got)
		}
		if a.said[1] != `not that one: "odd" was not shown` {
			t.Errorf("the menu says %q", a.said[1])
		}
	})
}

// A red alert may stay on the screen for as long as nobody waves it away.
func TestTheScreenSaysNothingThatHasBecomeUntrue(t *testing.T) {
	announced(t, Options{}, func(a *announcer, s *stand, p *paper) {
		s.tell(now(supervisor.Down), drop(1, "down"))
		onPurpose := now(supervisor.Down)
		onPurpose.Expected = true
		s.set(onPurpose)
		if got := p.read(); got != "down, -paper/1" {
			t.Errorf("when it was stopped on purpose: %q", got)
		}
		s.tell(now(supervisor.Down), drop(2, "down again"))
		reminder := drop(2, "still down")
		reminder.Kind = supervisor.NoticeReminder
		synctest.Wait()
		a.pause(context.Background(), supervisor.Now().Add(time.Hour))
		s.tell(now(supervisor.Down), reminder)
		time.Sleep(time.Minute) // simulated
		if got := p.read(); got != "down, -paper/1, down again" {
			t.Errorf("in a pause, while it still holds: %q", got)
		}
		p.fail(errors.New("it hangs"))
		s.tell(now(supervisor.Connected), recovery(2, "up"))
		time.Sleep(time.Minute)
		p.fail(nil)
		time.Sleep(2 * again)
		if got := p.read(); got != "down, -paper/1, down again, -paper/2" {
			t.Errorf("in a pause, when it is up again: %q", got)
		}
		a.pause(context.Background(), time.Time{})
		if got := p.read(); got != "down, -paper/1, down again, -paper/2, up" {
			t.Errorf("after the pause: %q", got)
		}
	})
}
