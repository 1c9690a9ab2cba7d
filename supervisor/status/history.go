package status

import (
	"net/http"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// History adds GET /v1/history, which sends the event log at that path: its
// lines as they are stored, those of the last day or of since=7d, and of all
// Gateways or of gateway=NAME. It must be called before Serve.
func (s *Server) History(path string) {
	for _, mux := range []*http.ServeMux{s.routes, s.reading} {
		mux.HandleFunc("GET /v1/history", func(w http.ResponseWriter, r *http.Request) { sendHistory(w, r, path) })
	}
}

func sendHistory(w http.ResponseWriter, r *http.Request, path string) {
	since, gateway := history.Lookback(24*time.Hour), r.FormValue("gateway")
	if text := r.FormValue("since"); text != "" {
		if err := since.UnmarshalText([]byte(text)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/jsonl")
	written := false
	_, err := history.Read(path, supervisor.Now().Add(-time.Duration(since)), func(line []byte, e supervisor.Entry) error {
		if gateway != "" && e.Gateway != gateway {
			return nil
		}
		written = true
		writeWithin(w)
		_, err := w.Write(append(line, '\n'))
		return err
	})
	switch {
	case err != nil && written:
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
