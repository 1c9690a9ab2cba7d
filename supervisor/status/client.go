package status

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A Remote sees and steers the Gatelight behind a control socket. It
// implements [supervisor.Supervisor].
type Remote struct {
	http   *http.Client
	socket string

	mu     sync.Mutex
	latest supervisor.World
}

// retry is how long a broken watch waits before it is opened again.
const retry = time.Second

// Dial connects to the running Gatelight and fetches its World, or fails with
// the reason; there may simply be none.
func Dial(ctx context.Context, socket string) (*Remote, error) {
	dialer := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	c := &Remote{socket: socket, http: &http.Client{Transport: &http.Transport{DialContext: dialer}}}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := c.fetch(ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("no Gatelight answers at %s: %w", socket, err)
	}
	return c, nil
}

// Close ends its connections.
func (c *Remote) Close() { c.http.CloseIdleConnections() }

func (c *Remote) get(ctx context.Context, path string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://gatelight"+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(r)
	if err == nil && answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, errors.New(answer.Status)
	}
	return answer, err
}

func (c *Remote) fetch(ctx context.Context) error {
	answer, err := c.get(ctx, "/v1/status")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return c.take(json.NewDecoder(answer.Body))
}

func (c *Remote) take(from *json.Decoder) error {
	var d Document
	if err := from.Decode(&d); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.latest = Decode(d, time.Now().Round(0))
	return nil
}

// Latest implements [supervisor.Supervisor]: the newest World that came, as it
// may be shown now. When the other Gatelight falls silent it turns unknown.
func (c *Remote) Latest() supervisor.World {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest.Aged(time.Now().Round(0))
}

// Watch implements [supervisor.Supervisor]. It outlives the other Gatelight's
// restarts; meanwhile what it sends has aged.
func (c *Remote) Watch(ctx context.Context) <-chan supervisor.World {
	ch := make(chan supervisor.World, 1)
	go func() {
		defer close(ch)
		for ctx.Err() == nil {
			c.stream(ctx, ch)
			pause := time.NewTimer(retry)
			select {
			case <-ctx.Done():
			case <-pause.C:
			}
			pause.Stop()
			put(ch, c.Latest())
		}
	}()
	return ch
}

// stream follows one watch until it breaks.
func (c *Remote) stream(ctx context.Context, ch chan supervisor.World) {
	answer, err := c.get(ctx, "/v1/watch")
	if err != nil {
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		data, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		if c.take(json.NewDecoder(strings.NewReader(data))) != nil {
			return
		}
		put(ch, c.Latest())
	}
}

// put replaces what a slow reader has not taken yet.
func put(ch chan supervisor.World, w supervisor.World) {
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
		return w.NoGateway(gateway)
	}
	path := "http://gatelight/v1/gateways/" + url.PathEscape(g.Name) + "/" + url.PathEscape(string(a))
	r, err := http.NewRequestWithContext(ctx, "POST", path, nil)
	if err != nil {
		return err
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("cannot ask the running Gatelight: %w", err)
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if answer.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}
