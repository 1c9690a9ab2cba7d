package sockets

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gatelight/supervisor/testkit"
)

func TestAKernelTimerIsDueAfterEachReset(t *testing.T) {
	timer := NewTimer()
	defer timer.Stop()
	for _, d := range []time.Duration{0, -time.Hour, time.Millisecond} {
		timer.Reset(d)
		select {
		case <-timer.Due():
		case <-time.After(testkit.Patience):
			t.Fatalf("it is not due after %v", d)
		}
	}
	timer.Reset(1<<63 - 1) // never, as the engine says it
	select {
	case <-timer.Due():
		t.Error("it is due without a time")
	case <-time.After(50 * time.Millisecond):
	}
	timer.Reset(time.Millisecond)
	<-timer.Due()
}

func TestALaterTimeReplacesAnEarlierOne(t *testing.T) {
	timer := NewTimer()
	defer timer.Stop()
	begun := time.Now()
	timer.Reset(200 * time.Millisecond)
	timer.Reset(400 * time.Millisecond)
	<-timer.Due()
	if passed := time.Since(begun); passed < 400*time.Millisecond {
		t.Errorf("due after %v", passed)
	}
}

// Its goroutine ends with it, whether it is set or not, as goleak finds.
func TestAStoppedTimerLeavesNothing(t *testing.T) {
	for _, d := range []time.Duration{0, time.Hour} {
		timer := NewTimer()
		timer.Reset(d)
		timer.Stop()
	}
}

// A process without free descriptors uses Go's timers.
func TestWithoutDescriptorsThereIsNoKernelTimer(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := unix.Rlimit{Cur: 0, Max: limit.Max}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	timer := NewTimer()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if timer != nil {
		t.Error("a timer without a descriptor")
	}
}
