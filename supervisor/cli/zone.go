package cli

import (
	"context"
	"os"
	"strings"
	"time"

	"gatelight/supervisor"
)

// zoneInterval is how soon a change of the time zone is noticed.
const zoneInterval = time.Minute

// zoneLink leads to the data of the machine's time zone, on macOS and Linux.
const zoneLink = "/etc/localtime"

// followZone tells the supervisor of a change of the machine's time zone, until
// ctx ends. A zone that TZ names does not change, and Windows has no such link.
func followZone(ctx context.Context) {
	if _, set := os.LookupEnv("TZ"); set {
		return
	}
	known := zoneNow()
	for known != "" && supervisor.Sleep(ctx, zoneInterval) {
		name := zoneNow()
		if name == "" || name == known {
			continue
		}
		if zone, err := time.LoadLocation(name); err == nil {
			supervisor.SetZone(zone)
			known = name
		}
	}
}

func zoneNow() string {
	target, _ := os.Readlink(zoneLink)
	return zoneName(target)
}

// zoneName is the name of the zone that a path of its data ends with:
// /var/db/timezone/zoneinfo/Europe/Berlin.
func zoneName(path string) string {
	_, rest, found := strings.Cut(path, "/zoneinfo")
	_, name, more := strings.Cut(rest, "/")
	if !found || !more {
		return ""
	}
	return name
}
