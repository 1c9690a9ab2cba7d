//go:build unix

package ibc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/simgateway"
	"gatelight/supervisor/testkit"
)

// byHand starts IBC's script as a person does, with these options.
func (h *harness) byHand(o Options) (script int) {
	h.t.Helper()
	argv, _, err := o.argv(thisMachine(h.t))
	if err != nil {
		h.t.Fatal(err)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	log, err := os.Create(h.handLog())
	if err != nil {
		h.t.Fatal(err)
	}
	defer log.Close()
	cmd.Stdout = log
	return h.starts(cmd)
}

// handLog is what IBC writes when it is started by hand.
func (h *harness) handLog() string { return filepath.Join(h.dir, "by-hand.log") }

// starts starts a command that is killed when the test ends.
func (h *harness) starts(cmd *exec.Cmd) int {
	h.t.Helper()
	detach(cmd)
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.pids = append(h.pids, cmd.Process.Pid)
	return cmd.Process.Pid
}

// java is the Gateway's process, 0 while there is none.
func (h *harness) java() int {
	h.t.Helper()
	for _, line := range h.processes() {
		if pid, command, _ := strings.Cut(line, " "); strings.Contains(command, mainClasses[0]) {
			n, _ := strconv.Atoi(pid)
			return n
		}
	}
	return 0
}

// A second Gateway with the same config.ini is a second login and a second
// two-factor request, long before either of them listens.
func TestStartIsRefusedWhileAnotherGatewayWithThisConfigStarts(t *testing.T) {
	waits := simgateway.Options{TwoFactor: simgateway.Never}
	loops := simgateway.Options{LoginResult: simgateway.LoginNoDialog, RelaunchDelay: 10 * time.Minute}
	awaitsJava := func(h *harness) int {
		testkit.Eventually(h.t, "Java runs", func() bool { return h.java() != 0 })
		return h.java()
	}
	for _, tt := range []struct {
		name  string
		sim   simgateway.Options
		start func(h *harness) (pid int)
		says  string
	}{
		{"IBC's script, by hand", waits, func(h *harness) int { h.byHand(h.o); return awaitsJava(h) }, "a Gateway with this config.ini runs already, as process "},
		{"by another name of the file", waits, func(h *harness) int {
			o := h.o
			o.Config = filepath.Join(h.dir, "link.ini")
			if err := os.Symlink(h.o.Config, o.Config); err != nil {
				h.t.Fatal(err)
			}
			h.byHand(o)
			return awaitsJava(h)
		}, "a Gateway with this config.ini runs already, as process "},
		{"without a mode", waits, func(h *harness) int {
			o := h.o
			o.Mode = ""
			h.byHand(o)
			return awaitsJava(h)
		}, "a Gateway with this config.ini runs already, as process "},
		{"Java alone, with a relative path", waits, func(h *harness) int {
			exe, _ := os.Executable()
			cmd := exec.Command(exe, simgateway.Command, "java", "--scenes="+h.layout.Scenes, mainClasses[0], filepath.Base(h.o.Config), "paper")
			cmd.Dir = filepath.Dir(h.o.Config)
			return h.starts(cmd)
		}, "a Gateway with this config.ini runs already, as process "},
		{"the script between two Javas", loops, func(h *harness) int {
			script := h.byHand(h.o)
			testkit.Eventually(h.t, "Java has ended", func() bool {
				return strings.Contains(read(h.t, h.handLog()), "IBC will restart shortly") && h.java() == 0
			})
			return script
		}, "IBC's script (process "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := install(t, tt.sim)
			t.Parallel()
			pid := tt.start(h)
			before := len(h.processes())
			f := h.follow()
			f.refuses(supervisor.Start, supervisor.ReasonAlreadyRunning, tt.says+strconv.Itoa(pid))
			if n := len(h.processes()); n != before || len(f.words()) != 0 {
				t.Errorf("%d processes, were %d; %q", n, before, f.words())
			}
		})
	}
}

// What is not proven to be this Gateway is no reason to refuse a start.
func TestOtherProcessesDoNotKeepAStartBack(t *testing.T) {
	h := install(t, simgateway.Options{})
	neighbour := install(t, simgateway.Options{TwoFactor: simgateway.Never})
	t.Parallel()
	neighbour.byHand(neighbour.o) // with another config.ini
	testkit.Eventually(t, "the neighbour runs", func() bool { return neighbour.java() != 0 })
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// The same config.ini in the other trading mode is another Gateway.
	h.starts(exec.Command("sh", "-c", "sleep 600; exit 0", "sh", mainClasses[0], h.o.Config, "live"))
	// A search, or an editor, has IBC's arguments on its command line.
	h.starts(exec.Command("sh", "-c", "sleep 600; exit 0", "grep", "--ibc-ini="+h.o.Config))
	// So has a program with a file of that name elsewhere.
	h.starts(exec.Command("sh", "-c", "sleep 600; exit 0", exe, mainClasses[0], filepath.Base(h.o.Config)))
	f := h.follow()
	f.startsAndLogsIn()
}

// hiddenListener sees a client of a listener that it does not see.
type hiddenListener struct{ supervisor.SocketReader }

func (h hiddenListener) Look(ctx context.Context, ports []int) (supervisor.Table, error) {
	t, err := h.SocketReader.Look(ctx, ports)
	for _, port := range ports {
		v := t.Ports[port]
		v.Hidden = "in a container"
		t.Ports[port] = v
	}
	return t, err
}

func TestStartIsRefusedWhereAListenerCannotBeSeen(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	h.o.Sockets = hiddenListener{h.o.Sockets}
	f := h.follow()
	f.refuses(supervisor.Start, supervisor.ReasonStateUnknown, "a program on this machine is connected to port "+strconv.Itoa(h.o.Port), "in a container")
	f.expectsNothing()
}

// An IBC that does not know today's login window would be started again and
// again, each time for nothing.
func TestAnOldIBCIsNotStarted(t *testing.T) {
	h := install(t, simgateway.Options{})
	t.Parallel()
	version := filepath.Join(h.o.Path, "version")
	for _, old := range []string{"3.16.2", "3.12.0", "3.8.4-beta.2", "3.8.1-simulated"} {
		write(t, version, old+"\n")
		f := h.follow()
		f.refuses(supervisor.Start, supervisor.ReasonNotInstalled, "IBC "+old+" in "+h.o.Path, "gatelight ibc install")
		f.expectsNothing()
	}
	for _, unknown := range []string{"", "nightly"} { // that is no reason
		write(t, version, unknown)
		f := h.follow()
		f.performs(supervisor.Start)
		f.performs(supervisor.Stop)
		f.quit()
	}
	if err := os.Remove(version); err != nil {
		t.Fatal(err)
	}
	var refused *supervisor.ActionError
	if err := h.follow().Perform(t.Context(), supervisor.PerformAction{Action: supervisor.Start}); !errors.As(err, &refused) || refused.Reason != supervisor.ReasonNotInstalled {
		t.Errorf("no version file: %v", err)
	}
}
