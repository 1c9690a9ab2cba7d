package tray

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"
)

// alertsNow asks the notification service. One that hangs and none at all are
// cured differently, so they are told apart.
func alertsNow(ctx context.Context) (Alerts, error) {
	conn, err := privateBus(ctx)
	if err != nil {
		return Alerts{Do: "run it in a desktop session"}, errors.New("there is no desktop session (no session bus)")
	}
	defer conn.Close()
	there, err := hasService(ctx, conn)
	switch {
	case err != nil:
		return Alerts{Do: "log out and in again"}, fmt.Errorf("the session bus does not answer: %w", err)
	case !there:
		return Alerts{Do: "start your desktop's own, or install one such as dunst or mako"}, errors.New("no notification service is running")
	}
	service := conn.Object(notifyService, notifyPath)
	var name, vendor, version, spec string
	if err := service.CallWithContext(ctx, notifyService+".GetServerInformation", 0).Store(&name, &vendor, &version, &spec); err != nil {
		return Alerts{Do: "end and restart it, or log out and in again"}, silent(ctx, err)
	}
	var can []string
	if err := service.CallWithContext(ctx, notifyService+".GetCapabilities", 0).Store(&can); err != nil {
		return Alerts{By: name, Do: "end and restart it, or log out and in again"}, silent(ctx, err)
	}
	return Alerts{By: name + " " + version, Buttons: slices.Contains(can, "actions"), Sound: slices.Contains(can, "sound")}, nil
}

// hasService reports a service that runs, or that the bus starts when it is called.
func hasService(ctx context.Context, conn *dbus.Conn) (bool, error) {
	if running, err := hasOwner(ctx, conn, notifyService); err != nil || running {
		return running, err
	}
	var startable []string
	err := conn.BusObject().CallWithContext(ctx, bus+".ListActivatableNames", 0).Store(&startable)
	return slices.Contains(startable, notifyService), err
}

func silent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("the notification service hangs: it is there, and does not answer")
	}
	return fmt.Errorf("the notification service fails: %w", err)
}
