package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// faults is the table of all that can go wrong.
var faults = slices.Concat(gatewayFaults, loginFaults, userFaults, lightFaults, desktopFaults, fileFaults, systemFaults, deskFaults)

// What the program is linked with: its times are divided by it.
const speed = 8

func main() {
	if file := os.Getenv(bystanderVariable); file != "" {
		bystanderMain(file)
		return
	}
	if file := os.Getenv(traderVariable); file != "" {
		traderMain(file)
		return
	}
	var o options
	flag.IntVar(&o.runs, "runs", 500, "how many runs")
	flag.Uint64Var(&o.seed, "seed", 0, "the seed of the first run; 0: by the clock")
	flag.DurationVar(&o.length, "time", 5*time.Second, "how long faults happen in a run")
	flag.DurationVar(&o.limit, "limit", 0, "no run begins after that time; 0: no limit")
	flag.IntVar(&o.worlds, "worlds", 3, "how many at once")
	flag.StringVar(&o.program, "program", "", "the program, built already")
	flag.StringVar(&o.dir, "dir", "", "the folder of one run, which this process does by itself")
	flag.DurationVar(&o.soak, "soak", 0, "one long run without faults of the program itself, which measures what the program holds")
	first := flag.String("first", "", "seeds of runs to do first, with commas between them")
	flag.BoolVar(&o.mount, "mount", false, "this process may mount")
	flag.BoolVar(&o.verbose, "v", false, "print the steps of every run")
	flag.Parse()
	for text := range strings.SplitSeq(*first, ",") {
		if seed, err := strconv.ParseUint(text, 10, 64); err == nil {
			o.first = append(o.first, seed)
		}
	}
	if o.seed == 0 {
		o.seed = uint64(time.Now().Unix()) // of seconds, since people type it
	}
	if o.dir != "" {
		os.Exit(o.one())
	}
	os.Exit(o.all())
}

// options are the command line.
type options struct {
	runs, worlds  int
	seed          uint64
	first         []uint64
	length, limit time.Duration
	soak          time.Duration
	program, dir  string
	verbose       bool
	mount         bool
}

// one does one run.
func (o options) one() int {
	log := &report{w: os.Stdout, began: time.Now()}
	found, err := oneRun(o, log)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return 3
	}
	for _, v := range found {
		fmt.Printf("VIOLATION at %.3f: %v\n", v.at.Sub(log.began).Seconds(), v)
	}
	if len(found) > 0 {
		return 1
	}
	return 0
}

// tooLong is when a run counts as hanging: its own limits add up to less.
const tooLong = 5 * time.Minute

// all does all runs, each in a process of its own.
func (o options) all() int {
	if o.soak > 0 {
		o.runs, o.worlds = 1, 1
	}
	if o.program == "" {
		dir, err := os.MkdirTemp("", "chaos-program-")
		if err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			return 70
		}
		defer os.RemoveAll(dir)
		if o.program, err = build(dir); err != nil {
			fmt.Fprintln(os.Stderr, "chaos:", err)
			return 70
		}
	}
	fmt.Printf("chaos: %d runs from seed %d, %d at once\n", o.runs, o.seed, o.worlds)
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	began := time.Now()
	var next, done, failed atomic.Int64
	var wg sync.WaitGroup
	for range o.worlds {
		wg.Go(func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(o.runs+len(o.first)) || o.limit > 0 && time.Since(began) > o.limit || interrupted.Err() != nil {
					return
				}
				if !o.child(interrupted, o.seedOf(int(n))) {
					failed.Add(1)
				}
				if d := done.Add(1); d%25 == 0 {
					fmt.Printf("chaos: %d runs, %d failed, %v\n", d, failed.Load(), time.Since(began).Round(time.Second))
				}
			}
		})
	}
	wg.Wait()
	fmt.Printf("chaos: %d runs from seed %d, %d failed, in %v\n", done.Load(), o.seed, failed.Load(), time.Since(began).Round(time.Second))
	if failed.Load() > 0 {
		return 1
	}
	return 0
}

// seedOf is the seed of the n-th run.
func (o options) seedOf(n int) uint64 {
	if n < len(o.first) {
		return o.first[n]
	}
	return o.seed + uint64(n-len(o.first))
}

// child does one run in a process of its own, and reports whether all was well.
func (o options) child(interrupted context.Context, seed uint64) bool {
	dir, err := os.MkdirTemp("", fmt.Sprintf("chaos-%d-", seed))
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return false
	}
	exe, err := os.Executable()
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		return false
	}
	ctx, cancel := context.WithTimeout(interrupted, tooLong+o.soak)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "-dir", dir, "-program", o.program, "-seed", fmt.Sprint(seed), "-time", o.length.String(), "-soak", o.soak.String())
	cmd.Cancel = func() error {
		if interrupted.Err() != nil {
			return cmd.Process.Kill()
		}
		return cmd.Process.Signal(syscall.SIGQUIT) // it says where it hangs
	}
	if mayMount() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS} // its mounts end with it
		cmd.Args = append(cmd.Args, "-mount")
	}
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if err == nil {
		if o.verbose || o.soak > 0 {
			fmt.Printf("chaos: seed %d\n%s", seed, &out)
		}
		_ = os.RemoveAll(dir) // in a folder for temporary files
		return true
	}
	(&world{program: filepath.Join(dir, "gatelight")}).killAll()          // it may have been killed itself
	_ = os.WriteFile(filepath.Join(dir, "chaos.log"), out.Bytes(), 0o600) // it is printed, too
	fmt.Printf("chaos: FAILED: seed %d: %v; its folder is %s\n%s\n", seed, err, dir, &out)
	return false
}

// mayMount reports that a process may have mounts of its own, as root mostly may.
var mayMount = sync.OnceValue(func() bool {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	return cmd.Run() == nil
})

// build links the program with shorter times.
func build(dir string) (string, error) {
	path := filepath.Join(dir, "gatelight")
	link := fmt.Sprintf("-s -w -X gatelight/supervisor/cli.sessionSpeed=%d -X gatelight/supervisor/cli.supervisionSpeed=%d", speed, speed)
	cmd := exec.Command("go", "build", "-ldflags", link, "-o", path, "gatelight")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build links it
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
}
