package ibc

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// What listens on the command port may be anything. Here each write is one more
// answer of it, and it never ends by itself.
func TestAnAnswerThatNeverEndsIsGivenUp(t *testing.T) {
	for name, tt := range map[string]struct {
		write []byte
		pause time.Duration
		most  time.Duration // until it is given up
	}{
		"a flood without a line end":    {bytes.Repeat([]byte("x"), 4<<10), 0, 0},
		"a flood of lines":              {[]byte("OK\n"), 0, 0},
		"a line now and then":           {[]byte("OK\n"), restOfAnswer - time.Millisecond, commandTimeout + restOfAnswer},
		"half a line, and no more":      {[]byte("OK"), time.Hour, commandTimeout},
		"a line each second":            {[]byte("OK\n"), time.Second, commandTimeout + restOfAnswer},
		"an empty line now and then":    {[]byte("\n"), time.Second, commandTimeout},
		"letter by letter, no line end": {[]byte("x"), time.Second, commandTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				defer theirs.Close()
				ctx, cancel := context.WithTimeout(t.Context(), commandTimeout)
				defer cancel()
				defer context.AfterFunc(ctx, func() { ours.SetDeadline(time.Now()) })()
				var writer sync.WaitGroup
				defer writer.Wait()
				writer.Go(func() {
					for {
						if _, err := theirs.Write(tt.write); err != nil {
							return
						}
						time.Sleep(tt.pause)
					}
				})
				began := time.Now()
				answer, err := readAnswer(ctx, ours)
				ours.Close()
				if took := time.Since(began); err == nil || took > tt.most || len(answer) > 16<<10/len("OK\n") {
					t.Errorf("%d lines after %v: %v", len(answer), took, err)
				}
			})
		})
	}
}
