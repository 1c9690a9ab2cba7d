package tray

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProgramGoesOnAfterTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := -1
		m := newMainThread(func(s int) { status = s })
		m.run(func() int {
			m.do(func(func()) { time.Sleep(time.Hour) })
			return 3
		})
		if status != 3 {
			t.Errorf("the exit status is %d", status)
		}
	})
}

// What the system ends still comes to its end: the event log gets its mark.
func TestTheProgramEndsInOrderWhenTheSystemEndsTheLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, ended := time.Now(), time.Time{}
		m := newMainThread(func(int) { ended = time.Now() })
		m.run(func() int {
			m.do(func(ends func()) {
				time.Sleep(time.Minute)
				ends()
				if took := time.Since(began); took != time.Minute+systemEnd {
					t.Errorf("the system could go on after %v", took)
				}
			})
			time.Sleep(time.Second) // the end mark, and what else is at the end
			return 0
		})
		if took := ended.Sub(began); took != time.Minute+time.Second {
			t.Errorf("the program ended after %v", took)
		}
	})
}
