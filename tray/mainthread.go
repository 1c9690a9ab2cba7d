package tray

import "time"

// A mainThread runs what belongs to the process's first thread, while the
// program runs on others. So the program can come to its end when the system
// ends the toolkit's loop, and the process with it: at logout macOS and Windows
// do both.
type mainThread struct {
	work chan func()
	exit func(status int) // ends the process
}

// systemEnd is how long the end of the program may take when the system ends it.
// Windows kills after 5 s what has not ended (WM_ENDSESSION), macOS waits longer.
const systemEnd = 4 * time.Second

func newMainThread(exit func(int)) *mainThread {
	return &mainThread{work: make(chan func()), exit: exit}
}

// run must be called on the first thread. It ends the process when the program
// has ended.
func (m *mainThread) run(program func() int) {
	go func() {
		m.exit(program())
		close(m.work)
	}()
	for do := range m.work {
		do()
	}
}

// do runs a loop on the first thread, and returns when it has ended, or when the
// system ends it. The loop calls ends then: it returns when the program has ended,
// or after systemEnd.
func (m *mainThread) do(loop func(ends func())) {
	over := make(chan struct{})
	systemEnds := make(chan struct{})
	m.work <- func() {
		defer close(over)
		loop(func() {
			close(systemEnds)
			time.Sleep(systemEnd) // the process ends meanwhile
		})
	}
	select {
	case <-over:
	case <-systemEnds:
	}
}
