package config

import (
	"slices"
	"strings"

	"gatelight/supervisor/spelling"
)

// A setting is one key of config.ini that IBC reads.
type setting struct {
	key       string
	kind      kind
	byDefault string // what IBC uses when the value is left empty; "": nothing is done
}

// settings are all keys of IBC 3.24.1: those of its config.ini template, with
// type and default as its source reads them (calls of Settings.getString,
// getInt and getBoolean below src/ibcalpha/ibc, the scripts' own keys none).
var settings = []setting{
	{"AcceptBidAskLastSizeDisplayUpdateNotification", exactly("ignore", "accept", "defer").but(leavesClick), "ignore"},
	{"AcceptIncomingConnectionAction", anyCase("accept", "reject", "manual").but(leavesClick), "manual"},
	{"AcceptNonBrokerageAccountWarning", yesNo, "yes"},
	{"AllowBlindTrading", yesNo, "no"},
	{"AutoLogoffTime", clock12, ""},
	{"AutoRestartTime", clock12, ""},
	{"BindAddress", addresses, ""},
	{"BypassBondWarning", precaution, ""},
	{"BypassCalledBondWarning", precaution, ""},
	{"BypassNegativeYieldToWorstConfirmation", precaution, ""},
	{"BypassNoOverfillProtectionPrecaution", precaution, ""},
	{"BypassOrderPrecautions", precaution, ""},
	{"BypassPriceBasedVolatilityRiskWarning", precaution, ""},
	{"BypassRedirectOrderWarning", precaution, ""},
	{"BypassSameActionPairTradeWarning", precaution, ""},
	{"BypassUSStocksMarketDataInSharesWarning", precaution, ""},
	{"ClosedownAt", dayAndClock, ""},
	{"ColdRestartTime", clock24, ""},
	{"CommandPrompt", prompt, ""},
	{"CommandServerPort", commandPort, "0, which is off"},
	{"ConfirmCryptoCurrencyOrders", exactly("manual", "transmit", "cancel").but(leavesClick), "manual"},
	{"ConfirmOrderIdReset", orderIDReset, ""},
	{"ControlFrom", addresses, ""},
	{"DismissNSEComplianceNotice", yesNo, "yes"},
	{"DismissPasswordExpiryWarning", yesNo, "no"},
	{"ExistingSessionDetectedAction", existingSession, "manual"},
	{"ExitAfterSecondFactorAuthenticationTimeout", yesNo, "no"},
	{"FIX", yesNo, "no"},
	{"FIXLoginId", secret, ""},
	{"FIXPassword", secret, ""},
	{"IbDir", text, ""},
	{"IbLoginId", secret, ""},
	{"IbPassword", secret, ""},
	{"IncludeStackTraceForExceptions", yesNo, "no"},
	{"LogComponents", anyCase(append([]string{"ignore"}, logEvents...)...), "ignore"},
	{"LogStructureScope", anyCase("known", "unknown", "untitled", "all"), "known"},
	{"LogStructureWhen", anyCase(logEvents...), "never"},
	{"LoginDialogDisplayTimeout", number, "60"},
	{"MinimizeMainWindow", yesNo, "no"},
	{"OverrideTwsApiPort", apiPort, ""},
	{"OverrideTwsMasterClientID", clientID, ""},
	{"ReadOnlyApi", yesNo, "yes"},
	{"ReadOnlyLogin", yesNo, "no"},
	{"ReloginAfterSecondFactorAuthenticationTimeout", yesNo, "no"},
	{"ResetOrderIdsAtStart", yesNo, "no"},
	{"SaveTwsSettingsAt", saveTimes, ""},
	{"SecondFactorAuthenticationExitInterval", number, "60"},
	{"SecondFactorAuthenticationTimeout", number, "180"},
	{"SecondFactorDevice", text, ""},
	{"SendMarketDataInLotsForUSstocks", yesNo, "yes"},
	{"ShowAllTrades", yesNo, "no"},
	{"StoreSettingsOnServer", yesNo, "no"},
	{"SuppressInfoMessages", yesNo, "yes"},
	{"TradingMode", tradingMode, "live"},
	{"TrustedTwsApiClientIPs", addresses, ""},
}

var settingByKey, settingLetters = func() (map[string]setting, []string) {
	byKey, all := map[string]setting{}, []string{}
	for _, s := range settings {
		byKey[s.key] = s
		all = append(all, strings.ToLower(s.key))
	}
	return byKey, all
}()

func known(key string) (setting, bool) {
	s, ok := settingByKey[key]
	return s, ok
}

// isSecret ignores the case, as IBC's own log does.
func isSecret(key string) bool {
	return slices.ContainsFunc(settings, func(s setting) bool { return s.kind.secret && strings.EqualFold(s.key, key) })
}

// nearest is the known key that was most likely meant, or "".
func nearest(key string) string {
	if len(key) > 2*longestKey {
		return ""
	}
	key = letters(key)
	best, least := "", min(len(key)/3, 4)+1
	for i, other := range settingLetters {
		if short := len(key) - len(other); short >= least || -short >= least {
			continue // that many letters are to be put in or taken out
		}
		if d := spelling.Distance(key, other, least); d < least {
			best, least = settings[i].key, d
		}
	}
	return best
}

// longestKey is the length of AcceptBidAskLastSizeDisplayUpdateNotification.
const longestKey = 45
