package ibc

import (
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/logtail"
)

// maxLine is after how many bytes a line of IBC's is cut; what matters comes
// early in it.
const maxLine = 4 << 10

// maxRead is how much of a log is read at once. Between two readings there is
// time for everything else, such as the end of the process.
const maxRead = 256 << 10

// A runLog reads the log of one run, and turns it into events.
type runLog struct {
	tail   logtail.Tail
	parser logParser
	status int  // the exit status that the newest Java has ended with; -1: not known
	flood  bool // the last reading found too much: it stopped early, or has left something out
}

func newRunLog(path string) *runLog {
	return &runLog{tail: logtail.Tail{Path: path, MaxLine: maxLine, Max: maxRead}, status: -1}
}

// newRunLog is the log of a run with this config.ini.
func (o Options) newRunLog(path string) *runLog {
	l := newRunLog(path)
	l.parser.settings = readRunSettings(o.Config)
	return l
}

func (l *runLog) close() { l.tail.Close() }

// readAll emits all that was written since the last call.
func (l *runLog) readAll(read func(func(supervisor.Event)) bool, emit func(supervisor.Event)) {
	for read(emit); l.tail.Behind; {
		read(emit)
	}
}

// readBatch emits what counts of that which was written since the last call.
func (l *runLog) readBatch(emit func(supervisor.Event)) (grown bool) {
	var batch logBatch
	grown = l.read(batch.add)
	l.flood = batch.emit(emit) || l.tail.Behind
	return grown
}

// read emits what was written since the last call, up to maxRead, and reports
// whether that was anything. A log that cannot be read tells nothing.
func (l *runLog) read(emit func(supervisor.Event)) (grown bool) {
	grown, _ = l.tail.Read(func(line string) {
		for _, e := range l.parser.events(line) {
			if _, launch := e.(supervisor.LaunchSeen); launch {
				l.status = -1 // what was known is the status of an earlier Java
			}
			emit(e)
		}
		if l.parser.stamped {
			l.status = -1 // its Java has not ended then, whatever the line before says
		}
		l.noteStatus(line)
	})
	return grown
}

// readLive reads what is written right now. A login counts from now, then: IBC
// writes the local time, which is ambiguous in the hour that a clock change
// repeats. For the same reason the end of a two-factor request may be unknown.
func (l *runLog) readLive(emit func(supervisor.Event)) (grown bool) {
	var batch logBatch
	grown = l.read(func(e supervisor.Event) {
		switch seen := e.(type) {
		case supervisor.LoginSeen:
			seen.At = time.Time{}
			e = seen
		case supervisor.PhaseSeen:
			if left := seen.TwoFactor.Until.Sub(supervisor.Now()); left < 0 || left > l.parser.settings.timeout {
				seen.TwoFactor.Until = time.Time{}
			}
			e = seen
		}
		batch.add(e)
	})
	l.flood = batch.emit(emit) || l.tail.Behind
	return grown
}

// catchUp reads the log of a run that began before us. What it tells is past.
// These count: the logins, the phase that the run has come to, what keeps its
// login from going on, and whether it has been stopped since. All events again
// could stop a Gateway that has long recovered.
func (l *runLog) catchUp(emit func(supervisor.Event)) (stopped bool) {
	var phase, problem, end supervisor.Event
	l.readPast(func(e supervisor.LoginSeen) { emit(e) }, func(e supervisor.Event) {
		switch e := e.(type) {
		case supervisor.PhaseSeen:
			phase = e
			if e.Phase == supervisor.LoggedIn {
				problem = nil
			}
		case supervisor.LoginProblemSeen:
			problem = e
			if e.Reason == "" {
				problem = nil
			}
		case supervisor.LaunchSeen:
			end = nil
		case supervisor.PlannedEndSeen:
			end = e
		}
	})
	for _, e := range []supervisor.Event{phase, problem, end} {
		if e != nil {
			emit(e)
		}
	}
	return end != nil
}

// readPast hands on the logins of a log, with who asked for them, and apart
// from them all else. The first login was attended if the start was; the others
// are those of IBC's own loop.
func (l *runLog) readPast(login func(supervisor.LoginSeen), other func(supervisor.Event)) {
	first := true
	var logins logBatch
	l.readAll(l.read, func(e supervisor.Event) {
		seen, ok := e.(supervisor.LoginSeen)
		if !ok {
			other(e)
			return
		}
		seen.Attended, first = first && !l.parser.unattended, false
		logins.add(seen)
	})
	logins.emit(func(e supervisor.Event) { login(e.(supervisor.LoginSeen)) })
}

// noteStatus keeps the exit status that the start script writes.
func (l *runLog) noteStatus(line string) {
	text, unix := strings.CutPrefix(line, "IBC returned exit status ")
	text, windows := strings.CutPrefix(text, "Error level is ") // StartIBC.bat
	n, err := strconv.Atoi(strings.TrimSpace(text))
	switch {
	case err != nil:
	case windows && n == 1 && l.parser.java.version != (ibcVersion{}):
		l.status = signalStatus + 9 // it ran, and all that is left of a killed Java is 1 (DisplayBannerAndLaunch.bat)
	case windows:
		l.status = unixStatus(n)
	case unix:
		l.status = n
	}
}
