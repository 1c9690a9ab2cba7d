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

// A paper is a poster that can fail; the test reads what was posted.
type paper struct {
	mu     sync.Mutex
	fails  error
	posted []string
	came   chan struct{}
}

func (p *paper) post(_ context.Context, a alert) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails == nil {
		p.posted = append(p.posted, a.Notice.Title)
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
		a := newAnnouncer(o, time.Time{}, nil, func(context.Context, func(*Desk)) {})
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
	})
}

func TestThePauseEndsByItself(t *testing.T) {
	announced(t, Options{}, func(a *announcer, s *stand, p *paper) {
		a.pause(context.Background(), wall().Add(30*time.Minute))
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
		if got := p.read(); got != "still down, next" {
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
		if got := p.read(); got != "zombies, next" {
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
		a.pause(context.Background(), wall().Add(10*time.Minute))
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
