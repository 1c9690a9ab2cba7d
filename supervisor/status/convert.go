package status

import (
	"slices"
	"time"

	"gatelight/supervisor"
)

// The two directions of each type stand together: a field that is added to one
// belongs in the other, too.

// Encode is a Status as it may be shown at the given time: a state whose
// evidence has gone stale is unknown, even when the engine hangs. Every time is
// written in UTC.
func Encode(w supervisor.Status, now time.Time) Document {
	d := Document{Schema: schema, Gateways: []Gateway{}, Source: w.Source, Version: w.Version}
	for _, s := range w.Aged(now).Gateways {
		if d.Reader == nil { // one reader for all, but not every Gateway may have been looked at yet
			d.Reader = known(s.Reader)
		}
		g := encodeGateway(s, now)
		if w.Source == "one-shot" {
			g.Logins, g.BudgetSpent, g.Drops = nil, nil, nil // nobody has counted
		}
		d.Gateways = append(d.Gateways, g)
	}
	return d
}

// Decode is the Status that a Document was made from, for a view of another
// Gatelight. Ages are counted from when the document was received.
func Decode(d Document, received time.Time) supervisor.Status {
	w := supervisor.Status{Source: d.Source, Version: d.Version}
	for _, g := range d.Gateways {
		s := decodeGateway(g, received)
		s.Reader = value(d.Reader)
		w.Gateways = append(w.Gateways, s)
	}
	return w
}

func encodeGateway(s supervisor.Snapshot, now time.Time) Gateway {
	g := Gateway{
		Name: s.Name, Host: s.Host, Simulated: s.Simulated, Port: s.Port, HasSource: s.HasConfigSource, Live: s.Live,
		State: s.State, Why: s.Why, Since: utc(s.Since),
		EvidenceAgeMS: milliseconds(s.EvidenceAt, now), FreshForMS: milliseconds(now, s.FreshUntil),
		Expected: s.Expected, Phase: s.Phase, Blocking: s.Blocking, Verified: s.Verified, Looking: s.LookFresh,
		Blind: append([]string{}, s.Blind...), API: encodeAPI(s.API),
		Clients: list(s.Clients, encodeClient), StaleClients: list(s.StaleClients, encodeClient),
		Zombies: list(s.Zombies, func(z supervisor.Zombie) Zombie { return encodeZombie(z, now) }),
		Process: encodeProcess(s),
		Logins:  &s.Logins, BudgetSpent: &s.BudgetSpent, Busy: string(s.Busy), KeepRunning: s.KeepRunning, QuietUntil: utc(s.QuietUntil),
		TroubleSince: utc(s.TroubleSince), LoginProblem: s.LoginProblem,
		Notices:     list(s.Notices, func(n supervisor.Notice) supervisor.Notice { n.At = n.At.UTC(); return n }),
		Transitions: list(s.Transitions, func(t supervisor.Transition) supervisor.Transition { t.At = t.At.UTC(); return t }),
		Drops:       &s.Drops,
	}
	if s.LookTook > 0 {
		g.LookMS = new(inMilliseconds(s.LookTook))
	}
	if l := s.Listener; l != nil {
		g.Listener = &Listener{PID: known(l.Process.PID), Process: known(l.Process.Name),
			Address: l.Address, Backlog: l.Backlog, Relay: l.Relay, Behind: l.Behind, NoGateway: l.NoGateway}
	}
	if r := s.TwoFactor; r != nil {
		g.TwoFactor = &supervisor.TwoFactorRequest{Do: r.Do, Until: r.Until.UTC()}
	}
	if n := s.Next; n != nil {
		g.Next = &supervisor.Next{Action: n.Action, At: n.At.UTC()}
	}
	return g
}

func decodeGateway(g Gateway, received time.Time) supervisor.Snapshot {
	s := supervisor.Snapshot{
		Name: g.Name, Host: g.Host, Simulated: g.Simulated, Port: g.Port, HasConfigSource: g.HasSource, Live: g.Live,
		State: g.State, Why: g.Why, Since: value(g.Since),
		Expected: g.Expected, Phase: g.Phase, Blocking: g.Blocking, Verified: g.Verified, LookFresh: g.Looking,
		Blind: g.Blind, API: decodeAPI(g.API),
		Clients: list(g.Clients, decodeClient), StaleClients: list(g.StaleClients, decodeClient),
		Zombies: list(g.Zombies, decodeZombie), Process: decodeProcess(g.Process),
		Logins: value(g.Logins), BudgetSpent: value(g.BudgetSpent), Busy: supervisor.Action(g.Busy), KeepRunning: g.KeepRunning, QuietUntil: value(g.QuietUntil),
		TroubleSince: value(g.TroubleSince), LoginProblem: g.LoginProblem, TwoFactor: g.TwoFactor,
		Next: g.Next, Notices: g.Notices, Transitions: g.Transitions, Drops: value(g.Drops),
		LookTook: fromMilliseconds(g.LookMS),
	}
	if ms := g.EvidenceAgeMS; ms != nil {
		s.EvidenceAt = received.Add(-time.Duration(*ms) * time.Millisecond)
	}
	if ms := g.FreshForMS; ms != nil {
		s.FreshUntil = received.Add(time.Duration(*ms) * time.Millisecond)
	}
	if l := g.Listener; l != nil {
		s.Listener = &supervisor.Listener{Address: l.Address, Backlog: l.Backlog, Relay: l.Relay, Behind: l.Behind, NoGateway: l.NoGateway,
			Process: supervisor.Process{PID: value(l.PID), Name: value(l.Process)}}
	}
	return s
}

func encodeAPI(s supervisor.Session) API {
	a := API{Session: s.State, Since: utc(s.Since), ServerVersion: known(s.ServerVersion),
		BrokerLink: s.Link, AnsweredAt: utc(s.AnsweredAt), PID: known(s.PID), Closed: s.Closed,
		Farms: list(s.Farms, func(f supervisor.Farm) supervisor.Farm { f.At = f.At.UTC(); return f })}
	if s.RTT > 0 {
		a.HeartbeatMS = new(inMilliseconds(s.RTT))
	}
	if s.State != supervisor.SessionOff {
		a.ClientID = &s.ClientID // 0 is one, too
	}
	if s.LastCode != 0 {
		a.LastCode = &Code{Code: s.LastCode, Text: s.LastText, Meaning: known(s.LastMeaning), At: s.LastCodeAt.UTC()}
	}
	return a
}

func decodeAPI(a API) supervisor.Session {
	s := supervisor.Session{State: a.Session, Since: value(a.Since), PID: value(a.PID), ClientID: value(a.ClientID),
		ServerVersion: value(a.ServerVersion), AnsweredAt: value(a.AnsweredAt), Link: a.BrokerLink, Closed: a.Closed,
		RTT: fromMilliseconds(a.HeartbeatMS), Farms: a.Farms}
	if c := a.LastCode; c != nil {
		s.LastCode, s.LastText, s.LastMeaning, s.LastCodeAt = c.Code, c.Text, value(c.Meaning), c.At
	}
	return s
}

func encodeName(p supervisor.Process) processName {
	return processName{PID: known(p.PID), Process: known(p.Name), Command: known(p.Command)}
}

func decodeName(n processName) supervisor.Process {
	return supervisor.Process{PID: value(n.PID), Name: value(n.Process), Command: value(n.Command)}
}

func encodeClient(c supervisor.Client) Client {
	return Client{Peer: c.Peer, processName: encodeName(c.Process), Since: utc(c.Since), Self: c.Self}
}

func decodeClient(c Client) supervisor.Client {
	return supervisor.Client{Peer: c.Peer, Process: decodeName(c.processName), Since: value(c.Since), Self: c.Self}
}

func encodeZombie(z supervisor.Zombie, now time.Time) Zombie {
	e := Zombie{Peer: z.Peer, Since: utc(z.Since), Accepted: !z.Queued}
	if z.Unread != supervisor.UnknownBytes {
		e.Unread = &z.Unread
	}
	if !z.Since.IsZero() {
		e.AgeS = new(float64(now.Sub(z.Since).Milliseconds()/100) / 10)
	}
	if z.Owner != (supervisor.Process{}) {
		e.Owner = &Owner{processName: encodeName(z.Owner), Started: utc(z.Owner.StartedAt), LastSeen: utc(z.LastSeen)}
	}
	return e
}

func decodeZombie(z Zombie) supervisor.Zombie {
	s := supervisor.Zombie{Peer: z.Peer, Since: value(z.Since), Queued: !z.Accepted, Unread: supervisor.UnknownBytes}
	if z.Unread != nil {
		s.Unread = *z.Unread
	}
	if o := z.Owner; o != nil {
		s.Owner, s.LastSeen = decodeName(o.processName), value(o.LastSeen)
		s.Owner.StartedAt = value(o.Started)
	}
	return s
}

// encodeProcess: a Gateway that listens without our having started it was
// started by somebody else.
func encodeProcess(s supervisor.Snapshot) Process {
	p := s.Process
	if p.PID == 0 && s.Listener != nil && s.Listener.Process.PID != 0 && !s.Listener.NoGateway {
		p.PID, p.StartedAt, p.By = s.Listener.Process.PID, s.Listener.Process.StartedAt, supervisor.ByOther
	}
	e := Process{PID: known(p.PID), StartedBy: p.By, Since: utc(p.StartedAt), Controls: []string{}}
	for _, c := range controls {
		if *c.of(&p.Controls) {
			e.Controls = append(e.Controls, c.name)
		}
	}
	if x := p.LastExit; x != nil {
		e.LastExit = &Exit{At: x.At.UTC(), Reason: x.Reason, Why: x.Why}
		if x.Status >= 0 {
			e.LastExit.Status = &x.Status
		}
	}
	return e
}

func decodeProcess(p Process) supervisor.GatewayProcess {
	s := supervisor.GatewayProcess{PID: value(p.PID), By: p.StartedBy, StartedAt: value(p.Since)}
	for _, c := range controls {
		*c.of(&s.Controls) = slices.Contains(p.Controls, c.name)
	}
	if x := p.LastExit; x != nil {
		s.LastExit = &supervisor.Exit{At: x.At, Status: -1, Reason: x.Reason, Why: x.Why}
		if x.Status != nil {
			s.LastExit.Status = *x.Status
		}
	}
	return s
}

// controls are the ways to act on a Gateway, by their names in the document.
var controls = []struct {
	name string
	of   func(*supervisor.Controls) *bool
}{
	{"command", func(c *supervisor.Controls) *bool { return &c.Command }},
	{"signal", func(c *supervisor.Controls) *bool { return &c.Signal }},
	{"keeps_login", func(c *supervisor.Controls) *bool { return &c.KeepsLogin }},
}

// known is nil for a value that is not known, which Go writes as its zero.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value is the reverse of known.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// utc is nil for a time that is not known.
func utc(t time.Time) *time.Time { return known(t.UTC()) }

// milliseconds is the time between the two, nil when one of them is not known.
func milliseconds(from, to time.Time) *int64 {
	if from.IsZero() || to.IsZero() {
		return nil
	}
	return new(to.Sub(from).Milliseconds())
}

// inMilliseconds is a duration with three places behind the point.
func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func fromMilliseconds(ms *float64) time.Duration {
	return time.Duration(value(ms) * float64(time.Millisecond))
}

// list converts a list. An empty one is written [], and never null.
func list[A, B any](from []A, convert func(A) B) []B {
	to := make([]B, 0, len(from))
	for _, v := range from {
		to = append(to, convert(v))
	}
	return to
}
