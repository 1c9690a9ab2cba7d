package main

import (
	"math/rand/v2"
)

// What goes wrong with the desktop.
var desktopFaults = []*fault{
	{"the notification service ends", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.desktop.StopNotifications()
		w.later("no notifications", s.hold, w.mendDesktop)
		return "ended"
	}},
	{"the notification service hangs", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.desktop.HangNotifications(true)
		w.later("the notification service hangs", s.hold, func() { w.desktop.HangNotifications(false) })
		return "hangs"
	}},
	{"the panel ends", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.desktop.StopWatcher()
		w.later("no panel", s.hold, w.mendDesktop)
		return "ended"
	}},
	{"the bus is killed", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.desktop.KillBus()
		w.busDead = true
		w.later("no bus", s.hold, w.mendDesktop)
		return "killed"
	}},
	{"the bus stands still", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		if w.busDead {
			return "there is none"
		}
		w.desktop.FreezeBus(true)
		w.later("the bus stands still", s.hold, func() {
			if !w.busDead {
				w.desktop.FreezeBus(false)
			}
		})
		return "stopped"
	}},
}

// mendDesktop brings back what is gone of the desktop.
func (w *world) mendDesktop() {
	if w.busDead {
		w.desktop.RestartBus()
		w.busDead = false
	}
	w.desktop.StopNotifications()
	w.desktop.StartNotifications()
	w.desktop.StopWatcher()
	w.desktop.StartWatcher()
}
