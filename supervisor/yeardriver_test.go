package supervisor

import (
	"fmt"
	"time"
)

// This file does what Decide asks for, as the engine and IBC's driver do.

// doEffect carries out what Decide asks for.
func (w *world) doEffect(f Effect) {
	switch f := f.(type) {
	case LookNow:
		w.lookSoon()
	case OpenSession:
		w.openSession()
	case IdentifyProcess:
		w.after(10*time.Millisecond, func() {
			if g := &w.gateway; !g.ours && g.script == f.PID && g.listens {
				w.tell(w.gatewaySeen())
			}
		})
	case SaveKeepRunning:
		w.base.KeepRunning = f.KeepRunning
	case Record:
		w.recent = append(w.recent, fmt.Sprintf("%s %s %s %s %s", f.Entry.At.In(w.zone).Format("15:04:05.000"), f.Entry.Kind, f.Entry.To, f.Entry.Phase, f.Entry.Text))
		w.recent = w.recent[max(0, len(w.recent)-25):]
	case Reply:
		if f.ID == w.people.request && f.Err != nil { // and people are told
			w.people.wants = w.people.wanted
		}
	case PerformAction:
		w.checkAction(f)
		life := w.life
		w.after(300*time.Millisecond, func() {
			if life == w.life { // else it ended with the Gatelight that wanted it
				w.perform(f)
			}
		})
	}
}

// perform is IBC's driver.
func (w *world) perform(f PerformAction) {
	g := &w.gateway
	ended := func(err *ActionError) { w.tell(ActionEnded{ID: f.ID, Action: f.Action, Err: err}) }
	switch running := g.script != 0; {
	case w.chance(0.01):
		w.note("driver hangs")
	case f.Action == CopyConfig:
		ended(nil)
	case w.mono < g.blindUntil, w.chance(0.02):
		w.note("action fails")
		ended(failed("the look failed"))
	case f.Action == Start && running:
		ended(failed("it runs already"))
	case f.Action == Start:
		w.startIBC(true, !f.Unattended)
		w.after(w.between(3*time.Second, 12*time.Second), func() {
			if g.script == 0 {
				ended(failed("it ended at once"))
				return
			}
			ended(nil)
		})
	case !running:
		ended(nil)
	case f.Action == Stop:
		w.stopIBC(ended)
	case g.nightly && !w.tokenIsOver():
		w.note("restart without a login")
		ended(nil)
		w.restartIBC(true)
	case f.Action == ClearZombies:
		ended(failed("a restart would need a new login"))
	default:
		w.stopIBC(func(err *ActionError) {
			if err == nil {
				w.startIBC(true, true)
			}
			w.after(5*time.Second, func() { ended(err) })
		})
	}
}

// stopIBC is STOP, and what it takes.
func (w *world) stopIBC(ended func(*ActionError)) {
	g := &w.gateway
	g.stopping = true
	w.logs(PlannedEndSeen{})
	takes := time.Second
	if g.answers {
		takes = w.between(2*time.Second, 40*time.Second)
	}
	w.after(takes, func() {
		w.ends(ExitPlanned, "it closed normally")
		ended(nil)
	})
}
