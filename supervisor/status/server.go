package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"gatelight/supervisor"
)

// A Server serves the control socket.
type Server struct {
	lock    *Lock
	socket  *socket
	log     *slog.Logger
	routes  *http.ServeMux // of the control socket
	reading *http.ServeMux // those of them that change nothing
	http    *http.Server
	ctx     context.Context
	stop    context.CancelFunc // ends the requests of /v1/watch, the watch of the socket, and what is served over TCP
	wg      sync.WaitGroup
}

// Listen opens the socket, with mode 0600 in a folder of mode 0700, and keeps it
// there until Close, which also releases the lock. The log says when somebody
// has removed it. The timer is that of [supervisor.NewTimer].
func Listen(lock *Lock, s supervisor.Supervisor, log *slog.Logger, timer func() supervisor.Timer) (*Server, error) {
	socket, err := openSocket(lock, log)
	if err != nil {
		return nil, errors.Join(err, lock.Release())
	}
	ctx, stop := context.WithCancel(context.Background())
	routes, reading := handler(s), readRoutes(s)
	server := &Server{lock: lock, socket: socket, log: log, ctx: ctx, stop: stop, routes: routes, reading: reading, http: newHTTP(ctx, routes)}
	server.wg.Go(func() { socket.watch(ctx, supervisor.NewTimer(timer)) })
	return server, nil
}

// Serve answers requests until Close. The error is [ErrRunning] if the lock was
// removed and another Gatelight has taken it: this one must not supervise any
// more.
func (s *Server) Serve() error {
	if err := s.http.Serve(&limitedListener{Listener: s.socket}); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends all connections, removes the socket and releases the lock.
func (s *Server) Close() error {
	s.stop()
	s.wg.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	// Before Serve the HTTP server does not know the socket.
	if closeErr := s.socket.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	return errors.Join(err, s.lock.Release())
}

// handler routes the requests of the control socket. Everybody who can open it
// may control the Gateways: its permissions, and those of its folder, are the
// only protection.
func handler(s supervisor.Supervisor) *http.ServeMux {
	mux := readRoutes(s)
	mux.HandleFunc("POST /v1/gateways/{name}/{action}", func(w http.ResponseWriter, r *http.Request) { act(w, r, s) })
	return mux
}

// readRoutes are those that change nothing.
func readRoutes(s supervisor.Supervisor) *http.ServeMux {
	documents := newEncoder()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(Encode(s.Latest(), supervisor.Now()))
	})
	mux.HandleFunc("GET /v1/watch", func(w http.ResponseWriter, r *http.Request) { watch(w, r, s, documents) })
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { sendReady(w, s) })
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) { sendMetrics(w, s) })
	return mux
}

// sendReady says whether the Gateways are seen: status 503, with the reasons,
// when not. It is about Gatelight, and not about the states.
func sendReady(w http.ResponseWriter, s supervisor.Supervisor) {
	var reasons []string
	for _, g := range s.Latest().Aged(supervisor.Now()).Gateways {
		if !g.LookFresh {
			reasons = append(reasons, g.Name+": "+g.Why)
		}
	}
	if len(reasons) > 0 {
		http.Error(w, strings.Join(reasons, "\n"), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ok")
}

// heartbeatInterval is how long a watch is silent at most. A comment is sent
// then, so that both ends notice a connection that is dead.
const heartbeatInterval = 15 * time.Second

// watch sends the newest document after each change, as server-sent events. It
// pauses for as long as the document took to make, so that big ones leave half
// of the time for everything else. Who connects again with the Last-Event-ID of
// the newest document gets the next one; who has missed some finds in any
// document what has happened in between (transitions).
func watch(w http.ResponseWriter, r *http.Request, s supervisor.Supervisor, documents *encoder) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	send := func(b []byte) bool {
		writeWithin(w)
		_, err := w.Write(b)
		return err == nil && out.Flush() == nil
	}
	changes, known := s.Watch(r.Context()), r.Header.Get("Last-Event-ID")
	silence := time.NewTicker(heartbeatInterval)
	defer silence.Stop()
	for {
		select {
		case latest, open := <-changes:
			if !open {
				return
			}
			event, err := documents.encode(latest)
			if err != nil {
				return
			}
			if event.id == known {
				if !send([]byte(": nothing new\n\n")) { // so that the headers are sent
					return
				}
				continue
			}
			if !send(event.text) || !supervisor.Sleep(r.Context(), event.took) {
				return
			}
			silence.Reset(heartbeatInterval)
		case <-silence.C:
			if !send([]byte(": still here\n\n")) {
				return
			}
		}
	}
}

// act carries out an action. A refusal is status 409 with the
// [supervisor.ActionError] as JSON; any other error is plain text.
func act(w http.ResponseWriter, r *http.Request, s supervisor.Supervisor) {
	action := supervisor.Action(r.PathValue("action"))
	if !slices.Contains(supervisor.Actions, action) {
		http.Error(w, fmt.Sprintf("there is no action %q", action), http.StatusNotFound)
		return
	}
	name := r.PathValue("name")
	latest := s.Latest()
	if _, ok := latest.Gateway(name); !ok {
		http.Error(w, latest.UnknownGateway(name).Error(), http.StatusNotFound)
		return
	}
	var refused *supervisor.ActionError
	err := s.Do(r.Context(), name, action)
	writeWithin(w)
	switch {
	case err == nil:
		fmt.Fprintln(w, "ok")
	case errors.As(err, &refused):
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusConflict)
		json.NewEncoder(w).Encode(refused)
	default:
		http.Error(w, err.Error(), http.StatusConflict)
	}
}
