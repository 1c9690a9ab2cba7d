package supervisor

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func clientPeer(port uint16, command string) Peer {
	return Peer{Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port), TCP: Established, Socket: uint64(port), Server: 4711,
		Client: Process{PID: int(port), Command: command}}
}

func TestNobodyIsDisconnectedWhoHasConnectedSinceTheLastLook(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.listen()
		f.set(func() { f.view.Peers = []Peer{clientPeer(50001, "bot.py")} })
		time.Sleep(time.Minute) // it is steady
		emit := f.emit
		emit(GatewaySeen{PID: 4711, By: ByGatelight, Controls: Controls{Command: true}})
		synctest.Wait()
		f.set(func() { // the same program once more, and another one
			f.view.Peers = []Peer{clientPeer(50002, "bot.py"), clientPeer(50003, "trader.py")}
		})
		err := e.Do(t.Context(), "paper", Stop)
		refused := new(ActionError)
		if !errors.As(err, &refused) || refused.Reason != ReasonNewClient || refused.Text != "trader.py has connected just now" || len(f.acted) != 0 {
			t.Errorf("%v, %v", err, f.acted)
		}
		if err := e.Do(t.Context(), "paper", Stop); err != nil || !slices.Equal(f.acted, []Action{Stop}) { // it is known now
			t.Errorf("%v, %v", err, f.acted)
		}
	})
}

func TestAnActionDoesNotWaitForALookThatDoesNotEnd(t *testing.T) {
	run(t, func(t *testing.T, e *Engine, f *fakeGateway) {
		f.listen()
		time.Sleep(time.Minute)
		f.emit(GatewaySeen{PID: 4711, By: ByGatelight, Controls: Controls{Command: true}})
		f.set(func() { f.stuck = true })
		begun := time.Now()
		_ = e.Do(t.Context(), "paper", Restart)
		if passed := time.Since(begun); passed > 2*freshLookTimeout {
			t.Errorf("it has waited for %v", passed)
		}
	})
}
