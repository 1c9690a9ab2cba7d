//go:build panel

package e2e

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"gatelight/supervisor/testkit"
)

var hostsPicture = flag.String("hosts-picture", "", "keep a picture of the menu with three hosts in this file")

// One icon shows three Gateways: that of this machine, one over a real ssh, and one
// in a network namespace, as in a container. It needs sshd, root, and a panel:
// make test-remote.
func TestThreeHostsOnAPanel(t *testing.T) {
	s := newPanelHarness(t, quick)
	sshd := startSSHD(t, s.dir)
	vps, box := newHarness(t, quick), newHarness(t, quick)
	vps.start("serve")
	inside := box.startInNetwork("serve")
	for _, host := range []*harness{vps, box} {
		host.await("down", in("down"))
		if out, code := host.run("start", "--wait"); code != 0 {
			t.Fatal(out)
		}
	}
	s.add("config.toml", vps.remote("vps", sshd.command()...)+
		box.remote("box", "nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", inside.Process.Pid), "env"))
	s.start()
	s.awaitMenu("Not running: paper", "Connected: vps/paper", "Connected: box/paper")
	if out, code := s.run("start", "--gateway", "paper", "--wait"); code != 0 {
		t.Fatal(out)
	}
	all := []string{"Connected: paper", "Connected: vps/paper", "Connected: box/paper"}
	s.awaitMenu(all...)
	s.awaitIcon("connected")

	// The line of ssh is cut. That Gateway is grey, and so is the icon.
	sshd.stop()
	cut := time.Now()
	s.awaitMenu("Unknown: vps/paper")
	s.awaitIcon("unknown")
	if passed := time.Since(cut); passed > 15*time.Second {
		t.Errorf("the icon was grey %v after the cut", passed)
	} else {
		t.Logf("grey %v after the cut", passed)
	}
	s.awaitMenu("Connected: paper", "Connected: box/paper")
	s.keepPicture(*hostsPicture)

	// It comes back by itself, to a Gateway that nobody has touched.
	sshd.start()
	s.awaitMenu(all...)
	s.awaitIcon("connected")
}

// keepPicture keeps the open menu in a file, if there is a name for it.
func (s panelHarness) keepPicture(file string) {
	s.t.Helper()
	if file == "" {
		return
	}
	where, err := s.OpenMenu()
	s.must(err)
	shot, err := s.Shot()
	s.must(err)
	where.Min.Y, where.Max.X = 0, shot.Rect.Max.X
	out, err := os.Create(file)
	s.must(err)
	s.must(png.Encode(out, shot.SubImage(where)))
	s.must(out.Close())
	s.must(s.CloseMenu())
}

// add adds text to a file.
func (b *harness) add(name, text string) {
	b.t.Helper()
	was, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		b.t.Fatal(err)
	}
	b.write(name, string(was)+text)
}

// startInNetwork starts the program in a network of its own.
func (b *harness) startInNetwork(args ...string) *running {
	b.t.Helper()
	cmd := b.command(args...)
	cmd.Args = append([]string{"sh", "-c", `ip link set lo up && exec "$@"`, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	r := &running{Cmd: cmd, t: b.t, output: &output{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = r.output, r.output
	return r.begin()
}

// remote is the setting for this Gatelight as another host, which the command
// reaches.
func (b *harness) remote(name string, command ...string) string {
	for _, variable := range b.command().Env {
		if strings.HasPrefix(variable, "GATELIGHT_CONFIG=") || strings.HasPrefix(variable, "GATELIGHT_STATE_DIR=") || strings.HasPrefix(variable, "GATELIGHT_RUNTIME_DIR=") {
			command = append(command, variable)
		}
	}
	quoted := fmt.Sprintf("%q", append(command, b.exe, "dial-stdio"))
	return fmt.Sprintf("\n[[remote]]\nname = %q\ncommand = %s\n", name, strings.ReplaceAll(quoted, `" "`, `", "`))
}

// An sshd is a server of ssh on this machine, with keys of its own.
type sshd struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
}

func startSSHD(t *testing.T, dir string) *sshd {
	t.Helper()
	s := &sshd{t: t, dir: dir, port: testkit.Port(t)}
	for _, key := range []string{"host", "user"} {
		if out, err := exec.Command("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, key)).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v: %s", err, out)
		}
	}
	host, err := os.ReadFile(filepath.Join(dir, "host.pub"))
	if err != nil {
		t.Fatal(err)
	}
	testkit.WriteFile(t, filepath.Join(dir, "known"), fmt.Sprintf("[127.0.0.1]:%d %s", s.port, host))
	testkit.WriteFile(t, filepath.Join(dir, "sshd_config"), fmt.Sprintf(`ListenAddress 127.0.0.1
Port %d
HostKey %[2]s/host
PidFile none
AuthorizedKeysFile %[2]s/user.pub
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
`, s.port, dir))
	if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
		t.Fatal(err)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *sshd) start() {
	s.t.Helper()
	path, err := exec.LookPath("sshd")
	if err != nil {
		s.t.Fatal(err)
	}
	s.cmd = exec.Command(path, "-D", "-f", filepath.Join(s.dir, "sshd_config"))
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
}

// stop ends it with all its sessions.
func (s *sshd) stop() {
	pids := []int{s.cmd.Process.Pid}
	for i := 0; i < len(pids); i++ {
		out, _ := exec.Command("pgrep", "-P", fmt.Sprint(pids[i]), "sshd").Output() // none: status 1
		for _, field := range strings.Fields(string(out)) {
			var pid int
			if _, err := fmt.Sscan(field, &pid); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = s.cmd.Wait()
}

// command is what reaches this machine over ssh.
func (s *sshd) command() []string {
	return []string{"ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "UserKnownHostsFile=" + filepath.Join(s.dir, "known"),
		"-i", filepath.Join(s.dir, "user"), "-p", fmt.Sprint(s.port), "127.0.0.1", "env"}
}
