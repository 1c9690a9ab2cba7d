//go:build unix

package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

const canary = "c4nary"

// A harness is a machine on which everything is in order: an installation in a
// folder of its own, and a Gateway that runs in the test process.
type harness struct {
	t       *testing.T
	dir     string
	program string // with sockets-child
	ports   [2]int // API, command server
	host    Host

	connected atomic.Int32 // to the API port
	commands  chan string
	notices   []string
	getenv    map[string]string
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	dir, err := filepath.EvalSymlinks(testkit.ShortDir(t))
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, dir: dir, program: testkit.Program(t), commands: make(chan string, 100)}
	api := h.listen(func(net.Conn) { h.connected.Add(1) })
	server := h.listen(func(c net.Conn) {
		line, _ := bufio.NewReader(c).ReadString('\n')
		h.commands <- strings.TrimSpace(line)
		fmt.Fprintln(c, "OK Goodbye")
	})
	h.ports = [2]int{api, server}

	for path, text := range map[string]string{
		"ibc/version": "3.24.1\n", "ibc/IBC.jar": ibcJar(t, 17), "ibc/scripts/ibcstart.sh": "#!/bin/bash\n",
		"Jts/ibgateway/1045/jars/x.jar": "", "Jts/ibgateway/1045/ibgateway.vmoptions": "# IBKR's\n-Xmx768m\n-XX:+UseG1GC\n", "jre/release": "JAVA_VERSION=\"17.0.10\"\n",
		"Jts/ibgateway/1045/.install4j/inst_jre.cfg": dir + "/jre\n", "jre/bin/java": "",
	} {
		h.write(path, text)
	}
	ini := string(config.New(config.Place{Mode: "paper", Port: api}))
	ini = strings.NewReplacer("IbLoginId=", "IbLoginId="+canary+"-login", "IbPassword=", "IbPassword="+canary+"-password",
		"CommandServerPort=7462", fmt.Sprint("CommandServerPort=", server)).Replace(ini)
	h.write("ibc/config.ini", ini)
	h.settings("")
	h.getenv = map[string]string{"DISPLAY": h.display("X0")}
	h.host = Host{
		Version: "test", Machine: find.Machine{OS: "linux", Home: dir, Getenv: func(key string) string { return h.getenv[key] }, Files: os.DirFS("/")},
		Paths: settings.Paths{Settings: filepath.Join(dir, "config.toml"), Named: true, State: filepath.Join(dir, "state"),
			Runtime: filepath.Join(dir, "run")},
		Sockets: sockets.New("sockets-child"), CheckSockets: checkOnce(h.program),
		Desktop: func(context.Context) (bool, error) { return false, nil },
		Notify: func(_ context.Context, title, body string) error {
			h.notices = append(h.notices, title+": "+body)
			return nil
		},
		Alerts: func(context.Context) (supervisor.AlertReport, error) {
			return supervisor.AlertReport{By: "dunst 1.9.0", Buttons: true}, nil
		},
		Paused:   func() time.Time { return noon.Add(-time.Hour) },
		AtLogin:  func() (bool, error) { return true, nil },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
		Now:      func() time.Time { return noon },
	}
	return h
}

// checked is the result of the first check of the reader. Nearly all tests are
// about something else, and a check starts a process.
var checked struct {
	once sync.Once
	err  error
}

func checkOnce(program string) func(context.Context) error {
	return func(ctx context.Context) error {
		checked.once.Do(func() { checked.err = sockets.Check(ctx, sockets.New("sockets-child"), program, "sockets-child") })
		return checked.err
	}
}

// reads has the socket table read by r.
func (h *harness) reads(r supervisor.SocketReader) {
	h.host.Sockets = r
	h.host.CheckSockets = func(ctx context.Context) error { return sockets.Check(ctx, r, h.program, "sockets-child") }
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.Local)

func (h *harness) alerts(a supervisor.AlertReport, err error) {
	h.host.Alerts = func(context.Context) (supervisor.AlertReport, error) { return a, err }
}

// desktop sets another desktop, with its own notification service.
func (h *harness) desktop(name, service string) {
	h.getenv["XDG_CURRENT_DESKTOP"] = name
	h.alerts(supervisor.AlertReport{By: service}, nil)
}

func (h *harness) mac(a supervisor.AlertReport) {
	h.host.Machine.OS = "darwin"
	h.alerts(a, nil)
}

// display is an X server, named by the path of its socket, that only takes
// connections.
func (h *harness) display(name string) string {
	h.t.Helper()
	path := filepath.Join(h.dir, name)
	l, err := net.Listen("unix", path)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { l.Close() })
	return path
}

// ibcJar is an IBC.jar with one class, which needs that Java.
func ibcJar(t *testing.T, java byte) string {
	t.Helper()
	class := []byte{0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 44 + java}
	return string(testkit.Zip(t, map[string]string{"ibcalpha/ibc/IbcGateway.class": string(class)}))
}

// elfFor is the header of a program for Linux and a processor, by its number in
// elf.h.
func elfFor(machine byte) string {
	b := make([]byte, 64)
	copy(b, "\x7fELF\x02\x01\x01")
	b[16], b[18], b[20], b[52], b[54], b[58] = 2, machine, 1, 64, 56, 64
	return string(b)
}

func (h *harness) listen(serve func(net.Conn)) (port int) {
	h.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
			c.Close()
		}
	}()
	h.t.Cleanup(func() { l.Close(); <-ended })
	return l.Addr().(*net.TCPAddr).Port
}

func (h *harness) write(path, text string) {
	h.t.Helper()
	path = filepath.Join(h.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	mode := os.FileMode(0o600)
	if strings.HasSuffix(path, ".sh") || strings.HasSuffix(path, "java") {
		mode = 0o700
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		h.t.Fatal(err)
	}
}

// checkAPIPortUntouched checks that nobody has connected to the API port.
// Connections are accepted in order, so the one made here comes after any
// other.
func (h *harness) checkAPIPortUntouched() {
	h.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", h.ports[0]))
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil { // it is closed after it was counted
		h.t.Fatal("the API port speaks")
	}
	if n := h.connected.Load(); n != 1 {
		h.t.Errorf("%d connections to the API port besides ours", n-1)
	}
}

// settings writes the settings for this installation, and more.
func (h *harness) settings(more string) {
	h.write("config.toml",
		fmt.Sprintf("[[gateway]]\nname = 'paper'\nport = %d\nibc.path = '%s/ibc'\nibc.config = '%[2]s/ibc/config.ini'\nibc.tws_path = '%[2]s/Jts'\nibc.tws_settings_path = '%[2]s/Jts'\n%s",
			h.ports[0], h.dir, more))
}

// change replaces text in a file.
func (h *harness) change(path, old, new string) {
	h.t.Helper()
	b, err := os.ReadFile(filepath.Join(h.dir, path))
	if err != nil || !strings.Contains(string(b), old) {
		h.t.Fatalf("%q is not in %s (%v)", old, path, err)
	}
	h.write(path, strings.ReplaceAll(string(b), old, new))
}

func (h *harness) remove(path string) {
	h.t.Helper()
	if err := os.RemoveAll(filepath.Join(h.dir, path)); err != nil {
		h.t.Fatal(err)
	}
}

type failingReader struct{ supervisor.SocketReader }

func (failingReader) Reader() string { return "nothing" }

func (failingReader) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{}, errors.New("no permission")
}

// A hiddenReader sees a client on every port, and nobody who listens.
type hiddenReader struct{ supervisor.SocketReader }

func (r hiddenReader) Look(_ context.Context, ports []int) (supervisor.Table, error) {
	t := supervisor.Table{Ports: map[int]supervisor.PortView{}}
	for _, port := range ports {
		t.Ports[port] = supervisor.PortView{Hidden: "it may be in a container; run Gatelight there"}
	}
	return t, nil
}

type warningReader struct{ supervisor.SocketReader }

func (warningReader) Warnings() []string { return []string{"libproc is blind"} }
