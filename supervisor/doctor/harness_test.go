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
	"sync/atomic"
	"testing"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc/config"
	"gatelight/supervisor/ibc/find"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
)

const canary = "c4nary"

// A harness is a machine on which everything is in order: an installation in a
// folder of its own, and a Gateway that runs, in this very process.
type harness struct {
	t     *testing.T
	dir   string
	ports [2]int // API, command server
	host  Host

	connected atomic.Int32 // to the API port
	commands  chan string
	notices   []string
}

func newHarness(t *testing.T) *harness {
	t.Helper()
	dir, err := os.MkdirTemp("", "gl-") // short enough for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	w := &harness{t: t, dir: dir, commands: make(chan string, 100)}
	api := w.listen(func(net.Conn) { w.connected.Add(1) })
	server := w.listen(func(c net.Conn) {
		line, _ := bufio.NewReader(c).ReadString('\n')
		w.commands <- strings.TrimSpace(line)
		fmt.Fprintln(c, "OK Goodbye")
	})
	w.ports = [2]int{api, server}

	for path, text := range map[string]string{
		"ibc/version": "3.24.1\n", "ibc/IBC.jar": "", "ibc/scripts/ibcstart.sh": "#!/bin/bash\n",
		"Jts/ibgateway/1045/jars/x.jar": "", "Jts/ibgateway/1045/.install4j/inst_jre.cfg": dir + "/jre\n", "jre/bin/java": "",
	} {
		w.write(path, text)
	}
	ini := string(config.New(config.Place{Mode: "paper", Port: api}))
	ini = strings.NewReplacer("IbLoginId=", "IbLoginId="+canary+"-login", "IbPassword=", "IbPassword="+canary+"-password",
		"CommandServerPort=7462", fmt.Sprint("CommandServerPort=", server)).Replace(ini)
	w.write("ibc/config.ini", ini)
	w.settings("")
	w.host = Host{
		Version: "test", Machine: find.Machine{OS: "linux", Home: dir, Getenv: func(string) string { return "" }, Files: os.DirFS("/")},
		Paths: settings.Paths{Settings: filepath.Join(dir, "config.toml"), Named: true, State: filepath.Join(dir, "state"), Runtime: filepath.Join(dir, "run")},
		Sockets:  sockets.New("sockets-child"), Child: []string{os.Args[0], "sockets-child"},
		Desktop: func(context.Context) (bool, error) { return false, nil },
		Notify: func(_ context.Context, title, body string) error {
			w.notices = append(w.notices, title+": "+body)
			return nil
		},
		Alerts:   func(context.Context) (Alerts, error) { return Alerts{By: "dunst 1.9.0", Buttons: true}, nil },
		Paused:   func() time.Time { return noon.Add(-time.Hour) },
		AtLogin:  func() (bool, error) { return true, nil },
		LookPath: func(string) (string, error) { return "", exec.ErrNotFound },
		Now:      func() time.Time { return noon },
	}
	return w
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.Local)

func (w *harness) alerts(a Alerts, err error) {
	w.host.Alerts = func(context.Context) (Alerts, error) { return a, err }
}

// desktop is another one, with its own notification service.
func (w *harness) desktop(name, service string) {
	w.host.Machine.Getenv = func(key string) string {
		return map[string]string{"XDG_CURRENT_DESKTOP": name}[key]
	}
	w.alerts(Alerts{By: service}, nil)
}

func (w *harness) mac(a Alerts) {
	w.host.Machine.OS = "darwin"
	w.alerts(a, nil)
}

func (w *harness) listen(serve func(net.Conn)) (port int) {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
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
	w.t.Cleanup(func() { l.Close(); <-ended })
	return l.Addr().(*net.TCPAddr).Port
}

func (w *harness) write(path, text string) {
	w.t.Helper()
	path = filepath.Join(w.dir, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	mode := os.FileMode(0o600)
	if strings.HasSuffix(path, ".sh") || strings.HasSuffix(path, "java") {
		mode = 0o700
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		w.t.Fatal(err)
	}
}

// untouched wants that nobody has connected to the API port. Connections are
// accepted in their order: one of ours comes after any other.
func (w *harness) untouched() {
	w.t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", w.ports[0]))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil { // it is hung up on when it was counted
		w.t.Fatal("the API port speaks")
	}
	if n := w.connected.Load(); n != 1 {
		w.t.Errorf("%d connections to the API port besides ours", n-1)
	}
}

// settings for this installation, and more.
func (w *harness) settings(more string) {
	w.write("config.toml", fmt.Sprintf("[[gateway]]\nname = 'paper'\nport = %d\nibc.path = '%s/ibc'\nibc.config = '%[2]s/ibc/config.ini'\nibc.tws_path = '%[2]s/Jts'\nibc.tws_settings_path = '%[2]s/Jts'\n%s",
		w.ports[0], w.dir, more))
}

// change replaces text in a file.
func (w *harness) change(path, old, new string) {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil || !strings.Contains(string(b), old) {
		w.t.Fatalf("%q is not in %s (%v)", old, path, err)
	}
	w.write(path, strings.ReplaceAll(string(b), old, new))
}

func (w *harness) remove(path string) {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, path)); err != nil {
		w.t.Fatal(err)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

type failingReader struct{ supervisor.SocketReader }

func (failingReader) Reader() string { return "nothing" }

func (failingReader) Look(context.Context, []int) (supervisor.Table, error) {
	return supervisor.Table{}, errors.New("no sight")
}

type doubtfulReader struct{ supervisor.SocketReader }

func (doubtfulReader) Doubts() []string { return []string{"libproc is blind"} }
