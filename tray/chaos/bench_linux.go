package main

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// A bench is the part of a test that the fake desktop and the ports need: this is
// a program, and there is no test. What would end a test ends the run.
type bench struct {
	testing.TB // nil; only what follows is called
	cleanups   []func()
	log        *report
}

// errGivenUp is thrown by Fatal. The run has no result then.
var errGivenUp = errors.New("the run was given up")

func (b *bench) Helper()           {}
func (b *bench) Cleanup(f func())  { b.cleanups = append(b.cleanups, f) }
func (b *bench) Log(args ...any)   { b.log.say("%s", fmt.Sprint(args...)) }
func (b *bench) Error(args ...any) { b.Log(args...) }
func (b *bench) Fatal(args ...any) { b.Log(args...); panic(errGivenUp) }

func (b *bench) Errorf(format string, args ...any) { b.Log(fmt.Sprintf(format, args...)) }
func (b *bench) Fatalf(format string, args ...any) { b.Fatal(fmt.Sprintf(format, args...)) }

// close does the cleanups, the last one first, as a test does.
func (b *bench) close() {
	for _, f := range slices.Backward(b.cleanups) {
		f()
	}
}
