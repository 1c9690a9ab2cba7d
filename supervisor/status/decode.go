package status

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// Decode is Encode's way back, for a view of somebody else's Status. Ages are
// counted from when the document was received, so that two clocks need not agree.
func Decode(d Document, received time.Time) supervisor.Status {
	w := supervisor.Status{Source: d.Source, Version: d.Version}
	for _, g := range d.Gateways {
		s := decodeGateway(g, received)
		s.Reader = value(d.Reader)
		w.Gateways = append(w.Gateways, s)
	}
	return w
}

func decodeGateway(g Gateway, received time.Time) supervisor.Snapshot {
	s := supervisor.Snapshot{
		Name: g.Name, Simulated: g.Simulated, Port: g.Port, HasConfigSource: g.HasSource,
		State: g.State, Why: g.Why, Since: value(g.Since),
		EvidenceAt: unspan(g.EvidenceAgeMS, received, -1), FreshUntil: unspan(g.FreshForMS, received, 1),
		Expected: g.Expected, Phase: g.Phase, Blocking: g.Blocking, Verified: g.Verified, LookFresh: g.Looking, Blind: g.Blind,
		API:     decodeAPI(g.API),
		Clients: list(g.Clients, decodeClient), StaleClients: list(g.StaleClients, decodeClient),
		Zombies: list(g.Zombies, decodeZombie),
		Process: supervisor.GatewayProcess{PID: value(g.Process.PID), By: g.Process.StartedBy, StartedAt: value(g.Process.Since),
			Controls: decodeControls(g.Process.Controls)},
		Logins: value(g.Logins), Busy: supervisor.Action(g.Busy), KeepRunning: g.KeepRunning, QuietUntil: value(g.QuietUntil), TroubleSince: value(g.TroubleSince),
		Notices: list(g.Notices, func(n Notice) supervisor.Notice { return supervisor.Notice(n) }),
	}
	if l := g.Listener; l != nil {
		s.Listener = &supervisor.Listener{Address: l.Address, Backlog: l.Backlog, Relay: l.Relay, Behind: l.Behind,
			Process: supervisor.Process{PID: value(l.PID), Name: value(l.Process)}}
	}
	if x := g.Process.LastExit; x != nil {
		s.Process.LastExit = &supervisor.Exit{At: x.At, Status: -1, Reason: x.Reason, Why: x.Why}
		if x.Status != nil {
			s.Process.LastExit.Status = *x.Status
		}
	}
	if g.Next != nil {
		s.Next = &supervisor.Next{Action: g.Next.Action, At: g.Next.At}
	}
	return s
}

func unspan(ms *int64, now time.Time, sign int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return now.Add(time.Duration(sign**ms) * time.Millisecond)
}

func decodeAPI(a API) supervisor.Session {
	s := supervisor.Session{State: a.Session, Since: value(a.Since), PID: value(a.PID), ClientID: value(a.ClientID),
		ServerVersion: value(a.ServerVersion), AnsweredAt: value(a.AnsweredAt), Link: a.BrokerLink, Closed: a.Closed,
		RTT:   time.Duration(value(a.HeartbeatMS) * float64(time.Millisecond)),
		Farms: list(a.Farms, func(f Farm) supervisor.Farm { return supervisor.Farm(f) })}
	if c := a.LastCode; c != nil {
		s.LastCode, s.LastText, s.LastMeaning, s.LastCodeAt = c.Code, c.Text, value(c.Meaning), c.At
	}
	return s
}

func decodeClient(c Client) supervisor.Client {
	return supervisor.Client{Peer: parsePeer(c.Peer), Since: value(c.Since), Self: c.Self,
		Process: supervisor.Process{PID: value(c.PID), Name: value(c.Process), Command: value(c.Command)}}
}

func decodeZombie(z Zombie) supervisor.Zombie {
	s := supervisor.Zombie{Peer: parsePeer(z.Peer), Since: value(z.Since), Queued: !z.Accepted, Unread: z.Unread}
	if o := z.Owner; o != nil {
		s.Owner = supervisor.Process{PID: value(o.PID), Name: value(o.Process), Command: value(o.Command), StartedAt: value(o.Started)}
		s.LastSeen = value(o.LastSeen)
	}
	return s
}

func decodeControls(names []string) supervisor.Controls {
	has := func(name string) bool { return slices.Contains(names, name) }
	return supervisor.Controls{Command: has(command), Signal: has(signal), KeepsLogin: has(keepsLogin)}
}
