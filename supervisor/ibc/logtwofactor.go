package ibc

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
)

// runSettings are what config.ini says that is needed to understand the log of
// a run.
type runSettings struct {
	device       string        // SecondFactorDevice
	timeout      time.Duration // SecondFactorAuthenticationTimeout
	closesDown   bool          // ClosedownAt is set
	coldRestarts bool          // ColdRestartTime is set
	secrets      config.Mask
}

// defaultTwoFactorTimeout is that of IBC 3.14 and newer.
const defaultTwoFactorTimeout = 180 * time.Second

// readRunSettings reads the config.ini of a run. What cannot be read is as if
// it were not set: IBC does not start without the file anyway.
func readRunSettings(ini string) runSettings {
	s := runSettings{timeout: defaultTwoFactorTimeout}
	b, err := config.Read(ini)
	if err != nil {
		return s
	}
	s.secrets.Learn(b)
	file := config.ParseKeys(b, "SecondFactorDevice", "SecondFactorAuthenticationTimeout", "ClosedownAt", "ColdRestartTime")
	value := func(key string) string { return strings.Trim(file.Value(key), " \t\"'") }
	s.device = value("SecondFactorDevice")
	if n, err := strconv.Atoi(value("SecondFactorAuthenticationTimeout")); err == nil && n > 0 {
		s.timeout = time.Duration(n) * time.Second
	}
	s.closesDown, s.coldRestarts = value("ClosedownAt") != "", value("ColdRestartTime") != ""
	return s
}

// twoFactorEvents are about the second factor of a login.
func (l *logParser) twoFactorEvents(m *message) ([]supervisor.Event, bool) {
	switch {
	case m.text == "Second Factor Authentication initiated":
		return l.twoFactor(m.at), true
	case strings.HasPrefix(m.text, "Duration since login: "), m.text == "Second Factor Authentication dialog closed": // the latter up to 3.13
		return l.phase(supervisor.Login), true
	case strings.HasPrefix(m.text, "If login has not completed, IBC will exit in "):
		return nil, true
	}
	return nil, false
}

// twoFactor reports that a person has to confirm the login.
func (l *logParser) twoFactor(at time.Time) []supervisor.Event {
	l.told = supervisor.TwoFactor
	return []supervisor.Event{supervisor.PhaseSeen{Phase: supervisor.TwoFactor, TwoFactor: l.java.twoFactorRequest(l.settings, at)}}
}

// codeDevices are those of IBKR that show a code, which has to be typed; the
// others ask on the phone.
var codeDevices = []string{"mobile authenticator", "security code card", "digital security card", "authenticator app", "sms"}

// twoFactorRequest is what has to be done. IBC takes a request for missed when
// its window closes later than its timeout after the click on the login button.
func (j *javaRun) twoFactorRequest(s runSettings, at time.Time) supervisor.TwoFactorRequest {
	var r supervisor.TwoFactorRequest
	device := s.mask(s.device)
	name := strings.ToLower(device)
	const typeIt = "Type the code from %s into the Gateway's window"
	switch {
	case j.codeCard && !strings.Contains(name, "card"):
		r.Do = strings.Replace(typeIt, "%s", "your security code card", 1)
	case containsAny(name, codeDevices):
		r.Do = strings.Replace(typeIt, "%s", device, 1)
	case device != "" && !containsAny(name, []string{"ibkr mobile", "ib key"}):
		r.Do = "Confirm the login with " + device
	}
	if !j.version.isBefore(3, 14, 0) { // older ones have no such timeout
		from := j.loginAt
		if from.IsZero() {
			from = at
		}
		r.Until = from.Add(cmp.Or(s.timeout, defaultTwoFactorTimeout))
	}
	return r
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}
