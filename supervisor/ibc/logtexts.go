package ibc

import (
	"strings"

	"gatelight/supervisor"
)

// A meaning is why a Gateway has ended, as a kind and in words.
type meaning struct {
	reason supervisor.ExitReason
	text   string
}

// A reported is a problem of a login, and how the Gateway ends if it ends with
// that.
type reported struct {
	problem supervisor.LoginProblem
	exit    supervisor.ExitReason
}

// A knownText is a text of IBC's or the Gateway's, and what it tells.
type knownText struct {
	text string
	reported
	window bool // it is about the dialog that is open, and is over with it
	words  bool // what the Gateway says follows, and may be known better
}

// problem makes the row of a text that tells why a login does not go on.
func problem(text string, reason supervisor.LoginReason, exit supervisor.ExitReason, title, words string) knownText {
	return knownText{text: text, reported: reported{supervisor.LoginProblem{Reason: reason, Title: title, Text: words}, exit}}
}

// waits makes it one that a person has to solve.
func (k knownText) waits() knownText { k.problem.Waits = true; return k }

// inWindow makes it one that is over when the dialog that is open is closed.
func (k knownText) inWindow() knownText { k.window = true; return k.waits() }

// withWords makes it one that the Gateway's own words follow.
func (k knownText) withWords() knownText { k.words = true; return k }

// unremarkable makes the row of a text that tells of no problem.
func unremarkable(text string) knownText { return knownText{text: text} }

const loginError = "Login error message:"

const (
	refusedText = "IBKR has refused the login; look at the user name, password and TradingMode in config.ini"
	chooseText  = "; answer in the Gateway's window"
)

// ibcTexts are how the texts begin that IBC prints about a login that does not
// go on (IBC 3.8.1 to 3.24.1). The first row that fits counts.
var ibcTexts = []knownText{
	problem("Login failed", supervisor.LoginRefused, supervisor.ExitLoginFailed, "login refused", refusedText),
	problem(loginError, supervisor.LoginMessage, supervisor.ExitLoginFailed, "login failed", "the Gateway says: ").withWords(),
	problem("Connection to server failed", supervisor.LoginNoServer, supervisor.ExitLoginFailed, "IBKR not reached",
		"IBKR's server could not be reached; look at the network").withWords(),
	problem("The system is not currently available", supervisor.LoginNoServer, supervisor.ExitLoginFailed, "IBKR not available",
		"IBKR's system is not available at the moment; it usually comes back by itself").waits(),
	problem("Too many failed login attempts", supervisor.LoginTooManyAttempts, supervisor.ExitLoginFailed, "too many failed logins",
		"IBKR refuses logins for a while, since too many have failed; wait before you try again").inWindow(),
	problem("Will re-login at ", supervisor.LoginTooManyAttempts, supervisor.ExitLoginFailed, "too many failed logins",
		"IBKR refuses logins for a while, since too many have failed; IBC waits, and then tries again"),
	problem("Restarting in 5 minutes", supervisor.LoginTooManyAttempts, supervisor.ExitLoginFailed, "too many failed logins",
		"IBKR refuses logins for a while, since too many have failed; IBC waits for 5 minutes, and then starts again"),
	problem("IBC closing after too many failed login attempts", supervisor.LoginTooManyAttempts, supervisor.ExitLoginFailed, "too many failed logins",
		"IBKR refuses logins for a while, since too many have failed"),

	problem("User must choose whether to continue with this session", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and asks which session to keep; answer in the Gateway's window, or set ExistingSessionDetectedAction in config.ini").inWindow(),
	problem("could not handle 'Existing session detected' dialog", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and asks which session to keep; IBC does not find the button, or does not understand ExistingSessionDetectedAction in config.ini"+chooseText).inWindow(),
	problem("Trading Login Handoff dialog; error", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and IBC cannot answer that with this ExistingSessionDetectedAction; set it to primary or manual in config.ini"),
	problem("Trading Login Handoff dialog", supervisor.LoginDialog, // IBC answers it, or not: it says the same
		supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and asks whether to disconnect the other session"+chooseText).inWindow(),
	problem("could not handle 'Re-login is required' dialog", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "login needed",
		"another session has replaced this one, and IBC does not find the button to log in again"+chooseText).inWindow(),

	problem("Re-login after second factor authentication timeout not required", supervisor.LoginMissed, supervisor.ExitTwoFactorTimeout, "two-factor request missed",
		"the two-factor request was not answered in time, and IBC does not log in again; stop the Gateway and start it again, or set ReloginAfterSecondFactorAuthenticationTimeout=yes in config.ini").waits(),
	problem("Re-login after second factor authentication timeout in ", supervisor.LoginMissed, supervisor.ExitTwoFactorTimeout, "two-factor request missed",
		"the two-factor request was not answered in time; IBC logs in again"),
	problem("IBC closing because login has not completed after Second Factor Authentication", supervisor.LoginMissed, supervisor.ExitTwoFactorTimeout, "login not completed",
		"the two-factor request has ended, and the login did not go on; it was refused, or IBKR was slow (SecondFactorAuthenticationExitInterval in config.ini is how long IBC waits)"),
	problem("IBC closing after Second Factor Authentication dialog timeout", supervisor.LoginMissed, supervisor.ExitTwoFactorTimeout, "login not completed",
		"the two-factor request has ended, and the login did not go on; it was not answered in time, or refused"),
	problem("could not find second factor device list", supervisor.LoginNoDevice, supervisor.ExitIBCError, "two-factor device not chosen",
		"IBC does not find the list of two-factor devices in the Gateway's window; choose one there").waits(),
	problem("could not find second factor device ", supervisor.LoginNoDevice, supervisor.ExitBadConfig, "two-factor device unknown",
		"SecondFactorDevice in config.ini is not in IBKR's list of devices; choose one in the Gateway's window, and write its name into config.ini as it stands there").waits(),
	problem("You should specify the required second factor device", supervisor.LoginNoDevice, supervisor.ExitBadConfig, "two-factor device not chosen",
		"IBKR asks which two-factor device to use; choose one in the Gateway's window, and write its name into config.ini as SecondFactorDevice").waits(),
	problem("could not select second factor device", supervisor.LoginNoDevice, supervisor.ExitIBCError, "two-factor device not chosen",
		"IBKR asks which two-factor device to use, and IBC does not find the OK button"+chooseText).waits(),

	problem("IBC closing after TWS/Gateway failed to display login dialog", supervisor.LoginNoDialog, supervisor.ExitNoLoginDialog, "no login dialog", "the login dialog did not appear"),
	problem("could not login: could not find control: ", supervisor.LoginNoDialog, supervisor.ExitIBCError, "login dialog not known",
		"IBC does not find its way in the Gateway's login dialog; this Gateway version may be too new for it"),

	problem("could not dismiss non-brokerage account warning", supervisor.LoginDialog, supervisor.ExitIBCError, "a warning waits",
		"the Gateway warns that this is not a brokerage account, and IBC does not find the button; the API does not answer before"+chooseText).inWindow(),
	problem("could not dismiss Password Expiry Warning", supervisor.LoginPassword, supervisor.ExitIBCError, "password expires",
		"the Gateway says that the password expires, and IBC does not find the button"+chooseText).inWindow(),
	problem("could not dismiss ", supervisor.LoginDialog, supervisor.ExitIBCError, "a window waits for an answer",
		"a window of the Gateway waits for an answer, and IBC does not find the button; answer it there").inWindow(),
	problem("could not retry Login because", supervisor.LoginDialog, supervisor.ExitLoginFailed, "login failed",
		"the login has failed, and IBC does not find the button to try again"+chooseText).inWindow(),

	problem("An exception has occurred:", supervisor.LoginMessage, supervisor.ExitIBCError, "error in IBC", "IBC met an error it did not expect: ").withWords(),
	problem("Exception occurred at Gateway entry point", supervisor.LoginMessage, supervisor.ExitIBCError, "Gateway not started", "the Gateway has failed at its start: ").withWords(),
	problem("Can't find the Gateway entry point", supervisor.LoginMessage, supervisor.ExitIBCError, "Gateway not started", "the Gateway has failed at its start: ").withWords(),

	unremarkable("Read-only login not supported by Gateway"),
	unremarkable("the LogStructure"),
	unremarkable("could not initiate read-only login"),
	unremarkable("could not accept incoming connection"), // about one client of the API
	unremarkable("CommandServer: invalid command received"),
	unremarkable("Invalid setting SaveTwsSettingsAt="),
	unremarkable("AcceptBidAskLastSizeDisplayUpdateNotification setting is invalid"),
	unremarkable("ConfirmCryptoCurrencyOrders setting is invalid"),
	unremarkable("could not find control: "), // "… this is expected when restarting"
}

// gatewayTexts are parts of what the Gateway says itself, in its windows and
// their titles, in small letters. It and IBKR word them anew now and then.
var gatewayTexts = []knownText{
	problem("upgrade", supervisor.LoginUpgradeNeeded, supervisor.ExitLoginFailed, "Gateway too old",
		"IBKR's server does not accept this version of the Gateway any more; install the newest one"),
	problem("no longer supported", supervisor.LoginUpgradeNeeded, supervisor.ExitLoginFailed, "Gateway too old",
		"IBKR's server does not accept this version of the Gateway any more; install the newest one"),
	problem("too many failed login", supervisor.LoginTooManyAttempts, supervisor.ExitLoginFailed, "too many failed logins",
		"IBKR refuses logins for a while, since too many have failed; wait before you try again"),
	problem("locked", supervisor.LoginNotPermitted, supervisor.ExitLoginFailed, "account locked",
		"IBKR has locked this login; ask IBKR's customer service"),
	problem("not permitted", supervisor.LoginNotPermitted, supervisor.ExitLoginFailed, "login not permitted",
		"IBKR does not permit this login at the moment; log in to IBKR's Client Portal to see why"),
	problem("password has expired", supervisor.LoginPassword, supervisor.ExitLoginFailed, "password expired",
		"the password has to be changed; do that in IBKR's Client Portal, and write the new one into config.ini"),
	problem("change password", supervisor.LoginPassword, supervisor.ExitLoginFailed, "password expired",
		"the password has to be changed; do that in IBKR's Client Portal, and write the new one into config.ini"),
	problem("change your password", supervisor.LoginPassword, supervisor.ExitLoginFailed, "password expired",
		"the password has to be changed; do that in IBKR's Client Portal, and write the new one into config.ini"),
	problem("unrecognized username", supervisor.LoginRefused, supervisor.ExitLoginFailed, "login refused", refusedText),
	problem("invalid username", supervisor.LoginRefused, supervisor.ExitLoginFailed, "login refused", refusedText),
	problem("incorrect password", supervisor.LoginRefused, supervisor.ExitLoginFailed, "login refused", refusedText),
	problem("paper trading user", supervisor.LoginRefused, supervisor.ExitLoginFailed, "login refused",
		"the user name and TradingMode in config.ini do not belong together, IBKR says; look at both"),
	problem("existing session", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and asks which session to keep; answer in the Gateway's window, or set ExistingSessionDetectedAction in config.ini"),
	problem("re-login is required", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "login needed",
		"another session has replaced this one, and the Gateway asks whether to log in again"+chooseText),
	problem("trading login handoff", supervisor.LoginExistingSession, supervisor.ExitSessionElsewhere, "logged in elsewhere",
		"IBKR says that this user is logged in elsewhere, and asks whether to disconnect the other session"+chooseText),
	problem("not currently available", supervisor.LoginNoServer, supervisor.ExitLoginFailed, "IBKR not available",
		"IBKR's system is not available at the moment; it usually comes back by itself"),
	problem("server disconnected", supervisor.LoginNoServer, supervisor.ExitLoginFailed, "IBKR not reached",
		"IBKR's server has ended the connection; look at the network"),
	problem("soft token", supervisor.LoginMessage, supervisor.ExitLoginFailed, "login failed",
		"IBKR did not accept the saved login; IBC starts the Gateway again with a new one"),
}

// ibcText is what is known of a text of IBC's.
func ibcText(text string) (knownText, bool) {
	for _, k := range ibcTexts {
		if hasStart(text, k.text) {
			return k, true
		}
	}
	return knownText{}, false
}

// gatewayText is what is known of a text of the Gateway's.
func gatewayText(text string) (knownText, bool) {
	text = strings.ToLower(text)
	for _, k := range gatewayTexts {
		if strings.Contains(text, k.text) {
			return k, true
		}
	}
	return knownText{}, false
}

// isIBCsOwn reports a line that IBC prints while a window of the Gateway opens,
// and that is not the text of that window.
func isIBCsOwn(text string) bool {
	for _, start := range []string{"Getting ", "Creating ", "Waiting ", "Got ", "Found ", "Invoking ", "Main window ", "CommandServer", "Closing command channel",
		"Button ", "Setting ", "Performing ", "Login ", "trading mode ", "Auto", "TWS ", "Gateway", "Minimizing ", "Configuration ", "Clicking ", "Exiting ", "Window structure ",
		"detected ", "RestartTask", "Ensur", "Confirmed ", "Read-Only ", "STOP ", "RESTART ", "PAUSE ", "Order id ", "User must ", "Cold restart "} {
		if hasStart(text, start) {
			return true
		}
	}
	return false
}
