package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A report is the log of one run.
type report struct {
	mu    sync.Mutex
	w     io.Writer
	began time.Time
}

func (r *report) say(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(r.w, "%7.3f  %s\n", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
}
