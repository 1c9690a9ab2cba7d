package supervisor

import "time"

// A TwoFactorRequest is what a person has to do for the second factor of a
// login.
type TwoFactorRequest struct {
	Do    string    `json:"do"`             // upper case, no full stop
	Until time.Time `json:"until,omitzero"` // by when; zero: not known
}

// A LoginProblem is what keeps a login from going on, as IBC's log tells.
type LoginProblem struct {
	Reason LoginReason `json:"reason"` // "": there is none
	Title  string      `json:"title"`  // in a few words, for the title of a notice: "login refused"
	Text   string      `json:"text"`   // what is wrong and what a person can do: lower case, no full stop
	// Waits: nothing goes on until a person acts. Otherwise IBC tries again or
	// ends.
	Waits bool `json:"waits"`
}

// missedTwoFactor is a problem of which IBC's log says nothing: only the time
// tells.
var missedTwoFactor = LoginProblem{Reason: LoginMissed, Title: "login stopped after two-factor", Waits: true,
	Text: "the two-factor request has ended, and the login does not go on; it was refused or came too late. Look at the Gateway's window, or stop it and start it again"}

// A LoginReason is the kind of a [LoginProblem].
type LoginReason string

// What may keep a login from going on.
const (
	LoginRefused         LoginReason = "login_refused"      // user name, password or trading mode
	LoginNotPermitted    LoginReason = "not_permitted"      // the account may not log in now
	LoginTooManyAttempts LoginReason = "too_many_attempts"  // IBKR refuses logins for a while
	LoginExistingSession LoginReason = "existing_session"   // the user is logged in elsewhere
	LoginNoServer        LoginReason = "server_unreachable" // IBKR's server could not be reached
	LoginUpgradeNeeded   LoginReason = "upgrade_needed"     // the Gateway is too old for IBKR's server
	LoginNoDialog        LoginReason = "no_login_dialog"    // the Gateway does not show its login dialog
	LoginNoDevice        LoginReason = "no_device"          // SecondFactorDevice is not in IBKR's list
	LoginMissed          LoginReason = "two_factor_missed"  // the two-factor request was not answered in time
	LoginPassword        LoginReason = "password_expiry"    // the password has to be changed
	LoginDialog          LoginReason = "dialog"             // another window of the Gateway waits for an answer
	LoginMessage         LoginReason = "message"            // IBC's or the Gateway's own words, not known here
)
