package monitor

import (
	"strconv"
	"strings"

	"gatelight/supervisor"
)

// A code is one row of the table of codes.
type code struct {
	meaning string                // in plain words
	link    supervisor.LinkState  // of the Gateway's connection to IBKR's servers; "": says nothing about it
	farm    supervisor.FarmStatus // "": not about a data farm
	kind    supervisor.FarmKind   // of that farm
	source  string                // where the meaning is taken from
}

const (
	ibkr = "https://interactivebrokers.github.io/tws-api/message_codes.html"
	// fromLibrary: the Gateway never sent it, the API library in our own child did.
	fromLibrary = "scmhub/ibapi v0.10.47, errors.go"
	fromField   = "as sent by Gateways in the field; not in IBKR's older table"
)

// codes are those that concern the Gateway's health. A Gateway sends hundreds of
// others, about orders and data, which have no meaning here and are no problem.
// A broken farm is a trader's problem: neither the Gateway nor its link is down
// because of it.
var codes = map[int]code{
	326:  {"the client id is already in use by another session", "", "", "", ibkr},
	502:  {"the API library could not connect", "", "", "", fromLibrary},
	504:  {"the API library is not connected", "", "", "", fromLibrary},
	507:  {"a message has a wrong length; often the connection broke in the middle of one", "", "", "", fromLibrary},
	1100: {"the Gateway has lost its connection to IBKR: the network, a nightly reset or a competing session", supervisor.LinkDown, "", "", ibkr},
	1101: {"the connection to IBKR is back; data subscriptions were lost and must be asked for again", supervisor.LinkUp, "", "", ibkr},
	1102: {"the connection to IBKR is back; data subscriptions were kept", supervisor.LinkUp, "", "", ibkr},
	// From now on nobody tells this session how the link is.
	1300: {"the API port was changed in the Gateway's settings; this connection is being dropped", supervisor.LinkUnknown, "", "", ibkr},
	2103: {"a market data farm is disconnected", "", supervisor.FarmBroken, supervisor.MarketData, ibkr},
	2104: {"a market data farm is connected", "", supervisor.FarmOK, supervisor.MarketData, ibkr},
	2105: {"a historical data farm is disconnected", "", supervisor.FarmBroken, supervisor.HistoricalData, ibkr},
	2106: {"a historical data farm is connected", "", supervisor.FarmOK, supervisor.HistoricalData, ibkr},
	2107: {"a historical data farm is idle and comes back on demand", "", supervisor.FarmInactive, supervisor.HistoricalData, ibkr},
	2108: {"a market data farm is idle and comes back on demand", "", supervisor.FarmInactive, supervisor.MarketData, ibkr},
	2110: {"the connection between the Gateway and IBKR's servers is broken", supervisor.LinkDown, "", "", ibkr},
	2119: {"a market data farm is being connected", "", supervisor.FarmConnecting, supervisor.MarketData, fromField},
	2157: {"the security definition data farm is disconnected", "", supervisor.FarmBroken, supervisor.Definitions, fromField},
	2158: {"the security definition data farm is connected", "", supervisor.FarmOK, supervisor.Definitions, ibkr},
	// Some Gateways send it without any other session there is, and never to us,
	// who ask for no market data.
	10197: {"no market data while another live session of the same user has it", "", "", "", fromField},
}

// event adds to what the Gateway sent what it means.
func (c rawCode) event() supervisor.CodeReceived {
	known, text := codes[c.number], strings.TrimSpace(supervisor.CleanText(c.text, maxText))
	e := supervisor.CodeReceived{Code: c.number, Text: text, Meaning: known.meaning, Link: known.link}
	if known.farm != "" {
		e.Farm = supervisor.Farm{Kind: known.kind, Name: farmName(text), Status: known.farm}
	}
	if known.link == supervisor.LinkUnknown {
		e.NewPort = newPort(text)
	}
	return e
}

// farmName reads a farm's name out of the Gateway's text, "" when there is none.
// It is what follows the last colon, as in "Market data farm connection is
// OK:usfarm"; only 2107 and 2108 have none, and run "… upon demand.ushmds".
func farmName(text string) string {
	i := strings.LastIndexByte(text, ':')
	if i >= 0 {
		return strings.TrimSpace(text[i+1:])
	}
	_, name, _ := strings.Cut(text, "upon demand.")
	return strings.TrimSpace(name)
}

// newPort reads the port out of the Gateway's text with 1300, which ends in
// "Please reconnect on the new port -4003"; 0 when there is none.
func newPort(text string) int {
	text = strings.TrimSpace(text)
	digits := text[len(strings.TrimRight(text, "0123456789")):]
	if port, err := strconv.ParseUint(digits, 10, 16); err == nil {
		return int(port)
	}
	return 0
}
