// Package abort makes a crash of the program end it by SIGABRT, as
// debug.SetTraceback("crash") does. Without it Go ends such a program with
// status 2, which is the status of a Gateway that is down. To import the package
// is enough.
package abort

import _ "unsafe" // for go:linkname

func init() { setTraceback("crash") }

// setTraceback is debug.SetTraceback, without its package. Go initialises a
// package after those that it imports, and runtime/debug imports many. Where
// memory, threads or file descriptors are used up, the init function of one of
// them or of a library may crash first. Nothing is initialised before a package
// that imports nothing, except what the runtime itself needs.
//
//go:linkname setTraceback runtime/debug.SetTraceback
func setTraceback(level string)
