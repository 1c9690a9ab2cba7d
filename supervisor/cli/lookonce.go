package cli

import (
	"context"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
)

// lookOnce judges by looking alone: once, and where a CLOSE_WAIT is seen a
// second time after zombie_after. It never connects.
func lookOnce(ctx context.Context, o serviceOptions) (supervisor.Status, error) {
	w := supervisor.Status{Source: "one-shot", Version: versionText()}
	var ports []int
	for _, g := range o.settings.Gateway {
		ports = append(ports, g.Port)
	}
	looks := []look{lookAt(ctx, o.sockets, ports)}
	if looks[0].sawCloseWait() {
		if !supervisor.Sleep(ctx, time.Duration(o.settings.ZombieAfter)) {
			return w, ctx.Err()
		}
		looks = append(looks, lookAt(ctx, o.sockets, ports))
	}
	for _, g := range o.settings.Gateway {
		p := o.policy(g)
		p.Monitor, p.OneShot = false, true
		s := supervisor.New(p, time.Now())
		if e := ibc.New(o.driver(g)).Running(); e != nil {
			s, _ = supervisor.Decide(s, e, time.Now(), p)
		}
		for _, l := range looks {
			s, _ = supervisor.Decide(s, l.event(g.Port), l.at, p)
		}
		w.Gateways = append(w.Gateways, s)
	}
	return w, nil
}

// A look is one reading of the socket table with its outcome.
type look struct {
	reader string
	table  supervisor.Table
	err    error
	at     time.Time
}

func lookAt(ctx context.Context, sockets supervisor.SocketReader, ports []int) look {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	table, err := sockets.Look(ctx, ports)
	return look{sockets.Reader(), table, err, supervisor.Now()}
}

func (l look) sawCloseWait() bool {
	for _, view := range l.table.Ports {
		for _, p := range view.Peers {
			if p.TCP == supervisor.CloseWait {
				return true
			}
		}
	}
	return false
}

func (l look) event(port int) supervisor.Event {
	if l.err != nil {
		return supervisor.LookFailed{Reader: l.reader, Why: l.err.Error()}
	}
	return supervisor.Looked{At: l.table.At, Reader: l.table.Reader, View: l.table.Ports[port]}
}
