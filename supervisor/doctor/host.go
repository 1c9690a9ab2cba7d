package doctor

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gatelight/supervisor/regularfile"
	"gatelight/supervisor/settings"
	"gatelight/supervisor/status"
)

// settings reads the settings file. If it has a mistake, the defaults are used.
func (c *checker) settings() settings.File {
	path := c.Paths.Settings
	_, err := os.Stat(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing && c.Paths.Named {
		c.failure("settings", "name another file, or write it with: gatelight init", "there is no %s", path)
		return defaults(path)
	}
	file, err := settings.Load(path)
	if err != nil {
		c.failure("settings", "fix it; until then the defaults are checked here", "%v", err)
		return defaults(path)
	}
	if missing {
		c.note("settings", "there is no %s, so the defaults hold; gatelight init writes it from what is installed", path)
		return file
	}
	c.ok("settings", "%s is in order", path)
	for _, path := range []string{path, filepath.Dir(path)} {
		if info, err := os.Stat(path); err == nil && c.Machine.OS != "windows" && info.Mode()&0o022 != 0 {
			c.failure("settings permissions", "chmod go-w "+path,
				"other users may change %s, and with it which program is started with your login", path)
		}
	}
	return file
}

func defaults(path string) settings.File {
	file, err := settings.Parse(path, nil)
	if err != nil {
		panic("[unexpected] the default settings do not load: " + err.Error())
	}
	return file
}

// running asks the running Gatelight, if there is one.
func (c *checker) running(ctx context.Context) {
	other, err := status.Dial(ctx, c.Paths)
	switch {
	case errors.Is(err, status.ErrNotRunning):
		c.warning("running", "start it: gatelight", "no Gatelight is running, so nobody watches the Gateway")
		return
	case errors.Is(err, status.ErrForeign):
		c.warning("running", "remove that, then start gatelight", "no Gatelight of yours is running: %v", err)
		return
	case err != nil:
		c.warning("running", "end it and start it again: gatelight", "%v", err)
		return
	}
	defer other.Close()
	c.status = new(other.Latest())
	if w := *c.status; w.Version != c.Version {
		c.warning("running", "quit it and start it again", "the Gatelight that runs is version %s, and this one is %s", w.Version, c.Version)
	} else {
		c.ok("running", "it is running, and answers at %s", other.Socket())
	}
}

// lookAlone judges by looking where no Gatelight runs. A look that fails is
// reported by the checks of the ports.
func (c *checker) lookAlone(ctx context.Context, file settings.File) {
	if c.Look == nil || c.status != nil {
		return
	}
	if w, err := c.Look(ctx, file); err == nil {
		c.status = &w
	}
}

// folders checks where Gatelight writes.
func (c *checker) folders() {
	if err := c.canWrite(); err != nil {
		do := "fix the permissions of " + c.Paths.State
		if !errors.Is(err, fs.ErrPermission) {
			do = "make room on the disk of " + c.Paths.State + ", or remove what is in the way there"
		}
		c.failure("event log", do, "the event log cannot be written: %v", err)
	} else {
		c.ok("event log", "events can be written to %s", c.Paths.Events())
	}
}

// canWrite writes a byte into the state folder. Permissions alone say nothing of
// a full disk.
func (c *checker) canWrite() error {
	f, err := regularfile.OpenFile(c.Paths.Events(), os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// The first start makes it so.
	if err := os.MkdirAll(c.Paths.State, 0o700); err != nil {
		return err
	}
	f, err = os.CreateTemp(c.Paths.State, "doctor-")
	if err != nil {
		return err
	}
	_, err = f.Write([]byte("x"))
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
}

// reader checks the reader of the socket table against a child's sockets.
func (c *checker) reader(ctx context.Context) {
	c.blind = c.CheckSockets(ctx)
	if err := c.blind; err != nil {
		c.failure("sockets", c.mendReader(),
			"the socket table cannot be read with %s, so the state is unknown: %v", c.Sockets.Reader(), err)
	} else {
		c.ok("sockets", "%s sees what another program does", c.Sockets.Reader())
	}
	if d, can := c.Sockets.(interface{ Warnings() []string }); can {
		for _, why := range d.Warnings() {
			c.warning("sockets", "", "a better way is not used: %s", why)
		}
	}
}

func (c *checker) mendReader() string {
	switch c.Machine.OS {
	case "darwin":
		return "update Gatelight; macOS may have changed what programs can see"
	case "linux":
		return "allow netlink sockets (a container or a sandbox may forbid them)"
	}
	return "report it, with this line"
}
