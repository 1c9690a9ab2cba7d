package supervisor

import "slices"

// A State is the one value per Gateway that the light shows. [Decide] derives
// it from evidence; nothing else sets it.
type State string

// The states, as the status JSON spells them.
const (
	Unknown   State = "unknown"
	Down      State = "down"
	Starting  State = "starting"
	Listening State = "listening"
	Silent    State = "silent"
	Connected State = "connected"
	CutOff    State = "cut_off"
	Zombies   State = "zombies"
)

// A Phase says how far a starting Gateway has come, as read from IBC's log.
type Phase string

// The phases of a start, in their usual order.
const (
	NoPhase    Phase = ""
	Launching  Phase = "launching"
	Login      Phase = "login"
	TwoFactor  Phase = "two_factor"
	NeedsYou   Phase = "needs_you" // the login waits for a person: see [Question]
	LoggedIn   Phase = "logged_in"
	Restarting Phase = "restarting" // without a login: IBC has found an autorestart file
)

// A rule says which evidence gives a state.
type rule struct {
	state State
	needs string // the evidence in words, for the diagram
	holds func(evidence) bool
}

// rules is the state table: the first rule that holds gives the state. The
// rules for a failed or old look come first: nothing that it saw of the port
// counts, and only a fresh session can prove a state.
var rules = []rule{
	{CutOff, "no fresh look, but a fresh session says that IBKR is lost", func(e evidence) bool { return !e.lookFresh && e.answering && e.linkDown }},
	{Connected, "no fresh look, but a fresh session vouches", func(e evidence) bool { return !e.lookFresh && e.answering }},
	{Unknown, "no fresh look and no fresh session", func(e evidence) bool { return !e.lookFresh }},
	{CutOff, "the listener is hidden, but a fresh session says that IBKR is lost", func(e evidence) bool { return e.hidden && e.answering && e.linkDown }},
	{Connected, "the listener is hidden, but a fresh session vouches", func(e evidence) bool { return e.hidden && e.answering }},
	{Unknown, "nobody is seen to listen, but a local client is connected", func(e evidence) bool { return e.hidden }},
	{Zombies, "a CLOSE_WAIT socket has stayed for zombie_after", func(e evidence) bool { return e.zombies }},
	{Unknown, "nobody listens, and it cannot be told whether a Gateway process lives", func(e evidence) bool { return !e.listener && e.unproven }},
	{Starting, "nobody listens, a Gateway process lives", func(e evidence) bool { return !e.listener && e.process && e.shouldRun }},
	{Down, "nobody listens, no Gateway is on its way", func(e evidence) bool { return !e.listener }},
	{Silent, "somebody listens, was asked and does not answer", func(e evidence) bool { return e.silent }},
	{CutOff, "the API answers, the Gateway has lost IBKR", func(e evidence) bool { return e.answering && e.linkDown }},
	{Connected, "our session is ready and its heartbeat is fresh", func(e evidence) bool { return e.answering }},
	{Connected, "monitor off, a client is ESTABLISHED (not verified)", func(e evidence) bool { return e.clients }},
	{Listening, "somebody listens, nothing proves that the API answers", func(evidence) bool { return true }},
}

// stateOf gives the state that the evidence supports.
func stateOf(e evidence) State {
	i := slices.IndexFunc(rules, func(r rule) bool { return r.holds(e) })
	return rules[i].state // the last rule always holds
}

// States are all states.
var States = []State{Unknown, Down, Starting, Listening, Connected, CutOff, Zombies, Silent}

// severity orders the states from the least to the most severe, for the one
// icon that shows several Gateways.
var severity = []State{Connected, Starting, Listening, CutOff, Unknown, Silent, Zombies, Down}

// Severity ranks the state of a snapshot: a higher number is more severe. An
// expected down is the least severe of all. A start that waits for a person is
// more severe than the other starts and than listening.
func (s Snapshot) Severity() int {
	switch {
	case s.State == Down && s.Expected:
		return -1
	case s.Phase == TwoFactor || s.Phase == NeedsYou:
		return 2*slices.Index(severity, Listening) + 1
	}
	return 2 * slices.Index(severity, s.State)
}
