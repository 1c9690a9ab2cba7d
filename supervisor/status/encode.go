package status

import (
	"time"

	"gatelight/supervisor"
)

// Encode writes down a Status as it may be shown at the given time: a state
// whose evidence has gone stale is unknown, even when its owner hangs.
func Encode(w supervisor.Status, now time.Time) Document {
	d := Document{Schema: 1, Gateways: []Gateway{}, Source: w.Source, Version: w.Version}
	for _, s := range w.Aged(now).Gateways {
		if d.Reader == nil { // one reader for all, but not every Gateway may have been looked at yet
			d.Reader = known(s.Reader)
		}
		g := encodeGateway(s, now)
		if w.Source == "one-shot" {
			g.Logins = nil // nobody has counted
		}
		d.Gateways = append(d.Gateways, g)
	}
	return d
}

func encodeGateway(s supervisor.Snapshot, now time.Time) Gateway {
	g := Gateway{
		Name: s.Name, Simulated: s.Simulated, Port: s.Port, HasSource: s.HasConfigSource,
		State: s.State, Why: s.Why, Since: utc(s.Since),
		EvidenceAgeMS: span(s.EvidenceAt, now, -1), FreshForMS: span(s.FreshUntil, now, 1),
		Expected: s.Expected, Phase: s.Phase, Blocking: s.Blocking, Verified: s.Verified,
		Looking: s.LookFresh,
		Blind:   append([]string{}, s.Blind...),
		API:     encodeAPI(s.API),
		Clients: list(s.Clients, encodeClient), StaleClients: list(s.StaleClients, encodeClient),
		Zombies: list(s.Zombies, func(z supervisor.Zombie) Zombie { return encodeZombie(z, now) }),
		Process: encodeProcess(s),
		Logins:  &s.Logins, Busy: string(s.Busy), KeepRunning: s.KeepRunning, QuietUntil: utc(s.QuietUntil), TroubleSince: utc(s.TroubleSince),
		Notices: list(s.Notices, func(n supervisor.Notice) Notice { n.At = n.At.UTC(); return Notice(n) }),
	}
	if l := s.Listener; l != nil {
		g.Listener = &Listener{PID: known(l.Process.PID), Process: known(l.Process.Name),
			Address: l.Address, Backlog: l.Backlog, Relay: l.Relay, Behind: l.Behind}
	}
	if s.Next != nil {
		g.Next = &Next{Action: s.Next.Action, At: s.Next.At.UTC()}
	}
	return g
}

// span is the time between t and now in milliseconds, null when there is no t.
func span(t, now time.Time, sign int64) *int64 {
	if t.IsZero() {
		return nil
	}
	ms := sign * t.Sub(now).Milliseconds()
	return &ms
}

func utc(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func encodeAPI(s supervisor.Session) API {
	a := API{Session: s.State, Since: utc(s.Since), ServerVersion: known(s.ServerVersion),
		BrokerLink: s.Link, AnsweredAt: utc(s.AnsweredAt), PID: known(s.PID), Closed: s.Closed,
		Farms: list(s.Farms, func(f supervisor.Farm) Farm { f.At = f.At.UTC(); return Farm(f) })}
	if s.RTT > 0 {
		ms := float64(s.RTT.Microseconds()) / 1000
		a.HeartbeatMS = &ms
	}
	if s.State != supervisor.SessionOff {
		a.ClientID = &s.ClientID // 0 is one, too
	}
	if s.LastCode != 0 {
		a.LastCode = &Code{Code: s.LastCode, Text: s.LastText, Meaning: known(s.LastMeaning), At: s.LastCodeAt.UTC()}
	}
	return a
}

func encodeClient(c supervisor.Client) Client {
	return Client{Peer: c.Peer.String(), PID: known(c.Process.PID), Process: known(c.Process.Name),
		Command: known(c.Process.Command), Since: utc(c.Since), Self: c.Self}
}

func encodeZombie(z supervisor.Zombie, now time.Time) Zombie {
	e := Zombie{Peer: z.Peer.String(), Since: utc(z.Since), Accepted: !z.Queued, Unread: z.Unread}
	if !z.Since.IsZero() {
		age := float64(now.Sub(z.Since).Milliseconds()/100) / 10
		e.AgeS = &age
	}
	if z.Owner != (supervisor.Process{}) {
		e.Owner = &Owner{PID: known(z.Owner.PID), Process: known(z.Owner.Name), Command: known(z.Owner.Command),
			Started: utc(z.Owner.StartedAt), LastSeen: utc(z.LastSeen)}
	}
	return e
}

// encodeProcess: a Gateway that listens without our having started it was
// started by somebody else.
func encodeProcess(s supervisor.Snapshot) Process {
	p := s.Process
	if p.PID == 0 && s.Listener != nil && s.Listener.Process.PID != 0 {
		p.PID, p.StartedAt, p.By = s.Listener.Process.PID, s.Listener.Process.StartedAt, supervisor.ByOther
	}
	e := Process{PID: known(p.PID), StartedBy: p.By, Since: utc(p.StartedAt), Controls: encodeControls(p.Controls)}
	if x := p.LastExit; x != nil {
		e.LastExit = &Exit{At: x.At.UTC(), Reason: x.Reason, Why: x.Why}
		if x.Status >= 0 {
			e.LastExit.Status = &x.Status
		}
	}
	return e
}

// The names of the controls in the document.
const (
	command    = "command"
	signal     = "signal"
	keepsLogin = "keeps_login"
)

func encodeControls(c supervisor.Controls) []string {
	names := []string{}
	for _, control := range []struct {
		name string
		has  bool
	}{{command, c.Command}, {signal, c.Signal}, {keepsLogin, c.KeepsLogin}} {
		if control.has {
			names = append(names, control.name)
		}
	}
	return names
}
