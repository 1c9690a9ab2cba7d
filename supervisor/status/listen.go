package status

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"gatelight/supervisor"
)

// listenAgain is the time between two tries to listen on an address that is
// taken.
const listenAgain = 10 * time.Second

// ListenTCP serves what can be read over TCP, too, until Close: nothing can be
// controlled there. It must be called before Serve. An address that is taken is
// tried again every ten seconds, and the log says so: supervision does not
// depend on it.
func (s *Server) ListenTCP(address string) {
	s.wg.Go(func() {
		said := ""
		for {
			l, err := new(net.ListenConfig).Listen(s.ctx, "tcp", address)
			if err == nil {
				s.log.Info("serving HTTP, to read only", "address", l.Addr().String())
				s.serveTCP(l, address)
				return
			}
			if text := err.Error(); text != said && s.ctx.Err() == nil {
				said = text
				s.log.Error("cannot serve HTTP on status_listen; it is tried again every "+listenAgain.String(), "address", address, "error", err)
			}
			if !supervisor.Sleep(s.ctx, listenAgain) {
				return
			}
		}
	})
}

func (s *Server) serveTCP(l net.Listener, address string) {
	server := newHTTP(s.ctx, readOnly(s.reading, address))
	end := context.AfterFunc(s.ctx, func() { server.Close() })
	defer end()
	if err := server.Serve(&limitedListener{Listener: l, most: maxTCPConnections}); err != http.ErrServerClosed {
		s.log.Error("serving HTTP on status_listen has failed", "address", address, "error", err)
	}
}

// readOnly lets through what only reads, and what no web page has sent: a page
// can have a browser send requests to this machine, under the page's own name
// for it, too (DNS rebinding).
func readOnly(next http.Handler, address string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		site := r.Header.Get("Sec-Fetch-Site")
		origin := r.Header.Get("Origin")
		switch {
		case r.Method != http.MethodGet:
			w.Header().Set("Allow", http.MethodGet)
			http.Error(w, "only GET is served here; the control socket takes actions", http.StatusMethodNotAllowed)
		case !isOwnName(r.Host, address):
			http.Error(w, fmt.Sprintf("this is not %q; ask by an address, by localhost, or by the name in status_listen", supervisor.CleanText(r.Host, 100)), http.StatusMisdirectedRequest)
		case site != "" && site != "none" && site != "same-origin", origin != "" && !isOrigin(origin, r.Host):
			http.Error(w, "another web page has sent this request", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func isOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == host
}

// isOwnName reports a Host by which a program asks that means this machine: a
// page whose name leads here has its own name there.
func isOwnName(host, address string) bool {
	name := hostOf(host)
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	own := []string{"localhost", hostOf(address)}
	if machine, err := os.Hostname(); err == nil {
		own = append(own, machine)
	}
	return name != "" && slices.ContainsFunc(own, func(n string) bool { return strings.EqualFold(n, name) })
}

// hostOf is a host without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}
