package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

// A stream reads the program's status as it changes, over the control socket,
// with a client of its own. It connects again for as long as the world lasts.
type stream struct {
	sockets []string // where the control socket may be
	canary  []byte

	mu       sync.Mutex
	newest   *status.Document
	at       time.Time
	received int
	leaked   bool
	told     map[string][]told // per Gateway, what was told of it, in order
}

// told is what a transition in the event log has, too.
type told struct {
	State    supervisor.State
	Phase    supervisor.Phase
	Blocking bool
	at       time.Time
}

func (s *stream) run(ctx context.Context) {
	for ctx.Err() == nil {
		for _, socket := range s.sockets {
			s.read(ctx, socket)
		}
		s.forget()
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

func (s *stream) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest = nil
}

func (s *stream) read(ctx context.Context, socket string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "unix", socket)
	}}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://gatelight/v1/watch", nil)
	if err != nil {
		return
	}
	answer, err := client.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 10<<20)
	for lines.Scan() {
		if text, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok {
			s.take(text)
		}
	}
}

func (s *stream) take(text []byte) {
	var d status.Document
	if json.Unmarshal(text, &d) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newest, s.at = &d, time.Now()
	s.received++
	s.leaked = s.leaked || bytes.Contains(text, s.canary)
	for _, g := range d.Gateways {
		is := told{g.State, g.Phase, g.Blocking, s.at}
		if n := len(s.told[g.Name]); n > 0 {
			if was := s.told[g.Name][n-1]; was.State == is.State && was.Phase == is.Phase && was.Blocking == is.Blocking {
				continue
			}
		}
		s.told[g.Name] = append(s.told[g.Name], is)
	}
}

// shown is what a reader may claim now: an answer that is too old proves nothing.
// nil: there is none.
func (s *stream) shown(now time.Time) map[string]status.Gateway {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.newest == nil {
		return nil
	}
	all := map[string]status.Gateway{}
	for _, g := range s.newest.Gateways {
		if g.FreshForMS != nil && now.Sub(s.at) > time.Duration(*g.FreshForMS)*time.Millisecond {
			g.State, g.Phase = supervisor.Unknown, ""
		}
		all[g.Name] = g
	}
	return all
}
