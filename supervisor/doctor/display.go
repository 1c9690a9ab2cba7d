package doctor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatelight/supervisor"
	"gatelight/supervisor/ibc"
	"gatelight/supervisor/lazyregexp"
	"gatelight/supervisor/settings"
)

// display checks that there is a screen for the Gateway, which has windows: on
// Linux an X display, and IBC's scripts neither set nor start one. Without it
// Java ends as soon as it has begun.
func (c *checker) display(ctx context.Context, file settings.File) {
	const check = "display"
	if c.Machine.OS != "linux" || !c.startsGateways(file) {
		return
	}
	// What counts is the environment of what starts the Gateway. That is another
	// program when a Gatelight runs, or when a Gateway is there.
	problem, whose := c.failure, ""
	switch {
	case c.status != nil && c.status.Source != oneShot:
		problem, whose = c.warning, "; a Gateway is started with that of the Gatelight that runs"
	case c.status != nil && slices.ContainsFunc(c.status.Gateways, func(s supervisor.Snapshot) bool { return s.Listener != nil }):
		problem, whose = c.warning, "; the one that runs has been started from elsewhere"
	}
	name := c.Machine.Getenv("DISPLAY")
	if name == "" {
		problem(check, startDisplay(), "DISPLAY is not set here, so that a Gateway that is started from here has no screen and ends at once%s", whose)
		return
	}
	if err := reachDisplay(ctx, c.Sockets, name, file); err != nil {
		problem(check, startDisplay(), "DISPLAY is %q, and nobody shows windows there: %v%s", name, err, whose)
		return
	}
	c.ok(check, "the X display %s is there for the Gateway's windows", name)
}

func startDisplay() string {
	return "start one, for example with: Xvfb :1 -screen 0 1280x1024x24, and set DISPLAY=:1 where Gatelight is started (in a systemd unit: Environment=DISPLAY=:1)"
}

// startsGateways reports that there is a Gateway that IBC can start here.
func (c *checker) startsGateways(file settings.File) bool {
	for _, g := range file.Gateway {
		if _, err := c.Machine.IBC(g.IBC.Path); err == nil && !ibc.Simulated(g.IBC.Path) {
			return true
		}
	}
	return false
}

// displayName is [host]:number[.screen]: the host is empty or "unix" for this
// machine, or "localhost" as ssh has it (X(7), display names).
var displayName = lazyregexp.New(`^(?:([^:/]*)/)?([^/]*):(\d+)(?:\.\d+)?$`)

// displayPorts is where display 0 listens, on machines that are reached by TCP.
const displayPorts = 6000

// reachDisplay connects to the X server of a display over a socket that is a file, and
// closes the connection again, which every X server is used to. A port may be an API
// port all the same, whatever its number, so that the socket table is read instead.
func reachDisplay(ctx context.Context, sockets supervisor.SocketReader, name string, file settings.File) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if path, ok := displayPath(name); ok {
		return dial(ctx, path)
	}
	parts := displayName.FindStringSubmatch(name)
	if parts == nil {
		return fmt.Errorf("it is no name of a display, such as \":0\"")
	}
	protocol, host, number := parts[1], parts[2], parts[3]
	n, err := strconv.Atoi(number)
	if err != nil || n > 65535-displayPorts {
		return fmt.Errorf("there is no display %s", number)
	}
	if protocol == "unix" || protocol == "" && (host == "" || host == "unix") {
		socket := filepath.Join("/tmp/.X11-unix", "X"+number)
		if runtime.GOOS == "linux" && dial(ctx, "@"+socket) == nil {
			return nil
		}
		return dial(ctx, socket)
	}
	port := displayPorts + n
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil // it is on another machine, which nobody asks
	}
	for _, g := range file.Gateway {
		if g.Port == port {
			return fmt.Errorf("port %d is the API port of Gateway %s", port, g.Name)
		}
	}
	table, err := sockets.Look(ctx, []int{port})
	if err == nil && table.Ports[port].Listener == nil {
		err = fmt.Errorf("nobody listens on port %d", port)
	}
	return err
}

// displayPath is the socket of a display that is named by a path, maybe with a
// screen behind it.
func displayPath(name string) (string, bool) {
	path := strings.TrimPrefix(name, "unix:")
	if !strings.HasPrefix(path, "/") {
		return "", false
	}
	if _, err := os.Stat(path); err != nil {
		if i := strings.LastIndexByte(path, '.'); i > strings.LastIndexByte(path, '/') {
			path = path[:i]
		}
	}
	return path, true
}

func dial(ctx context.Context, path string) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err != nil {
		return err
	}
	return conn.Close()
}
