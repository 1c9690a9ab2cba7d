package ibc

import (
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
)

func TestThePromptSaysWhatTheDeviceNeeds(t *testing.T) {
	prompt := []string{"Second Factor Authentication initiated"}
	card := append(dialog("Security Code Card Authentication", "Opened"), prompt...)
	clicked := time.Date(2026, 11, 23, 14, 55, 57, 0, time.Local)
	for _, tt := range []struct {
		name, version, config string
		lines                 []string
		do                    string
		until                 time.Duration // after the click; 0: not known
	}{
		{"no device", "3.24.1", "", prompt, "", 3 * time.Minute},
		{"the phone", "3.24.1", "SecondFactorDevice=IB Key\n", prompt, "", 3 * time.Minute},
		{"the phone's newer name", "3.20.0", "SecondFactorDevice = IBKR Mobile (Android)\n", prompt, "", 3 * time.Minute},
		{"a code of the phone", "3.24.1", "SecondFactorDevice=Mobile Authenticator app\n", prompt, "Type the code from Mobile Authenticator app into the Gateway's window", 3 * time.Minute},
		{"a quoted name", "3.24.1", "SecondFactorDevice=\"Mobile Authenticator App\"\n", prompt, "Type the code from Mobile Authenticator App into the Gateway's window", 3 * time.Minute},
		{"a card", "3.24.1", "SecondFactorDevice=Security Code Card\n", card, "Type the code from Security Code Card into the Gateway's window", 3 * time.Minute},
		{"a card with a display", "3.24.1", "SecondFactorDevice=Digital Security Card+\n", prompt, "Type the code from Digital Security Card+ into the Gateway's window", 3 * time.Minute},
		{"the card's window, though config.ini names none", "3.24.1", "", card, "Type the code from your security code card into the Gateway's window", 3 * time.Minute},
		{"a device that nobody knows", "3.24.1", "SecondFactorDevice=Yubikey\n", prompt, "Confirm the login with Yubikey", 3 * time.Minute},
		{"another timeout", "3.17.0", "SecondFactorAuthenticationTimeout=60\n", prompt, "", time.Minute},
		{"a timeout that is none", "3.17.0", "SecondFactorAuthenticationTimeout=soon\n", prompt, "", 3 * time.Minute},
		{"before 3.14 there is no timeout", "3.12.0", "SecondFactorAuthenticationTimeout=60\n", prompt, "", 0},
		{"before 3.8.3 only the window tells", "3.8.2", "", dialog("Second Factor Authentication", "Opened", "Activated"), "", 0},
		{"a password that was written there by mistake", "3.24.1", "IbPassword=canary\nSecondFactorDevice=canary\n", prompt, "Confirm the login with •••", 3 * time.Minute},
	} {
		events := input{version: tt.version, lines: tt.lines}.after(t, tt.config)
		if len(events) != 1 {
			t.Errorf("%s: %s, want one prompt", tt.name, describe(events))
			continue
		}
		until := time.Time{}
		if tt.until != 0 {
			until = clicked.Add(tt.until)
		}
		if got := events[0].(supervisor.PhaseSeen); got.Phase != supervisor.TwoFactor || got.TwoFactor != (supervisor.TwoFactorRequest{Do: tt.do, Until: until}) {
			t.Errorf("%s: %+v, want %q until %s", tt.name, got, tt.do, until)
		}
	}
}

func TestAnEndThatSomebodyHasDecidedIsAPlan(t *testing.T) {
	const (
		exiting = "Login has completed: exiting via [File, Close] menu"
		closing = "detected dialog entitled: Shutdown progress; event=Opened"
	)
	for _, tt := range []struct {
		name, version, config string
		lines                 []string // after the login
		want                  string
	}{
		{"ClosedownAt", "3.24.1", "ClosedownAt=22:00\n", []string{exiting, closing}, "PLANNED at the time set as ClosedownAt in config.ini"},
		{"ClosedownAt, as 3.12 says it", "3.12.0", "", []string{"Gateway will be shut down at 2026/11/23 22:00", exiting, closing}, "PLANNED at the time set as ClosedownAt in config.ini"},
		{"ClosedownAt, of which 3.20 says one word", "3.20.0", "ClosedownAt=22:00\nColdRestartTime=13:00\n", []string{"Gateway", exiting, closing}, "PLANNED at the time set as ClosedownAt in config.ini"},
		{"ClosedownAt of TWS", "3.24.1", "", []string{"TWS will be shut down at 2026/11/23 22:00", "Login has completed: exiting via [File, Exit] menu", closing}, "PLANNED at the time set as ClosedownAt in config.ini"},
		{"a cold restart is no end", "3.24.1", "", []string{"Gateway will be cold restarted at 2026/11/29 13:00", exiting, closing}, "restarting"},
		{"a cold restart of which 3.20 says one word", "3.20.0", "ColdRestartTime=13:00\n", []string{"Gateway", exiting, closing}, "restarting"},
		{"STOP", "3.24.1", "", []string{"CommandServer received command: Stop", exiting, closing}, "STOP"},
		{"PAUSE", "3.24.1", "", []string{"CommandServer received command: pause", closing}, "PLANNED somebody has sent PAUSE to IBC; the next start needs no login"},
		{"PAUSE, which 3.23 does not know", "3.23.0", "", []string{"CommandServer received command: PAUSE"}, ""},
		{"RESTART, which 3.12 does not know", "3.12.0", "", []string{"CommandServer received command: RESTART"}, ""},
		{"RESTART", "3.16.0", "", []string{"CommandServer received command: RESTART", "Detected dialog entitled: IBKR Gateway; event=Opened", "Click button: Yes", closing}, "restarting"},
		{"its window is closed", "3.24.1", "", []string{"detected dialog entitled: IBKR Gateway; event=Opened", "detected dialog entitled: IBKR Gateway; event=Closed", closing}, "PLANNED somebody has closed its window"},
		{"its window is closed, 3.16", "3.16.2", "", []string{"Detected dialog entitled: IB Gateway; event=Opened", closing}, "PLANNED somebody has closed its window"},
		{"another window was open", "3.24.1", "", []string{"detected dialog entitled: IBKR Gateway; event=Opened", "Your market data is delayed", closing}, ""},
		{"auto logoff", "3.24.1", "", []string{"Auto logoff time already set to 11:45 PM", closing}, "PLANNED at the time set as AutoLogoffTime in config.ini"},
		{"auto restart", "3.24.1", "", []string{"Auto restart time set to 11:45 PM", closing}, ""},
		{"IBKR ends the week", "3.24.1", "", []string{closing}, ""},
		{"another session replaces this one", "3.24.1", "", []string{"Other session may be primary, so end this session and let the other one proceed (scenario 6)"},
			"problem existing_session, PLANNED this user is logged in elsewhere, and IBC has ended this session for the other one (ExistingSessionDetectedAction in config.ini)"},
		{"the same with 3.8.5", "3.8.5", "", []string{"Other session must be a primary: let the other session proceed"},
			"problem existing_session, PLANNED this user is logged in elsewhere, and IBC has ended this session for the other one (ExistingSessionDetectedAction in config.ini)"},
	} {
		events := input{version: tt.version, lines: append([]string{"Login has completed"}, tt.lines...)}.after(t, tt.config)
		if got := strings.TrimPrefix(strings.TrimPrefix(describe(events), "logged_in"), ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	before := input{version: "3.24.1", lines: []string{"Login has not completed: exiting immediately"}}
	if got := describe(before.after(t, "")); got != "PLANNED at the time set as ClosedownAt in config.ini" {
		t.Errorf("ClosedownAt before the login: %q", got)
	}
	refused := input{version: "3.24.1", lines: []string{"Login failed", "Cold restart in progress", "Login has not completed: exiting immediately"}}
	if got := describe(refused.after(t, "")); got != "problem login_refused" {
		t.Errorf("a cold restart after a refused login: %q", got)
	}
}

// The log has the local time, which a clock change makes ambiguous.
func TestATimeThatCannotBeRightIsNotKnown(t *testing.T) {
	for _, tt := range []struct {
		ago  time.Duration // when it was printed, by the log
		want bool          // that the end of the request is known
	}{{2 * time.Second, true}, {time.Hour, false}, {-time.Hour, false}} {
		at := supervisor.Now().Add(-tt.ago).Format("2006-01-02 15:04:05") + ":000 IBC: "
		l := writtenLog(t, at+"Click button: Log In\n"+at+"Second Factor Authentication initiated\n")
		l.parser.settings = readRunSettings("")
		var until time.Time
		l.readLive(func(e supervisor.Event) {
			if p, ok := e.(supervisor.PhaseSeen); ok && p.Phase == supervisor.TwoFactor {
				until = p.TwoFactor.Until
			}
		})
		if until.IsZero() == tt.want {
			t.Errorf("printed %s ago: until %s", tt.ago, until)
		}
	}
}
