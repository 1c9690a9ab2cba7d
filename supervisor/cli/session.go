package cli

import (
	"context"

	"gatelight/supervisor"
	"gatelight/supervisor/monitor"
)

// session holds one API session in a child process and tells what it says in
// the supervisor's terms.
func session(p supervisor.Policy) func(ctx context.Context, clientID int, emit func(supervisor.Event)) string {
	return func(ctx context.Context, clientID int, emit func(supervisor.Event)) string {
		closed := make(chan string, 1)
		tell := func(m monitor.Message) {
			if m.Kind == monitor.KindClosed {
				closed <- m.Reason // exactly once, and last
				return
			}
			if e := translate(m); e != nil {
				emit(e)
			}
		}
		s, err := monitor.Open(ctx, monitor.Options{Args: []string{monitorChild}, Name: supervisor.MonitorCommand, Port: p.Port, ClientID: clientID}, tell)
		if err != nil {
			return err.Error()
		}
		defer s.Close()
		emit(supervisor.SessionOpened{PID: s.PID()})
		return <-closed
	}
}

func translate(m monitor.Message) supervisor.Event {
	switch m.Kind {
	case monitor.KindReady:
		return supervisor.SessionReady{ServerVersion: m.ServerVersion}
	case monitor.KindAnswer:
		return supervisor.SessionAnswered{RTT: m.RTT}
	case monitor.KindCode:
		code, _ := monitor.Lookup(m.Code)
		links := map[monitor.Link]supervisor.LinkState{monitor.LinkUp: supervisor.LinkUp, monitor.LinkDown: supervisor.LinkDown}
		return supervisor.SessionCoded{Code: m.Code, Text: m.Text, Link: links[code.Link]}
	}
	return nil
}
