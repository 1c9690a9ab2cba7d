// Package status serves the state of the running Gatelight, and actions on it,
// over HTTP on a local socket that only the user can open. It has the client,
// too.
package status

import (
	"net/netip"
	"time"

	"gatelight/supervisor"
)

// The types of this file are the contract of `status --json`. They stand beside
// the core's own types where the two differ, for four reasons:
//
//   - Only what is listed here is published, whatever the core adds or renames.
//   - What is not known is null. In the core it is Go's zero value: with pointers
//     every user of a Snapshot would have to check for nil.
//   - Evidence has an age and not a time: the reader's clock may differ.
//   - A process has no object of its own: its fields are those of its client,
//     owner or listener.
//
// What is the same on both sides (Farm, Next, Notice, LoginProblem, TwoFactorRequest, and every kind) is
// declared once, in the core.

// schema is the version of the document. It rises when a field is renamed, which
// nobody wants.
const schema = 1

// A Document is what `status --json` prints and GET /v1/status answers. Scripts
// rely on it: fields are added, never renamed.
type Document struct {
	Schema   int       `json:"schema"`
	Gateways []Gateway `json:"gateways"`
	Source   string    `json:"source"`
	Reader   *string   `json:"reader"`
	Version  string    `json:"version"`
}

// A Gateway is one Gateway in a [Document].
type Gateway struct {
	Name          string                       `json:"name"`
	Host          string                       `json:"host"` // "" for this one; else a remote of the settings
	Simulated     bool                         `json:"simulated"`
	State         supervisor.State             `json:"state"`
	Why           string                       `json:"why"`
	Since         *time.Time                   `json:"since"`
	EvidenceAgeMS *int64                       `json:"evidence_age_ms"`
	FreshForMS    *int64                       `json:"fresh_for_ms"` // after that the state is unknown, without new evidence
	Expected      bool                         `json:"expected"`
	Phase         supervisor.Phase             `json:"phase"`
	LoginProblem  *supervisor.LoginProblem     `json:"login_problem"` // why a start does not go on
	TwoFactor     *supervisor.TwoFactorRequest `json:"two_factor"`    // only in the phase two_factor
	Blocking      bool                         `json:"blocking"`
	Verified      bool                         `json:"verified"`
	Looking       bool                         `json:"looking"` // false: the sockets are those of an earlier look
	Blind         []string                     `json:"blind"`
	Port          int                          `json:"port"`
	HasSource     bool                         `json:"has_config_source"`
	Live          bool                         `json:"live"` // real money, as far as the settings tell
	Listener      *Listener                    `json:"listener"`
	API           API                          `json:"api"`
	Clients       []Client                     `json:"clients"`
	Zombies       []Zombie                     `json:"zombies"`
	StaleClients  []Client                     `json:"stale_clients"`
	Process       Process                      `json:"gateway_process"`
	Logins        *int                         `json:"login_attempts_last_hour"`
	BudgetSpent   *bool                        `json:"login_budget_spent"` // only a person starts it then
	Next          *supervisor.Next             `json:"next"`
	Busy          string                       `json:"busy"` // the action that is under way
	KeepRunning   bool                         `json:"keep_running"`
	QuietUntil    *time.Time                   `json:"quiet_until"`   // what happens until then is expected
	TroubleSince  *time.Time                   `json:"trouble_since"` // the start of an incident that was reported and has not ended
	Notices       []supervisor.Notice          `json:"notices"`
	Transitions   []supervisor.Transition      `json:"transitions"` // the newest few changes of what is shown, oldest first
	Drops         *int                         `json:"drops"`       // since this Gatelight has begun
	LookMS        *float64                     `json:"look_ms"`     // how long the newest look has taken
}

// A Listener is the process that listens on the API port.
type Listener struct {
	PID     *int    `json:"pid"`
	Process *string `json:"process"`
	Address string  `json:"address"`
	Backlog int     `json:"backlog"`
	Relay   string  `json:"relay"`
	Behind  string  `json:"behind"` // where the Gateway is, behind a relay

	NoGateway bool `json:"no_gateway"` // it is known to be another program
}

// An API is Gatelight's one API session.
type API struct {
	Session       supervisor.SessionState `json:"session"`
	Since         *time.Time              `json:"since"`
	ClientID      *int                    `json:"client_id"`
	ServerVersion *int                    `json:"server_version"`
	BrokerLink    supervisor.LinkState    `json:"broker_link"`
	HeartbeatMS   *float64                `json:"heartbeat_ms"`
	AnsweredAt    *time.Time              `json:"answered_at"`
	LastCode      *Code                   `json:"last_code"`
	Farms         []supervisor.Farm       `json:"farms"`
	PID           *int                    `json:"pid"`
	Closed        string                  `json:"closed"`
}

// A Code is the newest code from the Gateway.
type Code struct {
	Code    int       `json:"code"`
	Text    string    `json:"text"`
	Meaning *string   `json:"meaning"` // in Gatelight's words
	At      time.Time `json:"at"`
}

// processName is what is published of the process of a client or an owner.
type processName struct {
	PID     *int    `json:"pid"`
	Process *string `json:"process"`
	Command *string `json:"command"`
}

// A Client is a connection to the API port.
type Client struct {
	Peer netip.AddrPort `json:"peer"`
	processName
	Since *time.Time `json:"since"`
	Self  bool       `json:"self"`
}

// A Zombie is a socket that the Gateway does not close.
type Zombie struct {
	Peer     netip.AddrPort `json:"peer"`
	Since    *time.Time     `json:"since"`
	AgeS     *float64       `json:"age_s"`
	Accepted bool           `json:"accepted"`
	Unread   *int           `json:"unread"`
	Owner    *Owner         `json:"owner"`
}

// An Owner is the process that was seen at the other end of a zombie.
type Owner struct {
	processName
	Started  *time.Time `json:"started"`
	LastSeen *time.Time `json:"last_seen"`
}

// A Process is the Gateway's process.
type Process struct {
	PID       *int                 `json:"pid"`
	StartedBy supervisor.StartedBy `json:"started_by"`
	Since     *time.Time           `json:"since"`
	Controls  []string             `json:"controls"` // command, signal, keeps_login: how it can be acted on
	LastExit  *Exit                `json:"last_exit"`
}

// An Exit is how the Gateway ended last. It is not the core's own type since a
// status that is not known is null here and -1 there.
type Exit struct {
	At     time.Time             `json:"at"`
	Status *int                  `json:"status"`
	Reason supervisor.ExitReason `json:"reason"`
	Why    string                `json:"why"`
}
