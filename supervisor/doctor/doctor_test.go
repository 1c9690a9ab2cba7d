//go:build unix

package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"gatelight/supervisor"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/testkit"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sockets-child" {
		os.Exit(sockets.Child(os.Stdin, os.Stdout))
	}
	// With the race detector a child would sleep for a second before it ends.
	os.Setenv("GORACE", os.Getenv("GORACE")+" atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

func TestAHealthyMachineHasNoErrors(t *testing.T) {
	h := newHarness(t)
	sections := Run(t.Context(), h.host)
	got := strings.NewReplacer(h.dir, "DIR", fmt.Sprint(h.ports[0]), "API", fmt.Sprint(h.ports[1]), "COMMAND",
		fmt.Sprint(os.Getpid()), "PID",
		filepath.Base(os.Args[0]), "NAME", h.host.Sockets.Reader(), "READER").Replace(Text(sections, false))
	want := `Settings
  ✔ DIR/config.toml is in order

Gatelight
  ! no Gatelight is running, so nobody watches the Gateway
    → start it: gatelight
  ✔ events can be written to DIR/state/events.jsonl

Reading the socket table
  ✔ READER sees what another program does

Gateway paper, port API
  ✔ IBC 3.24.1 in DIR/ibc, and its script may be run
  ✔ IB Gateway 1045 in DIR/Jts/ibgateway/1045
  ✔ Java 17.0.10 in DIR/jre/bin/java
  ✔ DIR/ibc/config.ini is in order
  ✔ NAME (process PID) listens on port API
  ✔ IBC's command server answers on port COMMAND

Desktop
  ✔ the X display DIR/X0 is there for the Gateway's windows
  ✔ this desktop shows tray icons
  ✔ alerts: dunst 1.9.0 shows them, with buttons, without sound
  ✔ a test notification was raised. If you have not seen it: Do not disturb may be on: end its pause with: dunstctl set-paused false
  ✔ it starts when you log in

Nothing is broken; 1 thing (!) to look at.
`
	if diff := cmp.Diff(want, got); diff != "" && runtime.GOOS == "linux" { // elsewhere not all can be seen
		t.Errorf("-want +got:\n%s", diff)
	}
	if !Healthy(sections) {
		t.Error("not healthy")
	}
	h.checkAPIPortUntouched()
	if command := <-h.commands; command != "EXIT" || len(h.commands) != 0 {
		t.Errorf("the command server was told %q and %d more", command, len(h.commands))
	}
	if len(h.notices) != 1 {
		t.Errorf("notices: %q", h.notices)
	}
}

// Each case breaks one thing, which must be named with what to do about it.
func TestEachProblemIsNamedWithWhatToDo(t *testing.T) {
	for _, tt := range []problem{
		{"an unknown key", func(h *harness) { h.settings("colour = 'red'\n") }, "settings", Error,
			`there is no setting "gateway.colour"`, "fix it"},
		{"no settings where they are named", func(h *harness) { h.remove("config.toml") }, "settings", Error, "there is no ",
			"gatelight init"},
		{"settings that all can change", func(h *harness) { os.Chmod(filepath.Join(h.dir, "config.toml"), 0o666) },
			"settings permissions", Error, "other users may change", "chmod go-w"},
		{"a state folder that is a file", func(h *harness) { h.write("state", "") }, "event log", Error, "cannot be written",
			"make room on the disk"},
		{"a socket that anybody can have made", func(h *harness) {
			h.write("run/control.sock", "")
			os.Chmod(filepath.Join(h.dir, "run"), 0o777)
		}, "running", Warning, "no Gatelight of yours is running: the control socket is not yours: others may write", "remove"},
		{"no permission", func(h *harness) { h.reads(failingReader{}) }, "sockets", Error,
			"so the state is unknown: no permission", "netlink"},
		{"and no port seen", func(h *harness) { h.reads(failingReader{}) }, "port", Error,
			"cannot be seen: no permission", "see above"},
		{"a Gateway behind address translation", func(h *harness) { h.host.Sockets = hiddenReader{h.host.Sockets} }, "port", Warning,
			"hidden from here (it may be in a container; run Gatelight there)", ""},
		{"a better reader refused", func(h *harness) { h.host.Sockets = warningReader{h.host.Sockets} }, "sockets", Warning,
			"a better way is not used: libproc is blind", ""},
		{"no IBC", func(h *harness) { h.remove("ibc/version") }, "ibc", Error, "IBC is not installed in", "releases"},
		{"IBC elsewhere", func(h *harness) {
			h.remove("ibc/version")
			for path, text := range map[string]string{"version": "3.25.0", "IBC.jar": "", "scripts/ibcstart.sh": ""} {
				h.write("ibc-3.25.0/"+path, text)
			}
		}, "ibc", Error, "IBC is not installed in", "/ibc-3.25.0; set path to it"},
		{"a script that may not be run", func(h *harness) { os.Chmod(filepath.Join(h.dir, "ibc/scripts/ibcstart.sh"), 0o600) },
			"ibc", Error, "chmod +x", ""},
		{"only watched", func(h *harness) { h.remove("ibc"); h.remove("Jts/ibgateway") }, "program", Warning,
			"IB Gateway is not installed in", ""},
		{"no Gateway", func(h *harness) { h.remove("Jts/ibgateway") }, "program", Error, "IB Gateway is not installed in", ""},
		{"a version that is not there", func(h *harness) { h.settings("ibc.version = '10.45'\n") }, "program", Error,
			`it is written version = "1045"`, ""},
		{"no Java", func(h *harness) { h.remove("jre") }, "java", Error, "the Java that comes with IB Gateway 1045 is missing", ""},
		{"no settings folder", func(h *harness) {
			h.change("config.toml", "tws_settings_path = '"+h.dir+"/Jts'", "tws_settings_path = '/nowhere'")
		},
			"settings path", Error, "/nowhere is not there", "set tws_settings_path"},
		{"a settings folder with a space", func(h *harness) {
			h.write("My Jts/jts.ini", "")
			h.change("config.toml", "tws_settings_path = '"+h.dir+"/Jts'", "tws_settings_path = '"+h.dir+"/My Jts'")
		}, "settings path", Error, "there is a space in", "without one"},
		{"no config.ini", func(h *harness) { h.remove("ibc/config.ini") }, "config.ini", Error, "there is no IBC config at",
			"gatelight config new"},
		{"an error in config.ini", func(h *harness) { h.change("ibc/config.ini", "TradingMode=paper", "TradingMode=paper # mine") },
			"config.ini", Error, "TradingMode: ", "TradingMode=paper"},
		{"warnings in config.ini", func(h *harness) { os.Chmod(filepath.Join(h.dir, "ibc/config.ini"), 0o644) }, "config.ini",
			Warning, "gives 1 warning", "gatelight config check"},
		{"a restart at the time of another Gateway's in the same folder", func(h *harness) {
			h.settings("[[gateway]]\nname = 'live'\nport = 1\nibc.mode = 'live'\nibc.config = '" + h.dir + "/ibc/config.ini'\nibc.tws_settings_path = '" + h.dir + "/Jts'\n")
		}, "config.ini", Error, `Gateway "live" restarts within 5 minutes of it`, ""},
		{"a shared command port", func(h *harness) {
			h.settings("[[gateway]]\nname = 'live'\nport = 1\nibc.mode = 'live'\nibc.config = '" + h.dir + "/ibc/config.ini'\n")
		}, "command server", Error, "the Gateways paper and live have the same CommandServerPort", "of its own"},
		{"no command server", func(h *harness) {
			h.change("ibc/config.ini", fmt.Sprint("CommandServerPort=", h.ports[1]), "CommandServerPort=0")
		},
			"command server", Warning, "is off", "CommandServerPort=7462"},
		{"a command server that has not started", func(h *harness) {
			h.change("ibc/config.ini", fmt.Sprint("CommandServerPort=", h.ports[1]), fmt.Sprint("CommandServerPort=", testkit.Port(h.t)))
		}, "command server", Warning, "nobody listens on port", "restart the Gateway"},
		{"a command server of another's", func(h *harness) {
			h.change("config.toml", fmt.Sprint("port = ", h.ports[0]), fmt.Sprint("port = ", testkit.Port(h.t)))
		}, "command server", Error, "is not proven to be this Gateway's; nothing was sent", ""},
		{"port and mode", func(h *harness) { h.change("config.toml", fmt.Sprint("port = ", h.ports[0]), "port = 4001") }, "mode",
			Warning, "port 4001 is the one for live accounts", "settings"},
		{"a desktop without a tray", func(h *harness) {
			h.host.Desktop = func(context.Context) (bool, error) { return true, errors.New("no watcher") }
		}, "tray", Error, "no watcher", "gatelight watch"},
		{"no desktop", func(h *harness) {
			h.host.Desktop = func(context.Context) (bool, error) { return false, errors.New("no screen") }
		}, "tray", Warning, "no screen", ""},
		{"notifications that fail", func(h *harness) {
			h.host.Notify = func(context.Context, string, string) error { return errors.New("no service") }
		}, "notification", Warning, "no service", "Do not disturb"},
		{"notifications that hang", func(h *harness) {
			h.host.Notify = func(ctx context.Context, _, _ string) error {
				if _, has := ctx.Deadline(); !has {
					return nil
				}
				return context.DeadlineExceeded
			}
		}, "notification", Warning, "deadline exceeded", ""},
		{"notifications switched off", func(h *harness) {
			h.change("config.toml", "[[gateway]]",
				"notify = false\n[[gateway]]")
		}, "notification", Warning, "switched off", "notify = true"},
		{"nobody shows alerts", func(h *harness) {
			h.alerts(supervisor.AlertReport{Do: "install dunst"}, errors.New("no notification service is running"))
		}, "alerts", Warning, "alerts are not shown: no notification service is running", "install dunst"},
		{"who shows alerts does not answer", func(h *harness) {
			h.host.Alerts = func(ctx context.Context) (supervisor.AlertReport, error) {
				if _, has := ctx.Deadline(); !has {
					return supervisor.AlertReport{By: "nobody waits for ever"}, nil
				}
				return supervisor.AlertReport{Do: "restart it"}, errors.New("it hangs")
			}
		}, "alerts", Warning, "alerts are not shown: it hangs", "restart it"},
		{"no buttons, and no sound", func(h *harness) { h.alerts(supervisor.AlertReport{By: "xfce4-notifyd 0.8"}, nil) }, "alerts", OK,
			"xfce4-notifyd 0.8 shows them, without buttons or sound", ""},
		{"a sound that nobody hears", func(h *harness) { h.change("config.toml", "[[gateway]]", "sound = true\n[[gateway]]") },
			"sound", Warning, "dunst 1.9.0 plays no sounds", "sound = false"},
		{"Do not disturb on GNOME", func(h *harness) { h.desktop("ubuntu:GNOME", "gnome-shell 46") }, "notification", OK,
			"click the clock", ""},
		{"Do not disturb on KDE", func(h *harness) { h.desktop("KDE", "Plasma 6.1") }, "notification", OK, "click the bell", ""},
		{"Do not disturb elsewhere", func(h *harness) { h.desktop("LXQt", "lxqt-notificationd 2") }, "notification", OK,
			"in the settings of your desktop", ""},
		{"alerts that are paused", func(h *harness) { h.host.Paused = func() time.Time { return noon.Add(time.Hour) } }, "pause",
			Warning, "alerts are paused until 13:00:00", "Show them again"},
		{"a window that cannot be opened", func(h *harness) {
			h.change("config.toml", "[[gateway]]",
				"alert = 'dialog'\n[[gateway]]")
		}, "dialog", Warning, "there is no zenity", "install zenity"},
		{"a window", func(h *harness) {
			h.change("config.toml", "[[gateway]]", "alert = 'dialog'\n[[gateway]]")
			h.host.LookPath = func(name string) (string, error) { return "/usr/bin/" + name, nil }
		}, "dialog", OK, "with /usr/bin/", ""},
		{"a window on a Mac", func(h *harness) {
			h.host.Machine.OS = "darwin"
			h.change("config.toml", "[[gateway]]", "alert = 'dialog'\n[[gateway]]")
		}, "dialog", OK, "open a window as well", ""},
		{"not at login", func(h *harness) { h.host.AtLogin = func() (bool, error) { return false, nil } }, "login", Note,
			"does not start when you log in", ""},
		{"login that cannot be read", func(h *harness) {
			h.host.AtLogin = func() (bool, error) { return false, errors.New("permission denied") }
		}, "login", Warning, "permission denied", ""},
		{"macOS, the menu bar", func(h *harness) { h.host.Machine.OS = "darwin" }, "tray", OK, "Allow in the Menu Bar", ""},
		{"macOS, the notch", func(h *harness) { h.host.Machine.OS = "darwin" }, "tray", OK, "notch", ""},
		{"macOS, in its own name", func(h *harness) { h.mac(supervisor.AlertReport{By: "macOS", Buttons: true, Sound: true}) }, "alerts", OK,
			"macOS shows them, with buttons and sound", ""},
		{"macOS, in its own name, unseen", func(h *harness) { h.mac(supervisor.AlertReport{By: "macOS"}) }, "notification", OK,
			"Notifications > Gatelight, as Banners or Alerts. A Focus", ""},
		{"macOS, without banners", func(h *harness) {
			h.mac(supervisor.AlertReport{By: "macOS", Short: "they have no banner", Do: "choose Banners"})
		}, "alerts", Warning, "macOS shows them, but they have no banner", "choose Banners"},
		{"macOS, in another's name", func(h *harness) {
			h.mac(supervisor.AlertReport{By: "osascript", Unreliable: true, Short: "it was refused", Do: "allow it"})
		}, "alerts", Warning, "through osascript, and may be dropped without a word, because it was refused", "allow it"},
		{"macOS, in another's name, unseen", func(h *harness) { h.mac(supervisor.AlertReport{By: "osascript", Unreliable: true}) }, "notification",
			OK, "Notifications > Script Editor", ""},
		{"macOS, terminal-notifier", func(h *harness) { h.mac(supervisor.AlertReport{By: "terminal-notifier", Unreliable: true}) }, "notification",
			OK, "Notifications > terminal-notifier", ""},
		{"Windows", func(h *harness) { h.host.Machine.OS = "windows" }, "notification", OK, "Settings > System > Notifications", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t)
			tt.breaks(h)
			sections := Run(t.Context(), h.host)
			text := Text(sections, true)
			tt.mustBeNamed(t, sections, text)
			if tt.verdict == Error && Healthy(sections) {
				t.Error("healthy all the same")
			}
			b, err := json.Marshal(sections)
			if err != nil || strings.Contains(text+string(b), canary) {
				t.Errorf("a secret is shown, or %v:\n%s", err, text)
			}
			h.checkAPIPortUntouched()
		})
	}
}

// A notification that nobody shows is not raised, nor is one that the person
// does not want.
func TestNoTestNotificationWhenNobodyShowsIt(t *testing.T) {
	for name, breaks := range map[string]func(*harness){
		"nobody shows it": func(h *harness) { h.alerts(supervisor.AlertReport{}, errors.New("no service")) },
		"switched off": func(h *harness) {
			h.change("config.toml", "[[gateway]]", "notify = false\nalert = 'dialog'\n[[gateway]]")
		},
	} {
		h := newHarness(t)
		breaks(h)
		page := Text(Run(t.Context(), h.host), false)
		if len(h.notices) != 0 || strings.Contains(page, "dialog") || strings.Contains(page, "a test notification") {
			t.Errorf("%s: %q\n%s", name, h.notices, page)
		}
	}
}

// Whatever is wrong with config.ini, no secret of it is shown.
func TestNoSecretIsShown(t *testing.T) {
	for _, ini := range []string{
		"IbLoginId=" + canary + "\nIbPassword=" + canary + "\n",
		"IbPasword=" + canary + "\n" + canary + "\nCommandServerPort=\\\nIbPassword=" + canary + "\n",
		"CommandServerPort=" + canary + "\nTradingMode=" + canary + "\nBindAddress=" + canary + "\nIbPassword=\\uXYZ" + canary + "\n",
		"\ufeffIbPassword=" + canary + "\nIbPassword=" + canary + "2\n" + canary + "=x\nAutoRestartTime=" + canary,
	} {
		h := newHarness(t)
		h.write("ibc/config.ini", ini)
		sections := Run(t.Context(), h.host)
		b, err := json.Marshal(sections)
		if text := Text(sections, false) + string(b); err != nil || strings.Contains(text, canary) {
			t.Errorf("%v\n%s", err, text)
		}
	}
}
