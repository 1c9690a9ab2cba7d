package supervisor

import (
	"cmp"
	"context"
	"time"
)

// freshLookTimeout is how long an action waits for a look at the port. What is not
// known by then is judged from the looks before.
const freshLookTimeout = time.Second

// Disconnects reports an action that ends the connections of clients.
func (a Action) Disconnects() bool { return a == Stop || a == Restart || a == ClearZombies }

// NewClient names a client that is connected now and was not before, "" for none. A
// program that connects again and again, or that is started again, is no new one.
func NewClient(before, now Snapshot) string {
	known := map[string]int{}
	for _, c := range before.OtherClients() {
		known[ClientName(c)]++
	}
	for _, c := range now.OtherClients() {
		name := ClientName(c)
		if known[name]--; known[name] < 0 {
			return name
		}
	}
	return ""
}

// ClientName is a client's program; where that is not known, the address.
func ClientName(c Client) string {
	return cmp.Or(c.Process.Command, c.Process.Name, c.Peer.Addr().String())
}

// refuseNewClient takes a look before an action that disconnects clients, and refuses
// the action if one has connected since the look before. Nobody can have been asked
// about that one: in a steady state a look is up to two seconds old.
func (e *Engine) refuseNewClient(ctx context.Context, before Snapshot, a Action) error {
	ctx, cancel := context.WithTimeout(ctx, freshLookTimeout)
	defer cancel()
	asked := Now()
	statuses := e.Watch(ctx)
	e.poller.pollNow()
	for status := range statuses {
		g, ok := status.Gateway(before.Name)
		if !ok || g.mem.port.lookedAt.Before(asked) && g.mem.port.lookError == "" {
			continue
		}
		if name := NewClient(before, g); name != "" {
			return &ActionError{Action: a, Gateway: g.Name, Reason: ReasonNewClient,
				Text: name + " has connected just now", Hint: "look at its clients, and try again"}
		}
		return nil
	}
	return nil
}
