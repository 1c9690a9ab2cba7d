// Package e2e holds the tests of the API monitor as a person runs it: the built
// program against servers that misbehave, each a process of its own. There is
// nothing in it to import.
package e2e
