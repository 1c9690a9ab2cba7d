//go:build linux

// Command bench compares what one look at an API port costs with what people use
// instead, side by side in one run, among few and among many other sockets. It
// prints a table in Markdown. Start it with: make bench
package main

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

func main() {
	var err error
	if len(os.Args) > 1 {
		err = member(os.Args[1:])
	} else {
		err = compare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// The other sockets, and the processes that they are spread over.
var others = []int{0, 1000, 20_000}

const processes = 200

// A cost is what one look takes, in the median of many.
type cost struct {
	cpu, wall  time.Duration // of this process and of what it starts
	bytes      uint64        // allocated in this process
	unaccepted int
}

func compare() error {
	// What everybody looks at: a listener with one client that it has accepted,
	// and one connection that it never accepts, whose client has gone.
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return err
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	address := fmt.Sprintf("127.0.0.1:%d", port)
	client, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer client.Close()
	server, err := l.Accept()
	if err != nil {
		return err
	}
	defer server.Close()
	prober := &crowd{}
	if out, err := prober.start("probe", address); err != nil {
		return err
	} else if _, err := out.ReadString('\n'); err != nil {
		return err
	}
	prober.disperse()

	all := methods(port, os.Getpid())
	costs := make([][]cost, len(all))
	for _, n := range others {
		fmt.Fprintf(os.Stderr, "among %d other sockets …\n", n)
		c, err := gather(processes, n)
		if err == nil {
			err = measureAll(all, costs)
		}
		c.disperse()
		if err != nil {
			return err
		}
	}
	print(all, costs)
	return nil
}

func measureAll(all []method, costs [][]cost) error {
	for i, m := range all {
		c, err := measure(m)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		costs[i] = append(costs[i], c)
	}
	return nil
}

// measure takes looks for two seconds, and seven of them at least.
func measure(m method) (cost, error) {
	if _, err := m.look(); err != nil { // not counted: the first one learns
		return cost{}, err
	}
	var all []cost
	for start := time.Now(); len(all) < 7 || time.Since(start) < 2*time.Second; {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		cpu, wall := used(), time.Now()
		n, err := m.look()
		c := cost{cpu: used() - cpu, wall: time.Since(wall), unaccepted: n}
		runtime.ReadMemStats(&after)
		if err != nil {
			return cost{}, err
		}
		c.bytes = after.TotalAlloc - before.TotalAlloc
		all = append(all, c)
	}
	return cost{
		cpu:        median(all, func(c cost) time.Duration { return c.cpu }),
		wall:       median(all, func(c cost) time.Duration { return c.wall }),
		bytes:      uint64(median(all, func(c cost) time.Duration { return time.Duration(c.bytes) })),
		unaccepted: all[len(all)-1].unaccepted,
	}, nil
}

// used is the CPU time that this process and the programs it has waited for
// have taken so far.
func used() time.Duration {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			panic(err) // the two are always there
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total
}

func median(all []cost, of func(cost) time.Duration) time.Duration {
	values := make([]time.Duration, len(all))
	for i, c := range all {
		values[i] = of(c)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func print(all []method, costs [][]cost) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(w, "|\t"+strings.Join(cells, "\t|\t")+"\t|") }
	head, rule := []string{"one look"}, []string{"---"}
	for _, n := range others {
		head, rule = append(head, fmt.Sprintf("CPU ms, %d others", n), "wall ms", "× CPU", "KB"), append(rule, "---:", "---:", "---:", "---:")
	}
	row(append(head, "never accepted")...)
	row(append(rule, ":---:")...)
	for i, m := range all {
		cells := []string{m.name}
		for j, c := range costs[i] {
			memory := fmt.Sprintf("%.1f", float64(c.bytes)/1024)
			if m.program {
				memory = ""
			}
			cells = append(cells, ms(c.cpu), ms(c.wall), fmt.Sprintf("%.1f", float64(c.cpu)/float64(costs[0][j].cpu)), memory)
		}
		sees := "missed"
		if costs[i][0].unaccepted > 0 {
			sees = "seen"
		}
		row(append(cells, sees)...)
	}
	w.Flush()
	fmt.Printf("\n%d processes hold the other sockets; medians; %s/%s, %d CPUs.\n", processes, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
