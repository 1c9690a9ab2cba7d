package ibc

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"gatelight/supervisor"
)

// othersInterval is how often processes are looked through for an IBC that
// somebody else has started. A look takes some milliseconds.
const othersInterval = 15 * time.Second

// An other is an IBC that somebody else has started with our config.ini. It may
// never listen: where IBKR refuses the login, its script tries again for ever,
// and IBKR counts.
type other struct {
	pid  int     // of the script, or else of Java; 0: there is none
	told bool    // people were told: it was there at two looks, and is no process of ours that is about to end
	log  *runLog // nil: it is not known where IBC's output goes
}

// watchOthers reports the logins of such an IBC while no Gateway of ours runs.
func watchOthers(ctx context.Context, d *Driver, emit func(supervisor.Event)) {
	ticker := time.NewTicker(d.othersInterval)
	defer ticker.Stop()
	var o other
	defer func() { o.close() }()
	for {
		if d.running() == nil {
			o = o.next(d, emit)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// next reads on in the log of the other IBC, and finds out whether there still
// is one.
func (o other) next(d *Driver, emit func(supervisor.Event)) other {
	java, script := d.o.withOurConfig()
	found := cmp.Or(script, java)
	o.read(emit) // to its end, if it has ended
	switch {
	case found != o.pid:
		o.close()
		return other{pid: found}
	case found == 0 || o.told || d.running() != nil: // ours has just been started
		return o
	}
	o.told = true
	text := "its logins cannot be counted, since it is not known where its output goes"
	if path := outputOf(found); path != "" {
		o.log = newRunLog(path)
		text = "its logins are counted, by " + path
	}
	emit(supervisor.ActionProgressed{Text: fmt.Sprintf("somebody else runs IBC with this config.ini, as process %d; %s", found, text)})
	o.read(emit)
	return o
}

// read reports the logins of the last hour that are new in the log. None of
// them is attended: nobody has asked Gatelight for it.
func (o other) read(emit func(supervisor.Event)) {
	if o.log == nil {
		return
	}
	o.log.read(func(e supervisor.Event) {
		if login, ok := e.(supervisor.LoginSeen); ok && supervisor.Now().Sub(login.At) < time.Hour {
			emit(supervisor.LoginSeen{At: login.At})
		}
	})
}

func (o other) close() {
	if o.log != nil {
		o.log.close()
	}
}
