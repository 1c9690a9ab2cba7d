package supervisor

// An AlertReport is how the desktop shows alerts.
type AlertReport struct {
	By         string // the program that shows them, "dunst 1.9.0"; "" for none
	Unreliable bool   // they may be dropped without an error
	Short      string // why they are not shown in a better way; "" when they are
	Do         string // what a person can do about Short, or about the error beside it
	Buttons    bool   // they can have buttons
	Sound      bool   // they can play a sound
	Detail     string // what the system says in its own values, for a report; "" where it says nothing
}
