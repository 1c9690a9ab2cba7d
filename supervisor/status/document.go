// Package status is how others see and steer the one running Gatelight: HTTP
// over a local socket that only the user can reach, and the client of it.
package status

import (
	"net/netip"
	"time"

	"gatelight/supervisor"
)

// A Document is what `status --json` prints and GET /v1/status answers. Scripts
// rely on it: fields are added, never renamed. What is not known is null.
type Document struct {
	Schema   int       `json:"schema"`
	Gateways []Gateway `json:"gateways"`
	Source   string    `json:"source"`
	Reader   *string   `json:"reader"`
	Version  string    `json:"version"`
}

// A Gateway is one Gateway in a [Document].
type Gateway struct {
	Name          string           `json:"name"`
	Simulated     bool             `json:"simulated"`
	State         supervisor.State `json:"state"`
	Why           string           `json:"why"`
	Since         *time.Time       `json:"since"`
	EvidenceAgeMS *int64           `json:"evidence_age_ms"`
	FreshForMS    *int64           `json:"fresh_for_ms"` // then the state is unknown, unless renewed
	Expected      bool             `json:"expected"`
	Phase         supervisor.Phase `json:"phase"`
	Blocking      bool             `json:"blocking"`
	Verified      bool             `json:"verified"`
	Looking       bool             `json:"looking"` // false: what is said of sockets is from an earlier look
	Blind         []string         `json:"blind"`
	Port          int              `json:"port"`
	HasSource     bool             `json:"has_config_source"`
	Listener      *Listener        `json:"listener"`
	API           API              `json:"api"`
	Clients       []Client         `json:"clients"`
	Zombies       []Zombie         `json:"zombies"`
	StaleClients  []Client         `json:"stale_clients"`
	Process       Process          `json:"gateway_process"`
	Logins        *int             `json:"login_attempts_last_hour"`
	Next          *Next            `json:"next"`
	Busy          string           `json:"busy"` // the action that is under way
	KeepRunning   bool             `json:"keep_running"`
	QuietUntil    *time.Time       `json:"quiet_until"`   // what happens until then is expected
	TroubleSince  *time.Time       `json:"trouble_since"` // an incident that people were told of and that goes on
	Notices       []Notice         `json:"notices"`
}

// A Listener holds the API port.
type Listener struct {
	PID     *int    `json:"pid"`
	Process *string `json:"process"`
	Address string  `json:"address"`
	Backlog int     `json:"backlog"`
	Relay   string  `json:"relay"`
	Behind  string  `json:"behind"` // where the Gateway is, behind a relay
}

// An API is our one session.
type API struct {
	Session       supervisor.SessionState `json:"session"`
	Since         *time.Time              `json:"since"`
	ClientID      *int                    `json:"client_id"`
	ServerVersion *int                    `json:"server_version"`
	BrokerLink    supervisor.LinkState    `json:"broker_link"`
	HeartbeatMS   *float64                `json:"heartbeat_ms"`
	AnsweredAt    *time.Time              `json:"answered_at"`
	LastCode      *Code                   `json:"last_code"`
	Farms         []Farm                  `json:"farms"`
	PID           *int                    `json:"pid"`
	Closed        string                  `json:"closed"`
}

// A Code is what the Gateway said last.
type Code struct {
	Code    int       `json:"code"`
	Text    string    `json:"text"`
	Meaning *string   `json:"meaning"` // in Gatelight's words
	At      time.Time `json:"at"`
}

// A Farm is one of IBKR's data farms, as the Gateway last spoke of it.
type Farm struct {
	Kind   supervisor.FarmKind   `json:"kind"`
	Name   string                `json:"name"`
	Status supervisor.FarmStatus `json:"status"`
	At     time.Time             `json:"at"`
}

// A Client is connected to the API port.
type Client struct {
	Peer    string     `json:"peer"`
	PID     *int       `json:"pid"`
	Process *string    `json:"process"`
	Command *string    `json:"command"`
	Since   *time.Time `json:"since"`
	Self    bool       `json:"self"`
}

// A Zombie is a socket the Gateway does not close.
type Zombie struct {
	Peer     string     `json:"peer"`
	Since    *time.Time `json:"since"`
	AgeS     *float64   `json:"age_s"`
	Accepted bool       `json:"accepted"`
	Unread   int        `json:"unread"`
	Owner    *Owner     `json:"owner"`
}

// An Owner is who was seen to hold a zombie's other end.
type Owner struct {
	PID      *int       `json:"pid"`
	Process  *string    `json:"process"`
	Command  *string    `json:"command"`
	Started  *time.Time `json:"started"`
	LastSeen *time.Time `json:"last_seen"`
}

// A Process is the Gateway's.
type Process struct {
	PID       *int                 `json:"pid"`
	StartedBy supervisor.StartedBy `json:"started_by"`
	Since     *time.Time           `json:"since"`
	Controls  []string             `json:"controls"` // command, signal, keeps_login: how it can be acted on
	LastExit  *Exit                `json:"last_exit"`
}

// An Exit is how the Gateway ended last.
type Exit struct {
	At     time.Time             `json:"at"`
	Status *int                  `json:"status"`
	Reason supervisor.ExitReason `json:"reason"`
	Why    string                `json:"why"`
}

// A Next is what will happen by itself.
type Next struct {
	Action supervisor.NextAction `json:"action"`
	At     time.Time             `json:"at"`
}

// A Notice is what a person was, or is to be, told.
type Notice struct {
	Seq    uint64                `json:"seq"`
	ID     uint64                `json:"id"`
	At     time.Time             `json:"at"`
	Kind   supervisor.NoticeKind `json:"kind"`
	State  supervisor.State      `json:"state"`
	Phase  supervisor.Phase      `json:"phase,omitempty"`
	Title  string                `json:"title"`
	Body   string                `json:"body"`
	Urgent bool                  `json:"urgent"`
}

// known is nil for a value nobody knows, which Go spells as its zero.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// value is known's way back.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// list keeps an empty list an empty list in JSON.
func list[A, B any](from []A, convert func(A) B) []B {
	to := make([]B, 0, len(from))
	for _, v := range from {
		to = append(to, convert(v))
	}
	return to
}

func parsePeer(s string) netip.AddrPort {
	a, _ := netip.ParseAddrPort(s) // written by Encode; anything else shows as invalid
	return a
}
