// Package abort makes a crash of the program end it by SIGABRT, as
// debug.SetTraceback("crash") does. Without it Go ends such a program with
// status 2, which is the status of a Gateway that is down. To import the package
// is enough.
package abort

import _ "unsafe" // for go:linkname

func init() { setTraceback("crash") }

// AtOnce makes a crash end the program at once, with status 2. A program that
// supervises must not be in the way of the next one, and nobody takes its exit
// status for a state. With SIGABRT Go first passes a signal to all threads. If one
// of them could not be started, as when the system has no room for another one,
// that takes 10 s or longer, and the program neither works nor ends.
func AtOnce() { setTraceback("all") }

// setTraceback is debug.SetTraceback, without its package. Go initialises a
// package after those that it imports, and runtime/debug imports many. Where
// memory, threads or file descriptors are used up, the init function of one of
// them or of a library may crash first. Nothing is initialised before a package
// that imports nothing, except what the runtime itself needs.
//
//go:linkname setTraceback runtime/debug.SetTraceback
func setTraceback(level string)
