package supervisor

import "fmt"

// An ActionError says why an action was refused or has failed.
type ActionError struct {
	Action  Action `json:"action"`
	Gateway string `json:"gateway"`
	Reason  Reason `json:"reason"`
	Text    string `json:"text"`           // why: lower case, no full stop
	Hint    string `json:"hint,omitempty"` // the cause, or what the person can do
}

// Error says what could not be done, to which Gateway, why, and what to do.
func (e *ActionError) Error() string {
	return "cannot " + e.Action.Phrase(e.Gateway) + ": " + e.Explanation()
}

// Explanation is the reason and the hint, without what could not be done.
func (e *ActionError) Explanation() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + "; " + e.Hint
}

// Phrase is the action and its Gateway in words that follow "cannot" or "could
// not": "start paper".
func (a Action) Phrase(gateway string) string {
	switch a {
	case ClearZombies:
		return "clear the zombies of " + gateway
	case CopyConfig:
		return "copy the IBC config of " + gateway
	case KeepRunningOn, KeepRunningOff:
		return "change whether " + gateway + " is kept running"
	}
	return fmt.Sprintf("%s %s", a, gateway)
}

// Refusal says why an action is not possible in this state; nil: it is
// possible. The menu disables its entries by it, and [Decide] refuses requests
// by it.
func (s Snapshot) Refusal(a Action) *ActionError {
	refuse := func(r Reason, text, hint string) *ActionError {
		return &ActionError{Action: a, Gateway: s.Name, Reason: r, Text: text, Hint: hint}
	}
	switch {
	case a == KeepRunningOn || a == KeepRunningOff:
		return nil
	case s.Busy != "":
		return refuse(ReasonBusy, fmt.Sprintf("a %s is under way", s.Busy), "")
	case a == CopyConfig && !s.HasConfigSource:
		return refuse(ReasonNoConfigSource, "no config_source is set", "")
	case a == CopyConfig:
		return nil
	case s.State == Unknown && s.LookFresh: // Why says what a person can do
		return refuse(ReasonStateUnknown, "the state is unknown, so actions are disabled", s.Why)
	case s.State == Unknown:
		return refuse(ReasonStateUnknown, "the state is unknown, so actions are disabled", "")
	case a == Start && s.State == Starting:
		return refuse(ReasonAlreadyStarting, "it is starting already", "")
	case a == Start && s.State != Down:
		return refuse(ReasonPortOpen, fmt.Sprintf("port %d is open already", s.Port), "")
	case a == Stop && s.State == Down && s.next(NextStart):
		return nil
	case (a == Restart || a == ClearZombies) && s.next(NextRestart):
		return refuse(ReasonBusy, "a restart is announced for "+clock(s.Next.At), "")
	case a != Start && s.State == Down && s.Process.PID == 0:
		return refuse(ReasonNotRunning, "it is not running", "")
	case a != Start && s.Listener != nil && s.Listener.NoGateway && s.Process.PID == 0:
		return refuse(ReasonNotRunning, s.Listener.Process.Label()+" listens on its port, and is no Gateway or TWS", "end that program, or set another port")
	case a != Start && s.uncontrolled():
		return refuse(ReasonNoControls, "it was started without Gatelight and IBC's command server is off", "close it by hand")
	case a == ClearZombies && s.State != Zombies:
		return refuse(ReasonNoZombies, "there are no zombies", "")
	case a == ClearZombies && !s.Process.Controls.KeepsLogin:
		return refuse(ReasonNeedsLogin, "a restart needs a new login",
			"IBC's command server is off, or AutoRestartTime is not set in its config.ini; restart it yourself")
	}
	return nil
}

// next reports what happens next without a request.
func (s Snapshot) next(a NextAction) bool { return s.Next != nil && s.Next.Action == a }

// uncontrolled reports somebody else's Gateway that takes neither commands nor
// signals.
func (s Snapshot) uncontrolled() bool {
	c := s.Process.Controls
	return s.Process.By == ByOther && !c.Command && !c.Signal
}
