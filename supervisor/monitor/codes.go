package monitor

// Link is what a code says about the Gateway's own line to IBKR's servers.
type Link string

const (
	LinkNone Link = ""     // says nothing about it
	LinkUp   Link = "up"   // it works again
	LinkDown Link = "down" // it is broken
)

// Farm is what a code says about one of IBKR's data farms. A broken farm is a trader's problem, but neither the
// Gateway nor its line is down because of it.
type Farm string

const (
	FarmNone     Farm = ""         // not about a farm
	FarmOK       Farm = "ok"       // connected
	FarmBroken   Farm = "broken"   // lost
	FarmInactive Farm = "inactive" // idle, comes back on demand; of no concern
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
	{326, "the client id is already in use by another session", LinkNone, FarmNone, FromGateway, srcIBKR},
	{502, "the API library could not connect", LinkNone, FarmNone, FromLibrary, srcLibrary},
	{504, "the API library is not connected", LinkNone, FarmNone, FromLibrary, srcLibrary},
	{507, "a message has a wrong length; often the connection broke in the middle of one", LinkNone, FarmNone, FromLibrary, srcLibrary},
	{1100, "the Gateway has lost its connection to IBKR: the network, a nightly reset or a competing session", LinkDown, FarmNone, FromGateway, srcIBKR},
	{1101, "the connection to IBKR is back; data subscriptions were lost and must be asked for again", LinkUp, FarmNone, FromGateway, srcIBKR},
	{1102, "the connection to IBKR is back; data subscriptions were kept", LinkUp, FarmNone, FromGateway, srcIBKR},
	{1300, "the API port was changed in the Gateway's settings; this connection is being dropped", LinkNone, FarmNone, FromGateway, srcIBKR},
	{2103, "a market data farm is disconnected", LinkNone, FarmBroken, FromGateway, srcIBKR},
	{2104, "a market data farm is connected", LinkNone, FarmOK, FromGateway, srcIBKR},
	{2105, "a historical data farm is disconnected", LinkNone, FarmBroken, FromGateway, srcIBKR},
	{2106, "a historical data farm is connected", LinkNone, FarmOK, FromGateway, srcIBKR},
	{2107, "a historical data farm is idle and comes back on demand", LinkNone, FarmInactive, FromGateway, srcIBKR},
	{2108, "a market data farm is idle and comes back on demand", LinkNone, FarmInactive, FromGateway, srcIBKR},
	{2110, "the connection between the Gateway and IBKR's server is broken; the Gateway restores it by itself", LinkDown, FarmNone, FromGateway, srcIBKR},
	{2157, "the security definition data farm is disconnected", LinkNone, FarmBroken, FromGateway, srcSeen},
	{2158, "the security definition data farm is connected", LinkNone, FarmOK, FromGateway, srcIBKR},
	// Some Gateways send it without any other session there is, and never to us, who ask for no market data.
	{10197, "no market data while another live session of the same user has it", LinkNone, FarmNone, FromGateway, srcSeen},
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
