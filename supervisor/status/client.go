package status

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/settings"
)

// A Remote is the client of the Gatelight behind a control socket. It
// implements [supervisor.Supervisor].
type Remote struct {
	http   *http.Client
	socket string
	now    func() time.Time // supervisor.Now, except in tests
	latest atomic.Pointer[supervisor.Status]

	silence time.Duration // how long nothing may come from a watch
	most    int           // bytes of a document
}

// answerWithin is how long the Gatelight that runs may take to send what it has
// at hand. It is a constant but for tests.
var answerWithin = 3 * time.Second

// actWithin is how long an action may take until its answer is there. It may
// wait for another one, and each is given up within minutes
// ([supervisor.Policy]).
const actWithin = 15 * time.Minute

// retryDelay is the time before a watch that was broken is opened again.
const retryDelay = time.Second

// Dial connects to the running Gatelight and fetches its Status, within three
// seconds after it has answered. The error is [ErrNotRunning] when none is
// running.
func Dial(ctx context.Context, p settings.Paths) (*Remote, error) {
	c := &Remote{now: supervisor.Now, silence: watchSilence, most: maxDocument}
	first, err := connect(ctx, p)
	if err != nil {
		return nil, err
	}
	c.socket = first.RemoteAddr().String()
	first.Close()
	c.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return connect(ctx, p) // it may have moved
	}}}
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	if _, err := c.fetch(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("no Gatelight answers at %s: %w", c.socket, err)
	}
	return c, nil
}

// Socket is where the Gatelight was found.
func (c *Remote) Socket() string { return c.socket }

// Close closes the idle connections. A watch ends with its context.
func (c *Remote) Close() { c.http.CloseIdleConnections() }

func (c *Remote) send(ctx context.Context, method, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://gatelight"+path, nil)
	if err != nil {
		return nil, err
	}
	return c.http.Do(r)
}

func (c *Remote) get(ctx context.Context, path string) (*http.Response, error) {
	answer, err := c.send(ctx, "GET", path)
	if err == nil && answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, errors.New(supervisor.CleanText(answer.Status, supervisor.MaxText))
	}
	return answer, err
}

func (c *Remote) fetch(ctx context.Context) (supervisor.Status, error) {
	answer, err := c.get(ctx, "/v1/status")
	if err != nil {
		return supervisor.Status{}, err
	}
	defer answer.Body.Close()
	return c.decode(answer.Body)
}

// maxDocument is the longest document that is read, in bytes. One with 15,000
// zombies has about 4 MB.
const maxDocument = 32 << 20

func (c *Remote) decode(from io.Reader) (supervisor.Status, error) {
	var d Document
	if err := json.NewDecoder(io.LimitReader(from, int64(c.most))).Decode(&d); err != nil {
		return supervisor.Status{}, err
	}
	if d.Schema != schema {
		return supervisor.Status{}, fmt.Errorf("it sends schema %d of the status, and %d is known here; install the same Gatelight in both places", d.Schema, schema)
	}
	supervisor.CleanTexts(&d)
	w := Decode(d, c.now())
	w.Remote = true
	c.latest.Store(&w)
	return w, nil
}

// Latest implements [supervisor.Supervisor]: the newest Status that was
// received, as it may be shown now. It becomes unknown when the other Gatelight
// sends nothing more.
func (c *Remote) Latest() supervisor.Status {
	return c.latest.Load().Aged(c.now())
}

// Watch implements [supervisor.Supervisor]. It goes on when the other Gatelight
// restarts. When the other one has ended or hangs, it sends the last Status
// again once that has become stale.
func (c *Remote) Watch(ctx context.Context) <-chan supervisor.Status {
	ch, received := make(chan supervisor.Status, 1), make(chan supervisor.Status, 1)
	newest := *c.latest.Load()
	go func() {
		defer close(received)
		for ctx.Err() == nil {
			_ = c.stream(ctx, c.silence, func(w supervisor.Status) { replace(received, w) }) // it is opened again, whatever has ended it
			select {
			case <-ctx.Done():
			case <-time.After(retryDelay):
			}
		}
	}()
	go func() {
		defer close(ch)
		for {
			select {
			case w, open := <-received:
				if !open {
					return
				}
				newest = w // and not c.latest: another watch may have received an older one
			case <-time.After(untilStale(newest, c.now())):
			}
			newest = newest.Aged(c.now())
			replace(ch, newest)
		}
	}()
	return ch
}

// untilStale is the time until the first state must not be claimed any more.
func untilStale(w supervisor.Status, now time.Time) time.Duration {
	left := time.Hour // when no state can become stale
	for _, g := range w.Gateways {
		if g.State != supervisor.Unknown && !g.FreshUntil.IsZero() {
			left = min(left, g.FreshUntil.Sub(now))
		}
	}
	return max(left, 0)
}

// watchSilence is how long no status may come from a watch. One comes with each
// look, which is every few seconds.
const watchSilence = time.Minute

// stream passes on what one watch sends, until it breaks or says nothing any more.
// The first word may take as long as answers.
func (c *Remote) stream(ctx context.Context, answers time.Duration, receive func(supervisor.Status)) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	silence := time.AfterFunc(answers, end)
	defer silence.Stop()
	answer, err := c.get(ctx, "/v1/watch")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Buffer(nil, c.most); lines.Scan(); {
		data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: "))
		if !ok {
			continue
		}
		silence.Reset(c.silence)
		w, err := c.decode(bytes.NewReader(data))
		if err != nil {
			return err
		}
		receive(w)
	}
	return lines.Err()
}

// replace sends a Status in place of one that a slow reader has not taken yet.
func replace(ch chan supervisor.Status, w supervisor.Status) {
	select {
	case <-ch:
	default:
	}
	ch <- w // the only sender, and there is room now
}

// Do implements [supervisor.Supervisor].
func (c *Remote) Do(ctx context.Context, gateway string, a supervisor.Action) error {
	w := c.Latest()
	g, ok := w.Gateway(gateway)
	if !ok {
		return w.UnknownGateway(gateway)
	}
	return c.post(ctx, g.Name, a)
}

// post sends an action, and waits for its end.
func (c *Remote) post(ctx context.Context, gateway string, a supervisor.Action) error {
	ctx, cancel := context.WithTimeout(ctx, actWithin)
	defer cancel()
	answer, err := c.send(ctx, "POST", "/v1/gateways/"+url.PathEscape(gateway)+"/"+url.PathEscape(string(a)))
	if err != nil {
		return fmt.Errorf("cannot ask the running Gatelight: %w", err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	if refused := new(supervisor.ActionError); json.Unmarshal(text, refused) == nil && refused.Reason != "" {
		supervisor.CleanTexts(refused)
		return refused
	}
	return errors.New(supervisor.CleanText(strings.TrimSpace(string(text)), supervisor.MaxText))
}
