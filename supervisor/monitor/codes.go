package monitor

import (
	"strconv"
	"strings"
)

// Link is what a code says about the Gateway's own line to IBKR's servers.
type Link string

const (
	LinkNone    Link = ""        // says nothing about it
	LinkUp      Link = "up"      // it works again
	LinkDown    Link = "down"    // it is broken
	LinkUnknown Link = "unknown" // nobody will tell this session any more
)

// Farm is what a code says about one of IBKR's data farms. A broken farm is a trader's problem, but neither the
// Gateway nor its line is down because of it.
type Farm string

const (
	FarmNone       Farm = ""           // not about a farm
	FarmOK         Farm = "ok"         // connected
	FarmBroken     Farm = "broken"     // lost
	FarmInactive   Farm = "inactive"   // idle, comes back on demand; of no concern
	FarmConnecting Farm = "connecting" // on its way
)

// Serves is what a farm serves.
type Serves string

const (
	Market      Serves = "market_data"
	Historical  Serves = "historical_data"
	Definitions Serves = "security_definitions"
)

// Origin is who makes a code up.
type Origin string

const (
	FromGateway Origin = "gateway"
	FromLibrary Origin = "library" // the API library in our own child; the Gateway never said it
)

// Code is one row of the table.
type Code struct {
	Code    int
	Meaning string // in plain words
	Link    Link
	Farm    Farm
	Serves  Serves // the farm's kind, "" for FarmNone
	From    Origin
	Source  string // where the meaning is taken from
}

const (
	srcIBKR    = "https://interactivebrokers.github.io/tws-api/message_codes.html"
	srcLibrary = "scmhub/ibapi v0.10.47, errors.go"
	srcSeen    = "as sent by Gateways in the field; not in IBKR's older table"
)

// codes are those that concern the Gateway's health. A Gateway sends hundreds of others, about orders and data.
var codes = []Code{
	{326, "the client id is already in use by another session", LinkNone, FarmNone, "", FromGateway, srcIBKR},
	{502, "the API library could not connect", LinkNone, FarmNone, "", FromLibrary, srcLibrary},
	{504, "the API library is not connected", LinkNone, FarmNone, "", FromLibrary, srcLibrary},
	{507, "a message has a wrong length; often the connection broke in the middle of one", LinkNone, FarmNone, "", FromLibrary, srcLibrary},
	{1100, "the Gateway has lost its connection to IBKR: the network, a nightly reset or a competing session", LinkDown, FarmNone, "", FromGateway, srcIBKR},
	{1101, "the connection to IBKR is back; data subscriptions were lost and must be asked for again", LinkUp, FarmNone, "", FromGateway, srcIBKR},
	{1102, "the connection to IBKR is back; data subscriptions were kept", LinkUp, FarmNone, "", FromGateway, srcIBKR},
	{1300, "the API port was changed in the Gateway's settings; this connection is being dropped", LinkUnknown, FarmNone, "", FromGateway, srcIBKR},
	{2103, "a market data farm is disconnected", LinkNone, FarmBroken, Market, FromGateway, srcIBKR},
	{2104, "a market data farm is connected", LinkNone, FarmOK, Market, FromGateway, srcIBKR},
	{2105, "a historical data farm is disconnected", LinkNone, FarmBroken, Historical, FromGateway, srcIBKR},
	{2106, "a historical data farm is connected", LinkNone, FarmOK, Historical, FromGateway, srcIBKR},
	{2107, "a historical data farm is idle and comes back on demand", LinkNone, FarmInactive, Historical, FromGateway, srcIBKR},
	{2108, "a market data farm is idle and comes back on demand", LinkNone, FarmInactive, Market, FromGateway, srcIBKR},
	{2110, "the connection between the Gateway and IBKR's servers is broken", LinkDown, FarmNone, "", FromGateway, srcIBKR},
	{2119, "a market data farm is being connected", LinkNone, FarmConnecting, Market, FromGateway, srcSeen},
	{2157, "the security definition data farm is disconnected", LinkNone, FarmBroken, Definitions, FromGateway, srcSeen},
	{2158, "the security definition data farm is connected", LinkNone, FarmOK, Definitions, FromGateway, srcIBKR},
	// Some Gateways send it without any other session there is, and never to us, who ask for no market data.
	{10197, "no market data while another live session of the same user has it", LinkNone, FarmNone, "", FromGateway, srcSeen},
}

// FarmName reads a farm's name out of the Gateway's words, "" when they hold none. It is what follows the last colon,
// as in "Market data farm connection is OK:usfarm"; only 2107 and 2108 have none, and run "… upon demand.ushmds".
func FarmName(text string) string {
	i := strings.LastIndexByte(text, ':')
	if i >= 0 {
		return strings.TrimSpace(text[i+1:])
	}
	_, name, _ := strings.Cut(text, "upon demand.")
	return strings.TrimSpace(name)
}

// NewPort reads the port out of the Gateway's words with 1300, which end in "Please reconnect on the new port -4003";
// 0 when they hold none.
func NewPort(text string) int {
	text = strings.TrimSpace(text)
	digits := text[len(strings.TrimRight(text, "0123456789")):]
	if port, err := strconv.ParseUint(digits, 10, 16); err == nil {
		return int(port)
	}
	return 0
}

// Lookup finds a code in the table. A code that is not there is no reason for alarm.
func Lookup(code int) (Code, bool) {
	for _, c := range codes {
		if c.Code == code {
			return c, true
		}
	}
	return Code{}, false
}
