package atomicfile

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestRenameWaitsForAFileThatIsBusy(t *testing.T) {
	errBusy, errOther := errors.New("busy"), errors.New("other")
	busy := func(err error) bool { return err == errBusy }
	for _, tt := range []struct {
		name  string
		fails func(tries int) error
		want  error
		tries int // at least
		takes time.Duration
	}{
		{"at once", func(int) error { return nil }, nil, 1, 0},
		{"a while", func(n int) error {
			if n < 10 {
				return errBusy
			}
			return nil
		}, nil, 10, 450 * time.Millisecond},
		{"for ever", func(int) error { return errBusy }, errBusy, 40, busyFor},
		{"another reason", func(int) error { return errOther }, errOther, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries, began := 0, time.Now()
				err := whileBusy(busy, func() error { tries++; return tt.fails(tries) })
				if took := time.Since(began); err != tt.want || tries < tt.tries || took < tt.takes || took > tt.takes+100*time.Millisecond {
					t.Errorf("%v after %d tries and %v", err, tries, took)
				}
			})
		})
	}
}
