package alerts

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
	"gatelight/tray/fakesupervisor"
)

// failures are what the backends of these tests have in common: they can fail.
type failures struct {
	mu  sync.Mutex
	err error
}

func (f *failures) name(context.Context) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "fake", f.err
}

func (f *failures) ready() <-chan struct{} { return nil }
func (f *failures) close()                 {}

func (f *failures) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// A fakeBackend remembers the titles of what was shown, and with a
// "-" the keys of what was withdrawn.
type fakeBackend struct {
	failures
	rejects string // a title that it rejects
	calls   []string
}

func (b *fakeBackend) show(_ context.Context, a alert) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rejects == a.Notice.Title && b.rejects != "" {
		return rejected{errors.New("not that one")}
	}
	if b.err == nil {
		b.calls = append(b.calls, a.Notice.Title)
	}
	return b.err
}

func (b *fakeBackend) withdraw(_ context.Context, key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.calls = append(b.calls, "-"+key)
	}
	return b.err
}

func (b *fakeBackend) fail(err error) {
	synctest.Wait()
	b.failures.fail(err)
}

// shown is what was shown and withdrawn so far, in order.
func (b *fakeBackend) shown() string {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.calls, ", ")
}

// newTestPresenter is a presenter with a given backend.
func newTestPresenter(s supervisor.Supervisor, b backend, o Options) *Presenter {
	o.Supervisor, o.Log = s, slog.New(slog.DiscardHandler)
	o.Changed = func(context.Context, State) {}
	p := New(o)
	p.open = func(func(Press)) backend { return b }
	return p
}

// withPresenter runs a presenter in simulated time, on a supervisor that looks
// every two seconds, as a real one does.
func withPresenter(t *testing.T, o Options, test func(p *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend)) {
	synctest.Test(t, func(t *testing.T) {
		s, b := fakesupervisor.New(now(supervisor.Connected)), &fakeBackend{}
		p := newTestPresenter(s, b, o)
		ctx, quit := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		wg.Go(func() {
			look := time.NewTicker(2 * time.Second)
			defer look.Stop()
			for {
				select {
				case <-look.C:
					s.Repeat()
				case <-ctx.Done():
					return
				}
			}
		})
		synctest.Wait()
		test(p, s, b)
		quit()
		wg.Wait()
		for _, left := range p.queue.onScreen {
			if b.err == nil && !slices.Contains(b.calls, "-"+left.Key) {
				t.Errorf("at the end %q is left on the screen, where nobody keeps it true", left.Notice.Title)
			}
		}
	})
}

func TestThePauseEndsByItself(t *testing.T) {
	withPresenter(t, Options{}, func(p *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		p.Pause(context.Background(), supervisor.Now().Add(30*time.Minute))
		for _, n := range []supervisor.Notice{drop(1, "down"), drop(2, "zombies"), recovery(2, "up"), drop(1, "still down")} {
			s.Tell(now(supervisor.Zombies), n)
			time.Sleep(time.Minute) // simulated
		}
		if got := b.shown(); got != "" {
			t.Errorf("in the pause it shows %s", got)
		}
		time.Sleep(26*time.Minute + time.Millisecond)
		if got := b.shown(); got != "still down" {
			t.Errorf("after the pause it shows %q", got)
		}
		s.Tell(now(supervisor.Zombies), drop(3, "next"))
		if got := b.shown(); got != "still down, next, -paper/1" { // a Gateway has one incident at a time
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestWhatCouldNotBeShownIsTriedAgainWhileLooksComeAllTheTime(t *testing.T) {
	withPresenter(t, Options{}, func(_ *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		b.fail(errors.New("it hangs"))
		s.Tell(now(supervisor.Zombies), drop(1, "zombies"))
		time.Sleep(time.Minute) // simulated
		if got := b.shown(); got != "" {
			t.Errorf("it shows %q", got)
		}
		b.fail(nil)
		time.Sleep(defaultRetryEvery + time.Second)
		if got := b.shown(); got != "zombies" {
			t.Errorf("%v after the service has recovered it shows %q", defaultRetryEvery, got)
		}
		s.Tell(now(supervisor.Zombies), drop(2, "next"))
		if got := b.shown(); got != "zombies, next, -paper/1" {
			t.Errorf("then it shows %q", got)
		}
	})
}

func TestAWindowSaysWhenAndHasTheAction(t *testing.T) {
	presses := make(chan Press, 1)
	o := Options{Dialog: true, Pressed: func(p Press) { presses <- p }}
	withPresenter(t, o, func(p *Presenter, s *fakesupervisor.Supervisor, _ *fakeBackend) {
		p.dialogs.show = func(_ context.Context, n supervisor.Notice, button string) (bool, error) {
			if want := "At " + n.At.Format(time.TimeOnly) + ". Because."; n.Body != want || button != "Start Gateway" {
				t.Errorf("the window says %q, with %q; want %q", n.Body, button, want)
			}
			return true, nil
		}
		n := drop(1, "down")
		n.At = supervisor.Now()
		s.Tell(now(supervisor.Down), n)
		if got, want := <-presses, (Press{Gateway: "paper", Action: supervisor.Start}); got != want {
			t.Errorf("%+v was pressed, want %+v", got, want)
		}
	})
}

func TestAWindowOpensAfterAPauseEvenIfAReminderCameLast(t *testing.T) {
	withPresenter(t, Options{Dialog: true}, func(p *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		var mu sync.Mutex
		var opened []string
		p.dialogs.show = func(ctx context.Context, n supervisor.Notice, _ string) (bool, error) {
			mu.Lock()
			opened = append(opened, n.Title)
			mu.Unlock()
			<-ctx.Done()
			return false, nil
		}
		b.fail(errors.New("nobody shows alerts")) // a window is all there is then
		p.Pause(context.Background(), supervisor.Now().Add(10*time.Minute))
		s.Tell(now(supervisor.Zombies), drop(1, "zombies"))
		reminder := drop(1, "still zombies")
		reminder.Kind = supervisor.NoticeReminder
		time.Sleep(5 * time.Minute) // simulated
		s.Tell(now(supervisor.Zombies), reminder)
		time.Sleep(6 * time.Minute)
		reminder.Title = "still"
		s.Tell(now(supervisor.Zombies), reminder)
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if !slices.Equal(opened, []string{"still zombies"}) {
			t.Errorf("windows %q, want the one that nobody had seen", opened)
		}
	})
}

func TestWhatWasMissedIsShownInItsOrderAndNothingThatHasBeenOvertaken(t *testing.T) {
	withPresenter(t, Options{}, func(_ *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		b.fail(errors.New("nobody shows alerts"))
		failed := supervisor.Notice{ID: 9, Kind: supervisor.NoticeFailed, State: supervisor.Down, Title: "failed", Urgent: true}
		for _, step := range []struct {
			state supervisor.State
			n     supervisor.Notice
		}{
			{supervisor.Down, drop(1, "down")},
			{supervisor.Connected, recovery(1, "up")},
			{supervisor.Down, failed},
			{supervisor.Down, drop(2, "down again")},
		} {
			s.Tell(now(step.state), step.n)
			time.Sleep(3 * defaultRetryEvery) // simulated
		}
		b.fail(nil)
		time.Sleep(defaultRetryEvery)
		if got := b.shown(); got != "failed, down again, -paper/1" { // which may be on the screen since it was tried
			t.Errorf("it shows %q", got)
		}
	})
}

func TestAnAlertThatIsNotTakenKeepsNoOthers(t *testing.T) {
	withPresenter(t, Options{}, func(p *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		b.rejects = "odd"
		s.Tell(now(supervisor.Down), supervisor.Notice{ID: 1, Kind: supervisor.NoticeFailed, Title: "odd", Urgent: true})
		s.Tell(now(supervisor.Down), drop(2, "down"))
		if got := b.shown(); got != "down" { // at once
			t.Errorf("it shows %q", got)
		}
		if p.reported.Problem != `not that one: "odd" was not shown` {
			t.Errorf("the menu says %q", p.reported.Problem)
		}
	})
}

// A red alert may stay on the screen for as long as nobody waves it away.
func TestTheScreenSaysNothingThatHasBecomeUntrue(t *testing.T) {
	withPresenter(t, Options{}, func(p *Presenter, s *fakesupervisor.Supervisor, b *fakeBackend) {
		s.Tell(now(supervisor.Down), drop(1, "down"))
		onPurpose := now(supervisor.Down)
		onPurpose.Expected = true
		s.Set(onPurpose)
		if got := b.shown(); got != "down, -paper/1" {
			t.Errorf("when it was stopped on purpose: %q", got)
		}
		s.Tell(now(supervisor.Down), drop(2, "down again"))
		reminder := drop(2, "still down")
		reminder.Kind = supervisor.NoticeReminder
		synctest.Wait()
		p.Pause(context.Background(), supervisor.Now().Add(time.Hour))
		s.Tell(now(supervisor.Down), reminder)
		time.Sleep(time.Minute) // simulated
		if got := b.shown(); got != "down, -paper/1, down again" {
			t.Errorf("in a pause, while it still holds: %q", got)
		}
		b.fail(errors.New("it hangs"))
		s.Tell(now(supervisor.Connected), recovery(2, "up"))
		time.Sleep(time.Minute)
		b.fail(nil)
		time.Sleep(2 * defaultRetryEvery)
		if got := b.shown(); got != "down, -paper/1, down again, -paper/2" {
			t.Errorf("in a pause, when it is up again: %q", got)
		}
		p.Pause(context.Background(), time.Time{})
		if got := b.shown(); got != "down, -paper/1, down again, -paper/2, up" {
			t.Errorf("after the pause: %q", got)
		}
	})
}

// At a retry the newest status may not have been received yet.
func TestARetryReplacesAnAlertByTheNextOneAndDoesNotWithdrawItBefore(t *testing.T) {
	s, b := fakesupervisor.New(now(supervisor.Connected)), &fakeBackend{}
	p := newTestPresenter(s, b, Options{})
	p.backend = b
	s.Tell(now(supervisor.Down), drop(1, "down"))
	p.receive(t.Context(), s.Latest())
	s.Tell(now(supervisor.Connected), recovery(1, "up"))
	p.retry(t.Context())
	if want := []string{"down", "up"}; !slices.Equal(b.calls, want) {
		t.Errorf("%q, want %q", b.calls, want)
	}
}
