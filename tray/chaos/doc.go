// Command chaos breaks things around the program and checks its promises.
//
// One run is one world: the program itself with its tray on a private session
// bus, two simulated Gateways, clients of their API, and processes that only look
// like Gateways. "gatelight run" runs a trading program, and on a desk another
// Gatelight watches all this through a command that fails or lies. Faults are drawn from a seed. An oracle, which is outside of the
// program and knows what was done, compares what the program shows with what the
// kernel shows, all the time. At the end everything is mended, and the program
// has to come back to what it was.
//
//	make chaos                 500 runs
//	make chaos CHAOS=2m        as many as there is time for
//	make chaos RUNS=1 SEED=7   that run again
//	make soak SOAK=10m         one long run, whose memory and descriptors are measured
//
// The same seed gives the same faults in the same order; their exact times may
// differ, and another table of faults makes other runs of it. A run that fails
// prints its seed, its steps and what was wrong, and its folder stays.
//
// The program is linked with shorter times (see supervisor/cli/speed.go), or each
// run would take minutes. It is the same program otherwise.
package main
