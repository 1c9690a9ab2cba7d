package main

import (
	"math/rand/v2"
	"time"
)

// What goes wrong with the desktop.
var desktopFaults = []*fault{
	{"the notification service ends", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		return w.endService("no notifications", w.desktop.StopNotifications, s.hold)
	}},
	{"the notification service hangs", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		w.desktop.HangNotifications(true)
		w.later("the notification service hangs", s.hold, func() { w.desktop.HangNotifications(false) })
		return "hangs"
	}},
	{"the panel ends", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		return w.endService("no panel", w.desktop.StopWatcher, s.hold)
	}},
	{"the bus is killed", 3, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		if w.busAway {
			return "there is none"
		}
		w.desktop.KillBus()
		w.busAway = true
		w.later("no bus", s.hold, w.renewBus)
		return "killed"
	}},
	{"the bus stands still", 2, func(w *world, _ *gateway, s step, _ *rand.Rand) string {
		if w.busAway {
			return "there is none"
		}
		w.desktop.FreezeBus(true)
		w.busAway = true
		w.later("the bus stands still", s.hold, func() {
			w.desktop.FreezeBus(false)
			w.busAway = false
			w.mendDesktop()
		})
		return "stopped"
	}},
}

// endService ends the panel or the notification service for a while. without is
// how the desktop is then.
func (w *world) endService(without string, end func(), hold time.Duration) string {
	if w.busAway {
		return "there is no bus"
	}
	end()
	w.later(without, hold, w.mendDesktop)
	return "ended"
}

// renewBus brings the bus back after it was killed, and the panel and the
// notification service with it.
func (w *world) renewBus() {
	w.desktop.RestartBus()
	w.busAway = false
	w.desktop.StartNotifications()
	w.desktop.StartWatcher()
}

// mendDesktop starts the panel and the notification service anew, unless the bus
// is away: they come back with it.
func (w *world) mendDesktop() {
	if w.busAway {
		return
	}
	w.desktop.StopNotifications()
	w.desktop.StartNotifications()
	w.desktop.StopWatcher()
	w.desktop.StartWatcher()
}
