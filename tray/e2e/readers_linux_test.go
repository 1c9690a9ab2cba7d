package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/status"
)

var readersFor = flag.Duration("readers", 0, "measure for so long with 200 readers of /v1/watch and 500 requests a second")

// Readers that keep up miss no change, whatever else is asked. Without -readers
// there are few, and there is no limit of time: this machine may have other things
// to do.
func TestReadersMissNoChange(t *testing.T) {
	length, readers, rate, kills := 3*time.Second, 20, 50, 1
	if *readersFor > 0 {
		length, readers, rate, kills = *readersFor, 200, 500, 10
	}
	b := newHarness(t, quick)
	serve := b.start("serve")
	b.await("a supervisor", func(g status.Gateway) bool { return g.State == "down" && exists(b.socket()) })
	var alone, among, decidedAlone, decidedAmong []time.Duration
	for range kills {
		told, decided := b.killConnected()
		alone, decidedAlone = append(alone, told), append(decidedAlone, decided)
	}

	ctx, end := context.WithTimeout(t.Context(), length)
	defer end()
	var running sync.WaitGroup
	seen := make([]map[uint64]bool, readers)
	for i := range seen {
		seen[i] = map[uint64]bool{}
		running.Go(func() { b.readChanges(ctx, seen[i]) })
	}
	answers := b.ask(ctx, &running, rate)
	memory := []int{resident(t, serve.Process.Pid)}
	for ctx.Err() == nil {
		told, decided := b.killConnected()
		among, decidedAmong = append(among, told), append(decidedAmong, decided)
		memory = append(memory, resident(t, serve.Process.Pid))
	}
	running.Wait()

	missed := 0
	for _, seqs := range seen {
		first, last := ^uint64(0), uint64(0)
		for seq := range seqs {
			first, last = min(first, seq), max(last, seq)
		}
		if len(seqs) == 0 {
			t.Fatal("a reader has read nothing")
		}
		missed += int(last-first) + 1 - len(seqs)
	}
	if missed > 0 {
		t.Errorf("%d changes were missed", missed)
	}
	if *readersFor > 0 {
		fmt.Printf("%v, %d readers of /v1/watch and %d requests a second   median    worst\n", length, readers, rate)
		row("GET /v1/status", answers())
		row("from SIGKILL to the supervisor's state down, without readers", decidedAlone)
		row("and with them", decidedAmong)
		row("from SIGKILL to the change at one reader, alone", alone)
		row("and as one of them", among)
		fmt.Printf("changes that a reader has missed: %d\nmemory of serve: %d kB at the beginning, %d kB in the middle, %d kB at the end\n",
			missed, memory[0], memory[len(memory)/2], memory[len(memory)-1])
	}
}

// killConnected starts the Gateway, kills it when it is connected, and gives the
// times from the kill to a reader's changed state, and to the time from which on the
// supervisor says that it is down.
func (b *harness) killConnected() (told, decided time.Duration) {
	b.t.Helper()
	if out, code := b.run("start"); code != 0 {
		b.t.Fatal(out)
	}
	g := b.await("connected", in("connected"))
	watch := b.watchStates()
	killed := time.Now()
	if err := syscall.Kill(*g.Listener.PID, syscall.SIGKILL); err != nil {
		b.t.Fatal(err)
	}
	for state := range watch {
		if state != string(supervisor.Connected) {
			told = time.Since(killed)
			return told, b.await("down", in("down")).Since.Sub(killed)
		}
	}
	b.t.Fatal("the watch has ended")
	return 0, 0
}

// readChanges collects the numbers of the changes that a watch tells.
func (b *harness) readChanges(ctx context.Context, seqs map[uint64]bool) {
	conn := b.openWatch()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	for r := bufio.NewReaderSize(conn, 64<<10); ; {
		line, err := r.ReadBytes('\n')
		if err != nil {
			return
		}
		data, ok := bytes.CutPrefix(line, []byte("data: "))
		if !ok {
			continue
		}
		var d status.Document
		if err := json.Unmarshal(data, &d); err != nil {
			b.t.Errorf("%v: %s", err, data)
			return
		}
		for _, c := range d.Gateways[0].Transitions {
			seqs[c.Seq] = true
		}
	}
}

// ask sends that many requests a second until ctx ends. The result gives how long
// each has taken.
func (b *harness) ask(ctx context.Context, running *sync.WaitGroup, rate int) func() []time.Duration {
	const clients = 10
	var mu sync.Mutex
	var took []time.Duration
	for range clients {
		running.Go(func() {
			transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "unix", b.socket())
			}}
			defer transport.CloseIdleConnections()
			client := http.Client{Transport: transport}
			tick := time.NewTicker(clients * time.Second / time.Duration(rate))
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
				case <-ctx.Done():
					return
				}
				asked := time.Now()
				answer, err := client.Get("http://gatelight/v1/status")
				if err != nil {
					b.t.Error(err)
					return
				}
				_, err = io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if err != nil || answer.StatusCode != http.StatusOK {
					b.t.Error(answer.Status, err)
					return
				}
				mu.Lock()
				took = append(took, time.Since(asked))
				mu.Unlock()
			}
		})
	}
	return func() []time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return took
	}
}

// resident is the memory of a process in kB.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			if kB, err := strconv.Atoi(strings.Fields(rest)[0]); err == nil {
				return kB
			}
		}
	}
	t.Fatal("there is no VmRSS")
	return 0
}
