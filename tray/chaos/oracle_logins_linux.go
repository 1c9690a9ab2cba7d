package main

import (
	"fmt"
	"time"
)

// The login budget: once it is spent, no login follows that nobody has asked for.

const loginBudget = 3 // of the default settings

// spending is what the oracle knows of one Gateway's logins.
type spending struct {
	unattended int       // by the last sample
	spent      time.Time // since when the budget is; zero: it is not
}

// checkBudget notes a login that comes later than the deadline after the budget
// was spent, while the program was there to prevent it.
func (o *oracle) checkBudget(s sample) {
	for _, t := range s.gateway {
		was := o.logins[t.name]
		now := spending{unattended: t.unattended, spent: was.spent}
		switch {
		case !s.supervised || t.unattended < loginBudget || t.forgotten:
			now.spent = time.Time{}
		case was.spent.IsZero():
			now.spent = s.at
		case t.unattended > was.unattended && s.at.Sub(was.spent) > deadline:
			o.note(s.at, "logins have a budget", fmt.Sprintf("%s: login %d that nobody has asked for, %v after the budget of %d was spent",
				t.name, t.unattended, s.at.Sub(was.spent).Round(time.Millisecond), loginBudget))
		}
		o.logins[t.name] = now
	}
}
