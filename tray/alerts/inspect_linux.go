package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"

	"gatelight/supervisor"
	"gatelight/tray/sessionbus"
)

// Inspect asks the notification service how alerts are shown. With an error nobody
// shows them. A service that hangs and none at all need different cures, so they
// are told apart. It shows nothing, and gives up at ctx's deadline.
func Inspect(ctx context.Context) (supervisor.AlertReport, error) {
	conn, err := sessionbus.Connect(ctx)
	if err != nil {
		return supervisor.AlertReport{Do: "run it in a desktop session"}, errors.New("there is no desktop session (no session bus)")
	}
	defer conn.Close()
	available, err := isAvailable(ctx, conn)
	switch {
	case err != nil:
		return supervisor.AlertReport{Do: "log out and in again"}, fmt.Errorf("the session bus does not answer: %w", err)
	case !available:
		return supervisor.AlertReport{Do: "start your desktop's own, or install one such as dunst or mako"}, errors.New("no notification service is running")
	}
	service := conn.Object(serviceName, servicePath)
	var name, vendor, version, spec string
	if err := service.CallWithContext(ctx, serviceName+".GetServerInformation", 0).Store(&name, &vendor, &version, &spec); err != nil {
		return supervisor.AlertReport{Do: "end and restart it, or log out and in again"}, hangsOrFails(ctx, err)
	}
	name, version = supervisor.CleanText(name, supervisor.MaxName), supervisor.CleanText(version, supervisor.MaxName)
	var can []string
	if err := service.CallWithContext(ctx, serviceName+".GetCapabilities", 0).Store(&can); err != nil {
		return supervisor.AlertReport{By: name, Do: "end and restart it, or log out and in again"}, hangsOrFails(ctx, err)
	}
	return supervisor.AlertReport{By: name + " " + version, Buttons: slices.Contains(can, "actions"), Sound: slices.Contains(can, "sound")}, nil
}

// isAvailable reports a service that runs, or that the bus starts when it is called.
func isAvailable(ctx context.Context, conn *dbus.Conn) (bool, error) {
	if running, err := sessionbus.HasOwner(ctx, conn, serviceName); err != nil || running {
		return running, err
	}
	var startable []string
	err := conn.BusObject().CallWithContext(ctx, sessionbus.Name+".ListActivatableNames", 0).Store(&startable)
	return slices.Contains(startable, serviceName), err
}

func hangsOrFails(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("the notification service hangs: it is there, and does not answer")
	}
	return fmt.Errorf("the notification service fails: %w", err)
}
