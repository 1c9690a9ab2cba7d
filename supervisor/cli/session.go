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
		s, err := monitor.Open(ctx, monitor.Options{Args: []string{monitorChild}, Name: supervisor.MonitorCommand,
			Port: p.Port, ClientID: clientID, Every: p.Heartbeat}, tell)
		if err != nil {
			return err.Error()
		}
		defer s.Close()
		emit(supervisor.SessionStarted{PID: s.PID()})
		return <-closed
	}
}

func translate(m monitor.Message) supervisor.Event {
	switch m.Kind {
	case monitor.KindReady:
		return supervisor.SessionReady{ServerVersion: m.ServerVersion}
	case monitor.KindAnswer:
		return supervisor.HeartbeatAnswered{RTT: m.RTT}
	case monitor.KindCode:
		return coded(m)
	case monitor.KindOmitted:
		return supervisor.CodesOmitted{Count: m.Omitted}
	}
	return nil
}

// coded adds what the code means to what the Gateway said. The names of links,
// farms and what they serve are the same on both sides.
func coded(m monitor.Message) supervisor.CodeReceived {
	code, _ := monitor.Lookup(m.Code)
	e := supervisor.CodeReceived{Code: m.Code, Text: m.Text, Meaning: code.Meaning, Link: supervisor.LinkState(code.Link)}
	if code.Farm != monitor.FarmNone {
		e.Farm = supervisor.Farm{Kind: supervisor.FarmKind(code.Serves), Name: monitor.FarmName(m.Text), Status: supervisor.FarmStatus(code.Farm)}
	}
	if code.Link == monitor.LinkUnknown {
		e.NewPort = monitor.NewPort(m.Text)
	}
	return e
}
