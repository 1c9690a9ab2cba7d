package status

import (
	"net/http"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/history"
)

// History adds the event log at that path to what is served: its lines as they
// are stored, those of the last day or since=7d, of all Gateways or
// gateway=NAME. It has to be called before Serve.
func (s *Server) History(path string) {
	s.routes.HandleFunc("GET /v1/history", func(w http.ResponseWriter, r *http.Request) { sendHistory(w, r, path) })
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
	out, begun := http.NewResponseController(w), false
	_, err := history.Read(path, time.Now().Add(-time.Duration(since)), func(line []byte, e supervisor.Entry) error {
		if gateway != "" && e.Gateway != gateway {
			return nil
		}
		begun = true
		// A reader that has stopped reading must not hold us for ever.
		out.SetWriteDeadline(time.Now().Add(10 * time.Second))
		_, err := w.Write(append(line, '\n'))
		return err
	})
	switch {
	case err != nil && begun:
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
