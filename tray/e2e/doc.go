// Package e2e holds the tests of the whole program, as it is built and run: on
// a private desktop that reads back what it shows, and against the simulated
// Gateway. There is nothing in it to import.
package e2e
