package simgateway

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	tcpCloseWait = 8
	tcpListen    = 10
)

// A row is one line of /proc/net/tcp6 on a local port.
type row struct {
	state  int
	unread uint64
	inode  string
}

func rows(t *testing.T, port int) []row {
	t.Helper()
	text, err := os.ReadFile("/proc/net/tcp6")
	if os.IsNotExist(err) {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI has no IPv6: ", err)
		}
		t.Skip("no IPv6 here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var found []row
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 10 || !strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
			continue
		}
		state, err := strconv.ParseInt(f[3], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		_, queue, _ := strings.Cut(f[4], ":")
		unread, err := strconv.ParseUint(queue, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, row{int(state), unread, f[9]})
	}
	return found
}

func zombies(t *testing.T, port int) (unread []uint64) {
	t.Helper()
	for _, r := range rows(t, port) {
		if r.state == tcpCloseWait {
			unread = append(unread, r.unread)
		}
	}
	return unread
}

func TestZombiesAreRealAndARestartClearsThem(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.login(1).conn.Close() // a healthy Gateway leaves none
	eventually(t, "a healthy Gateway closes", func() bool { return r.counts().Sessions == 0 && len(zombies(t, r.opts.APIPort)) == 0 })

	r.control("stick")
	r.control("probe 3 1ms")
	eventually(t, "three zombies", func() bool { return len(zombies(t, r.opts.APIPort)) == 3 })
	for _, unread := range zombies(t, r.opts.APIPort) {
		if unread != 18 { // 17 bytes of hello, and one for the FIN
			t.Errorf("%d unread, not 18", unread)
		}
	}
	r.control("probe 1 1ms silent")
	eventually(t, "a fourth, silent one: only its FIN is unread", func() bool {
		unread := zombies(t, r.opts.APIPort)
		slices.Sort(unread)
		return slices.Equal(unread, []uint64{1, 18, 18, 18})
	})

	r.command("RESTART\n")
	r.sees(configured, 2)
	if left := zombies(t, r.opts.APIPort); len(left) != 0 {
		t.Errorf("after the restart: %v", left)
	}
	r.login(1)
}

func TestNoAcceptFillsTheQueue(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.control("no-accept")
	r.control("probe 4 1ms")
	queue := func() uint64 {
		for _, row := range rows(t, r.opts.APIPort) {
			if row.state == tcpListen {
				return row.unread
			}
		}
		return 0
	}
	eventually(t, "four in the queue", func() bool { return queue() == 4 && len(zombies(t, r.opts.APIPort)) == 4 })
	for _, row := range rows(t, r.opts.APIPort) {
		if row.state == tcpCloseWait && row.inode != "0" {
			t.Errorf("never accepted, yet with an owner: %+v", row)
		}
	}
	if n := r.counts(); n.Accepted != 0 {
		t.Errorf("accepted: %+v", n)
	}
	r.control("resume")
	eventually(t, "the queue is empty", func() bool { return queue() == 0 && len(zombies(t, r.opts.APIPort)) == 0 })
	r.login(1)
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{APIAddress: "127.0.0.1"})
	r.sees(configured, 1)
	for _, row := range rows(t, r.opts.APIPort) {
		if row.state == tcpListen {
			t.Errorf("in tcp6: %+v", row)
		}
	}
	r.login(1)
}

// running lists the living processes whose command line names dir.
func running(t *testing.T, dir string) (found []string) {
	t.Helper()
	procs, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		line, err := os.ReadFile("/proc/" + p.Name() + "/cmdline") // empty for one that is only waited for
		if err == nil && strings.Contains(string(line), dir) {
			found = append(found, p.Name()+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

func TestNothingIsLeftOfAKilledGroup(t *testing.T) {
	t.Parallel()
	r := launch(t, Options{})
	r.sees(configured, 1)
	r.control("probe 1 1h")
	if n := len(running(t, r.layout.Config)); n != 2 {
		t.Errorf("%d processes, not launcher and java", n)
	}
	for _, line := range running(t, r.layout.Config) {
		if !strings.Contains(line, " simgateway ") {
			t.Errorf("not recognisable: %s", line)
		}
	}
	r.finish()
	probe := "simgateway probe 127.0.0.1:" + strconv.Itoa(r.opts.APIPort)
	eventually(t, "all have ended", func() bool {
		return len(running(t, r.layout.Config)) == 0 && !strings.Contains(strings.Join(running(t, "probe"), "\n"), probe)
	})
}
