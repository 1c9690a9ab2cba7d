package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// endSignals ask a process to end.
var endSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// untilSignal is a context that ends with the first signal that asks this
// process to end. Its cause is an [endedBySignal]. stop undoes it.
func untilSignal(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals, ended := make(chan os.Signal, 1), make(chan struct{})
	notify(signals, endSignals)
	go func() {
		defer close(ended)
		select {
		case s := <-signals:
			cancel(endedBySignal{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil); <-ended; signal.Stop(signals) }
}

// notify is [signal.Notify] without the signals that were ignored when we were
// started, as nohup has it. They stay ignored.
func notify(c chan<- os.Signal, signals []os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// endedBySignal is why a context has ended.
type endedBySignal struct{ signal os.Signal }

func (e endedBySignal) Error() string { return "ended by the signal " + e.signal.String() }

// statusOfEnd is the exit status of a command that was ended before it was done:
// the shell's for the signal that has ended it.
func statusOfEnd(ctx context.Context) int {
	if by := (endedBySignal{}); errors.As(context.Cause(ctx), &by) {
		return exitBySignal + signalNumber(by.signal)
	}
	return exitFailed
}

// signalNumber is 0 for what is no signal of the system.
func signalNumber(s os.Signal) int {
	n, _ := s.(syscall.Signal)
	return int(n)
}
