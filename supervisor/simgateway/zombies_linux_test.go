package simgateway

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gatelight/supervisor/testkit"
)

const (
	tcpCloseWait = 8
	tcpListen    = 10
)

// A socketRow is one line of /proc/net/tcp6 on a local port.
type socketRow struct {
	state  int
	unread uint64
	inode  string
}

func socketRows(t *testing.T, port int) []socketRow {
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
	var found []socketRow
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
		found = append(found, socketRow{int(state), unread, f[9]})
	}
	return found
}

func zombies(t *testing.T, port int) (unread []uint64) {
	t.Helper()
	for _, r := range socketRows(t, port) {
		if r.state == tcpCloseWait {
			unread = append(unread, r.unread)
		}
	}
	return unread
}

func TestZombiesAreRealAndARestartClearsThem(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	h.login(1).conn.Close() // a healthy Gateway leaves none
	testkit.Eventually(t, "a healthy Gateway closes", func() bool { return h.counts().Sessions == 0 && len(zombies(t, h.opts.APIPort)) == 0 })

	h.control("stick")
	h.control("probe 3 1ms")
	testkit.Eventually(t, "three zombies", func() bool { return len(zombies(t, h.opts.APIPort)) == 3 })
	for _, unread := range zombies(t, h.opts.APIPort) {
		if unread != 18 { // 17 bytes of hello, and one for the FIN
			t.Errorf("%d unread, not 18", unread)
		}
	}
	h.control("probe 1 1ms silent")
	testkit.Eventually(t, "a fourth, silent one: only its FIN is unread", func() bool {
		unread := zombies(t, h.opts.APIPort)
		slices.Sort(unread)
		return slices.Equal(unread, []uint64{1, 18, 18, 18})
	})

	h.command("RESTART\n")
	h.waitForLog(configured, 2)
	if left := zombies(t, h.opts.APIPort); len(left) != 0 {
		t.Errorf("after the restart: %v", left)
	}
	h.login(1)
}

func TestNoAcceptFillsTheAcceptQueue(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{})
	h.control("no-accept")
	h.control("probe 4 1ms")
	queue := func() uint64 {
		for _, row := range socketRows(t, h.opts.APIPort) {
			if row.state == tcpListen {
				return row.unread
			}
		}
		return 0
	}
	testkit.Eventually(t, "four in the queue", func() bool { return queue() == 4 && len(zombies(t, h.opts.APIPort)) == 4 })
	for _, row := range socketRows(t, h.opts.APIPort) {
		if row.state == tcpCloseWait && row.inode != "0" {
			t.Errorf("never accepted, yet with an owner: %+v", row)
		}
	}
	if n := h.counts(); n.Accepted != 0 {
		t.Errorf("accepted: %+v", n)
	}
	h.control("resume")
	testkit.Eventually(t, "the queue is empty", func() bool { return queue() == 0 && len(zombies(t, h.opts.APIPort)) == 0 })
	h.login(1)
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	h := launchAndLogIn(t, Options{APIAddress: "127.0.0.1"})
	for _, row := range socketRows(t, h.opts.APIPort) {
		if row.state == tcpListen {
			t.Errorf("in tcp6: %+v", row)
		}
	}
	h.login(1)
}

// processesOf lists the living processes whose command line names dir.
func processesOf(t *testing.T, dir string) (found []string) {
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
	h := launchAndLogIn(t, Options{})
	h.control("probe 1 1h")
	if n := len(processesOf(t, h.layout.Config)); n != 2 {
		t.Errorf("%d processes, not launcher and java", n)
	}
	for _, line := range processesOf(t, h.layout.Config) {
		if !strings.Contains(line, " simgateway ") {
			t.Errorf("not recognisable: %s", line)
		}
	}
	h.cleanUp()
	probe := "simgateway probe 127.0.0.1:" + strconv.Itoa(h.opts.APIPort)
	testkit.Eventually(t, "all have ended", func() bool {
		return len(processesOf(t, h.layout.Config)) == 0 && !strings.Contains(strings.Join(processesOf(t, "probe"), "\n"), probe)
	})
}
