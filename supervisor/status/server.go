package status

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"gatelight/supervisor"
)

// ErrRunning is the error of Listen when another Gatelight holds the lock.
var ErrRunning = errors.New("another Gatelight is running already")

// A Server serves the control socket. Its lock makes sure that no second
// Gatelight serves in the same folder.
type Server struct {
	lock     *flock.Flock
	listener net.Listener
	routes   *http.ServeMux
	http     *http.Server
	stop     context.CancelFunc // ends the requests of /v1/watch
}

// maxSocketPath is a length in bytes that every system accepts for the path of
// a socket: macOS takes 103, Linux 107.
const maxSocketPath = 100

// Listen takes the lock and opens the socket, with mode 0600 in a folder of
// mode 0700. The error is [ErrRunning] if another Gatelight holds the lock.
func Listen(socket string, s supervisor.Supervisor) (*Server, error) {
	dir := filepath.Dir(socket)
	if err := makePrivate(dir); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("cannot lock %s: %w", lock.Path(), err)
	}
	if !got {
		return nil, ErrRunning
	}
	// We have the lock, so a socket that exists was left by a crash.
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, errors.Join(err, lock.Unlock())
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		if len(socket) > maxSocketPath {
			err = fmt.Errorf("%w (a path of %d bytes; set GATELIGHT_RUNTIME_DIR to a shorter one)", err, len(socket))
		}
		return nil, errors.Join(fmt.Errorf("cannot open the control socket: %w", err), lock.Unlock())
	}
	if err := os.Chmod(socket, 0o600); err != nil {
		return nil, errors.Join(err, l.Close(), lock.Unlock())
	}
	ctx, stop := context.WithCancel(context.Background())
	routes := handler(s)
	return &Server{lock: lock, listener: l, stop: stop, routes: routes, http: &http.Server{
		Handler:           routes,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
	}}, nil
}

// makePrivate makes the folder for the socket, or closes an existing folder of
// the user to others: who can replace the socket can pretend to be Gatelight.
// It refuses a folder that is not the user's own, and one that everybody can
// write to, such as /tmp, which must stay open.
func makePrivate(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the folder for the control socket: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || !ownedByUser(info) {
		return fmt.Errorf("%s is not a folder of yours; remove it, or set GATELIGHT_RUNTIME_DIR", dir)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0 { // Windows has access lists instead
		return fmt.Errorf("%s is open to everybody; set GATELIGHT_RUNTIME_DIR to a folder of Gatelight's own", dir)
	}
	return os.Chmod(dir, 0o700)
}

// Serve answers requests until Close.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends all connections, removes the socket and releases the lock.
func (s *Server) Close() error {
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	// Before Serve the HTTP server does not know the listener.
	if closeErr := s.listener.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	return errors.Join(err, s.lock.Unlock())
}

// handler routes the requests. Everybody who can open the socket may control
// the Gateways: its permissions, and those of its folder, are the only
// protection.
func handler(s supervisor.Supervisor) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(Encode(s.Latest(), supervisor.Now()))
	})
	mux.HandleFunc("GET /v1/watch", func(w http.ResponseWriter, r *http.Request) { watch(w, r, s) })
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /v1/gateways/{name}/{action}", func(w http.ResponseWriter, r *http.Request) { act(w, r, s) })
	return mux
}

// writeTimeout ends a request whose reader has stopped reading.
const writeTimeout = 10 * time.Second

// watch sends the newest document after each change, as server-sent events.
func watch(w http.ResponseWriter, r *http.Request, s supervisor.Supervisor) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for latest := range s.Watch(r.Context()) {
		b, err := json.Marshal(Encode(latest, supervisor.Now()))
		if err != nil {
			return
		}
		out.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := fmt.Fprintf(w, "data: %s\n\n", b); err != nil || out.Flush() != nil {
			return
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
	switch err := s.Do(r.Context(), name, action); {
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
