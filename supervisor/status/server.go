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

// ErrRunning: another Gatelight holds the control socket.
var ErrRunning = errors.New("another Gatelight is running already")

// A Server is the control socket, and by its lock the proof that this is the
// only Gatelight here.
type Server struct {
	lock     *flock.Flock
	listener net.Listener
	socket   string
	routes   *http.ServeMux
	http     *http.Server
	stop     context.CancelFunc // ends the watches
}

// longest is the length of a socket's path that every system takes; their
// limits are 104 and 108 bytes, the closing zero included.
const maxSocketPath = 100

// Listen takes the lock and opens the socket: 0600, in a folder of 0700. With
// another Gatelight there the error is [ErrRunning].
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
	// The lock is ours, so whatever socket lies there is a dead one's.
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
	return &Server{lock: lock, listener: l, socket: socket, stop: stop, routes: routes, http: &http.Server{
		Handler:           routes,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
	}}, nil
}

// private makes the folder for the socket, or closes one of the user's to
// others: whoever can replace the socket can pretend to be us. It refuses a
// folder that is not the user's own, and one that everybody uses, such as /tmp,
// which must stay open.
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

// Serve answers until Close.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Close ends all connections, removes the socket and gives back the lock.
func (s *Server) Close() error {
	s.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = s.http.Close()
	}
	// Without a Serve the HTTP server does not know of the listener.
	if lerr := s.listener.Close(); !errors.Is(lerr, net.ErrClosed) {
		err = errors.Join(err, lerr)
	}
	return errors.Join(err, s.lock.Unlock())
}

// handler routes the requests. Control is open to whoever can open the socket:
// its permissions are the guard.
func handler(s supervisor.Supervisor) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(Encode(s.Latest(), time.Now()))
	})
	mux.HandleFunc("GET /v1/watch", func(w http.ResponseWriter, r *http.Request) { watch(w, r, s) })
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /v1/gateways/{name}/{action}", func(w http.ResponseWriter, r *http.Request) { act(w, r, s) })
	return mux
}

// watch sends the newest document after each change, as server-sent events.
func watch(w http.ResponseWriter, r *http.Request, s supervisor.Supervisor) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for world := range s.Watch(r.Context()) {
		b, err := json.Marshal(Encode(world, time.Now()))
		if err != nil {
			return
		}
		// A reader that has stopped reading must not hold us for ever.
		out.SetWriteDeadline(time.Now().Add(10 * time.Second))
		if _, err := fmt.Fprintf(w, "data: %s\n\n", b); err != nil || out.Flush() != nil {
			return
		}
	}
}

func act(w http.ResponseWriter, r *http.Request, s supervisor.Supervisor) {
	action := supervisor.Action(r.PathValue("action"))
	if !slices.Contains(supervisor.Actions, action) {
		http.Error(w, fmt.Sprintf("there is no action %q", action), http.StatusNotFound)
		return
	}
	name := r.PathValue("name")
	world := s.Latest()
	if _, ok := world.Gateway(name); !ok {
		http.Error(w, world.UnknownGateway(name).Error(), http.StatusNotFound)
		return
	}
	if err := s.Do(r.Context(), name, action); err != nil {
		writeError(w, err)
		return
	}
	fmt.Fprintln(w, "ok")
}

// writeError answers 409 with the [supervisor.ActionError] as JSON, or with the
// plain text of any other error.
func writeError(w http.ResponseWriter, err error) {
	var refused *supervisor.ActionError
	if !errors.As(err, &refused) {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusConflict)
	json.NewEncoder(w).Encode(refused)
}
