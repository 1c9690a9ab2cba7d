package simgateway

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"gatelight/supervisor/regularfile"
)

// Never is a [Options.TwoFactor] that waits for the control command "approve".
const Never time.Duration = -1

// How a login ends, besides well.
const (
	LoginOK               = "ok"
	LoginFailed           = "failed"            // "Login failed": cold restart, again and again
	LoginConnectionFailed = "connection_failed" // "Connection to server failed": the same loop
	LoginNoDialog         = "no_dialog"         // the login dialog never shows: exit 1112, again and again
	LoginStuck            = "stuck"             // approved, but the login does not go on: exit 1111
	LoginUnanswered       = "unanswered"        // the approval's window goes away by itself; IBC just stays
	LoginTooMany          = "too_many"          // IBKR refuses for now; IBC just stays
	LoginExisting         = "existing_session"  // logged in elsewhere: waits for the control command "approve"
)

// Options say how a simulated Gateway is set up and how it behaves. The zero
// value is a paper Gateway on port 4002 that logs in at once.
type Options struct {
	// IBC is the version of IBC in whose words the log and the command server
	// speak, from 3.8.6 on; 3.24.1 if empty. The file "version" does not follow
	// it, so that an old one can be tried, too, that nobody would start today.
	IBC string
	// ServerVersion of the API, 187 if zero. It decides the encoding.
	ServerVersion int
	// LaunchDelay passes between the start and the login dialog, LoginDelay
	// between the password and the end of the login.
	LaunchDelay, LoginDelay time.Duration
	// TwoFactor asks for an approval and gets it after this time. Zero asks for
	// none; Never waits for the control command.
	TwoFactor time.Duration
	// LoginResult is one of the Login constants; empty is LoginOK.
	LoginResult string
	// APIAddress to listen on. Empty is every address, dual-stack, as Java
	// does.
	APIAddress string
	// EarlyPort opens the API port at the start; handshakes wait for the login.
	EarlyPort bool
	// StopDelay and RestartDelay pass between the command and the exit,
	// RelaunchDelay until the launcher starts java again.
	StopDelay, RestartDelay, RelaunchDelay time.Duration
	// IgnoreStop acknowledges STOP and then hangs, as a stuck Gateway does.
	// IgnoreTerm makes even SIGTERM useless.
	IgnoreStop, IgnoreTerm bool
	// NoRestartMenu makes RESTART set the Gateway's restart time to the next
	// minute, as IBC does where the menu has no Restart….
	NoRestartMenu bool
	// Account that the API reports, DU1234567 if empty.
	Account string
	// Control is the path of the control socket; Install picks one if it is
	// empty.
	Control string

	// What follows ends up in config.ini and is only used by Install.

	// APIPort is 4002 if zero. CommandServerPort zero is off, as in IBC.
	APIPort, CommandServerPort int
	// LoginID and Password are canaries: they must never be seen again.
	LoginID, Password string
	// TradingMode is paper if empty.
	TradingMode string
}

// scenes is the file form of the Options: what java reads at each of its
// starts, so that a test can change it between two of them.
type scenes struct {
	IBC           string   `json:"ibc,omitempty"`
	ServerVersion int      `json:"server_version,omitempty"`
	LaunchDelay   duration `json:"launch_delay,omitempty"`
	LoginDelay    duration `json:"login_delay,omitempty"`
	TwoFactor     approval `json:"two_factor,omitempty"`
	LoginResult   string   `json:"login_result,omitempty"`
	APIAddress    string   `json:"api_address,omitempty"`
	EarlyPort     bool     `json:"early_port,omitempty"`
	StopDelay     duration `json:"stop_delay,omitempty"`
	RestartDelay  duration `json:"restart_delay,omitempty"`
	RelaunchDelay duration `json:"relaunch_delay,omitempty"`
	IgnoreStop    bool     `json:"ignore_stop,omitempty"`
	IgnoreTerm    bool     `json:"ignore_term,omitempty"`
	NoRestartMenu bool     `json:"no_restart_menu,omitempty"`
	Account       string   `json:"account,omitempty"`
	Control       string   `json:"control,omitempty"`
}

// A duration is a duration that JSON shows in Go's syntax.
type duration time.Duration

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (d *duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err == nil && v < 0 {
		err = fmt.Errorf("duration %s is negative", text)
	}
	*d = duration(v)
	return err
}

// An approval is a span that may also be "never".
type approval time.Duration

func (a approval) MarshalText() ([]byte, error) {
	if time.Duration(a) == Never {
		return []byte("never"), nil
	}
	return duration(a).MarshalText()
}

func (a *approval) UnmarshalText(text []byte) error {
	if string(text) == "never" {
		*a = approval(Never)
		return nil
	}
	return (*duration)(a).UnmarshalText(text)
}

// SetScenes gives an installed Gateway another behaviour from its next start
// on.
func (l Layout) SetScenes(o Options) error {
	o.Control = cmp.Or(o.Control, l.Control)
	return writeScenes(l.Scenes, o)
}

// writeScenes writes the behaviour in o to file, for the next start of java. It
// replaces the file whole: a Gateway that starts meanwhile reads old or new.
func writeScenes(file string, o Options) error {
	text, err := json.MarshalIndent(scenes{
		IBC: o.IBC, ServerVersion: o.ServerVersion, LaunchDelay: duration(o.LaunchDelay), LoginDelay: duration(o.LoginDelay),
		TwoFactor: approval(o.TwoFactor), LoginResult: o.LoginResult, APIAddress: o.APIAddress,
		EarlyPort: o.EarlyPort, StopDelay: duration(o.StopDelay), RestartDelay: duration(o.RestartDelay),
		RelaunchDelay: duration(o.RelaunchDelay), IgnoreStop: o.IgnoreStop, IgnoreTerm: o.IgnoreTerm, NoRestartMenu: o.NoRestartMenu,
		Account: o.Account, Control: o.Control,
	}, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write scenes: %w", err)
	}
	if err := os.WriteFile(file+".new", append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("cannot write scenes: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("cannot write scenes: %w", err)
	}
	return nil
}

// readScenes reads file; no file at all means the default behaviour.
func readScenes(file string) (scenes, error) {
	s := scenes{}
	text, err := regularfile.Read(file, 1<<20)
	if err != nil && (file != "" || !errors.Is(err, fs.ErrNotExist)) {
		return s, fmt.Errorf("cannot read scenes: %w", err)
	}
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&s); err != nil {
			return s, fmt.Errorf("cannot read scenes %s: %w", file, err)
		}
	}
	return s.withDefaults()
}

func (s scenes) withDefaults() (scenes, error) {
	if s.ServerVersion == 0 {
		s.ServerVersion = 187
	}
	if s.Account == "" {
		s.Account = "DU1234567"
	}
	if s.IBC == "" {
		s.IBC = newestIBC
	}
	if parseVersion(s.IBC) == (version{}) {
		return s, fmt.Errorf("cannot read scenes: ibc %q is no version like %s", s.IBC, newestIBC)
	}
	switch s.LoginResult {
	case "":
		s.LoginResult = LoginOK
	case LoginOK, LoginFailed, LoginConnectionFailed, LoginNoDialog, LoginStuck, LoginUnanswered, LoginTooMany, LoginExisting:
	default:
		return s, fmt.Errorf("cannot read scenes: login_result %q is none of ok, failed, connection_failed, no_dialog, stuck, unanswered, too_many, existing_session", s.LoginResult)
	}
	return s, nil
}
