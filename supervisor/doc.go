// Package supervisor is the pure core of Gatelight and the loop around it: what
// was observed of a Gateway, the one state that the evidence supports, what
// follows from it, and what people are told.
//
// [Decide] decides: it takes a snapshot and an event, and returns a snapshot
// and effects. It has no clock, no I/O and no goroutine. [Engine] owns the
// snapshots: only its one goroutine calls Decide. Everything else runs outside
// of it and reports with events.
//
// The state is the first of these that the evidence supports:
//
//	no fresh look, but a fresh session says that IBKR is lost             ──▶ cut_off
//	  │ else
//	no fresh look, but a fresh session vouches                            ──▶ connected
//	  │ else
//	no fresh look and no fresh session                                    ──▶ unknown
//	  │ else
//	the listener is hidden, but a fresh session says that IBKR is lost    ──▶ cut_off
//	  │ else
//	the listener is hidden, but a fresh session vouches                   ──▶ connected
//	  │ else
//	nobody is seen to listen, but a local client is connected             ──▶ unknown
//	  │ else
//	a CLOSE_WAIT socket has stayed for zombie_after                       ──▶ zombies
//	  │ else
//	nobody listens, and it cannot be told whether a Gateway process lives ──▶ unknown
//	  │ else
//	nobody listens, a Gateway process lives                               ──▶ starting
//	  │ else
//	nobody listens, no Gateway is on its way                              ──▶ down
//	  │ else
//	somebody listens, was asked and does not answer                       ──▶ silent
//	  │ else
//	the API answers, the Gateway has lost IBKR                            ──▶ cut_off
//	  │ else
//	our session is ready and its heartbeat is fresh                       ──▶ connected
//	  │ else
//	monitor off, a client is ESTABLISHED (not verified)                   ──▶ connected
//	  │ else
//	somebody listens, nothing proves that the API answers                 ──▶ listening
//
// A look is fresh when it succeeded and is younger than Policy.StaleAfter; a
// session is fresh when it is ready and has answered within
// Policy.HeartbeatLate.
package supervisor
