package ibc

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/lazyregexp"
)

// restart has IBC restart the Gateway where that needs no new login. Otherwise
// it is a stop and a start: without a command server, without IBC's script,
// which starts it again, without AutoRestartTime, where RESTART would make this
// minute the Gateway's daily restart time, and during a login: IBC would wait
// until it is completed, and then restart (RestartTask.java).
func (d *Driver) restart(ctx context.Context) error {
	api, why, err := d.whyNewLogin(ctx)
	if err != nil {
		return err
	}
	if why == "" {
		err = d.sendRestart(ctx)
		switch {
		case !unreachable(err):
			return err
		case api == nil && errors.Is(err, errNotOpen): // a stop and a start would be a login for nothing
			return d.o.refuse(supervisor.ReasonBusy, "wait until it is up, or stop it", "%v", err)
		}
		why = err.Error()
	}
	d.progress("restart: a new login is needed: %s", why)
	if err := d.stop(ctx, false, errors.Is(err, errNoAnswer)); err != nil {
		return err
	}
	if err := d.o.awaitGone(ctx, d.o.Grace.Term); err != nil {
		return err
	}
	return d.start(ctx, false)
}

// clearZombies restarts without a new login, or not at all.
func (d *Driver) clearZombies(ctx context.Context) error {
	_, why, err := d.whyNewLogin(ctx)
	if err != nil {
		return err
	}
	if why != "" {
		return d.o.refuse(supervisor.ReasonNeedsLogin, why, "a restart would need a new login")
	}
	return d.sendRestart(ctx)
}

// whyNewLogin says why a restart of the Gateway that runs needs a new login, ""
// when it needs none, and who listens on the API port.
func (d *Driver) whyNewLogin(ctx context.Context) (api *supervisor.Listener, why string, err error) {
	api, err = d.o.listener(ctx, d.o.Port)
	if err != nil {
		return nil, "", err
	}
	c, _ := d.o.controls(d.configOf(api), false)
	switch r := d.running(); {
	case r != nil && r.scriptGone():
		why = "IBC's script has ended, so that nobody would start the Gateway again"
	case r != nil && mayBeLoggingIn(r, api):
		why = "the login of now has not been completed"
	case !c.KeepsLogin:
		why = "IBC's command server is off, or AutoRestartTime is not set in its config.ini"
	}
	return api, why, nil
}

// mayBeLoggingIn reports a login that has begun, and has not been completed. Where
// IBC's log does not tell, as when somebody has removed it, that is so for a
// Gateway that does not listen.
func mayBeLoggingIn(r *run, api *supervisor.Listener) bool {
	switch r.phase.Load() {
	case supervisor.Login, supervisor.TwoFactor:
		return true
	case nil, supervisor.NoPhase:
		return r.adopted && api == nil
	}
	return false
}

func (d *Driver) sendRestart(ctx context.Context) error {
	answer, err := d.command(ctx, "RESTART")
	switch {
	case err != nil:
		return err
	case strings.HasSuffix(answer[0], "already in progress"):
		return d.o.refuse(supervisor.ReasonBusy, "wait until it is up, or stop it", "IBC restarts it already")
	case !hasPrefixFold(answer[0], "OK RESTART"): // from 3.16 to 3.23 "OK Restart in progress"
		return d.o.refuse(supervisor.ReasonCommandServer, "", "IBC answered RESTART with %q", answer[0])
	}
	if r := d.running(); r != nil {
		r.asksFor(nobody) // what a person has asked for is that it runs
	}
	at, announced := restartTime(answer, supervisor.Now())
	if !announced {
		d.progress("restart: IBC restarts the Gateway without a new login")
		return nil
	}
	d.progress("restart: IBC restarts the Gateway at %s without a new login, since its menu has no Restart", at.Format("15:04"))
	emit := *d.emit.Load() // Follow has set it: it has told what runs
	d.running().announce(ctx, func() { emit(supervisor.RestartAnnounced{At: at}) })
	return nil
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// announcedTime is the clock time in an answer to RESTART: "OK RESTART at 02:06
// PM", and before IBC 3.24 "OK Restarting at 02:06 PM". Java writes AM and PM
// as the computer's language has them.
var announcedTime = lazyregexp.New(`(?i)^OK restart(?:ing)? at (\d?\d):(\d\d)\W*(.?)`)

// announcedAhead is how far ahead a restart is at most that IBC announces: it
// sets it to the next minute (IBC 3.24.1, RestartTask.java).
const announcedAhead = 10 * time.Minute

// restartTime is when the Gateway restarts, if an answer to RESTART tells that.
// It is the time near now that the clock in the answer shows. Where there is
// none, Java's clock has another time zone than ours: then it is the next
// minute, as IBC does it.
func restartTime(answer []string, now time.Time) (at time.Time, announced bool) {
	for _, line := range answer {
		m := announcedTime.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		hour, _ := strconv.Atoi(m[1])
		minute, _ := strconv.Atoi(m[2])
		halves := []int{0, 12}
		switch m[3] {
		case "A", "a":
			halves = halves[:1]
		case "P", "p":
			halves = halves[1:]
		}
		at = now.Add(time.Minute).Truncate(time.Minute)
		for _, half := range halves {
			for _, day := range []int{-1, 0, 1} {
				clock := time.Date(now.Year(), now.Month(), now.Day()+day, hour%12+half, minute, 0, 0, now.Location())
				if clock.Sub(now).Abs() < announcedAhead {
					at = clock
				}
			}
		}
		return at, true
	}
	return time.Time{}, false
}
