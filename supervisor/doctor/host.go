package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"gatelight/supervisor/settings"
	"gatelight/supervisor/sockets"
	"gatelight/supervisor/status"
)

// settings reads the settings file. If it has a mistake, the defaults are used.
func (h Host) settings() (settings.File, []Result) {
	path := h.Paths.Settings
	_, err := os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing && h.Paths.Named {
		return defaults(path), []Result{failure("settings", "name another file, or write it with: gatelight init", "there is no %s", path)}
	}
	file, err := settings.Load(path)
	switch {
	case err != nil:
		return defaults(path), []Result{failure("settings", "fix it; until then the defaults are checked here", "%v", err)}
	case missing:
		return file, []Result{ok("settings", "there is no %s, so the defaults hold; gatelight init writes it from what is installed", path)}
	}
	results := []Result{ok("settings", "%s is in order", path)}
	for _, path := range []string{path, filepath.Dir(path)} {
		if info, err := os.Stat(path); err == nil && h.Machine.OS != "windows" && info.Mode()&0o022 != 0 {
			results = append(results, failure("settings permissions", "chmod go-w "+path,
				"other users may change %s, and with it which program is started with your login", path))
		}
	}
	return file, results
}

func defaults(path string) settings.File {
	file, err := settings.Parse(path, nil)
	if err != nil {
		panic("[unexpected] the default settings do not load: " + err.Error())
	}
	return file
}

// running asks the running Gatelight, if there is one.
func (h Host) running(ctx context.Context) []Result {
	other, err := status.Dial(ctx, h.Paths.Socket())
	switch {
	case err != nil && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)): // none, or one that has crashed
		return []Result{warning("running", "start it: gatelight", "no Gatelight is running, so nobody watches the Gateway")}
	case err != nil:
		return []Result{warning("running", "end it and start it again: gatelight", "%v", err)}
	}
	defer other.Close()
	w := other.Latest()
	if w.Version != h.Version {
		return []Result{warning("running", "quit it and start it again",
			"the Gatelight that runs is version %s, and this one is %s", w.Version, h.Version)}
	}
	return []Result{ok("running", "it is running, and answers at %s", h.Paths.Socket())}
}

// folders checks where Gatelight writes.
func (h Host) folders() []Result {
	if err := h.canWrite(); err != nil {
		return []Result{failure("event log", "fix the permissions of "+h.Paths.State, "the event log cannot be written: %v", err)}
	}
	return []Result{ok("event log", "events can be written to %s", h.Paths.Events())}
}

func (h Host) canWrite() error {
	f, err := os.OpenFile(h.Paths.Events(), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The first start makes it so.
	if err := os.MkdirAll(h.Paths.State, 0o700); err != nil {
		return err
	}
	f, err = os.CreateTemp(h.Paths.State, "doctor-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// reader checks the reader of the socket table against a child's sockets.
func (h Host) reader(ctx context.Context) []Result {
	err := sockets.Check(ctx, h.Sockets, h.Child...)
	var results []Result
	if err != nil {
		results = append(results, failure("sockets", h.mendReader(),
			"the socket table cannot be read with %s, so the state is unknown: %v", h.Sockets.Reader(), err))
	} else {
		results = append(results, ok("sockets", "%s sees what another program does", h.Sockets.Reader()))
	}
	if d, can := h.Sockets.(interface{ Warnings() []string }); can {
		for _, why := range d.Warnings() {
			results = append(results, warning("sockets", "", "a better way is not used: %s", why))
		}
	}
	return results
}

func (h Host) mendReader() string {
	switch h.Machine.OS {
	case "darwin":
		return "update Gatelight; macOS may have changed what programs can see"
	case "linux":
		return "allow netlink sockets (a container or a sandbox may forbid them)"
	}
	return "report it, with this line"
}
